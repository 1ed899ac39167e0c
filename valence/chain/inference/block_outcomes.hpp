// BlockOutcomes: the outcomes that a block's body carries, as execution asks for them.
#pragma once

#include <span>

#include <boost/unordered/unordered_flat_map.hpp>

#include "valence/chain/inference/record.hpp"

namespace valence::chain {

class BlockOutcomes final : public OutcomeSource {
public:
    /// The list must outlive this.
    explicit BlockOutcomes(std::span<const outcome::Settled> list);

    const outcome::Outcome* find(const outcome::JobId& id, const outcome::Job& job) override;

    /// In the order of the list.
    std::span<const outcome::JobId> ids() const { return ids_; }

private:
    std::vector<outcome::JobId> ids_;
    boost::unordered_flat_map<outcome::JobId, const outcome::Outcome*, std::hash<outcome::JobId>> outcomes_;
};

/// Whether the list holds the jobs that executing the block used: each, once, by first use, and no other.
/// Errors: ChainError::outcome_missing, outcome_unused.
Result<void> validate_use(std::span<const outcome::JobId> listed, std::span<const outcome::JobId> used);

}  // namespace valence::chain
