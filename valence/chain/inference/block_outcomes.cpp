#include "valence/chain/inference/block_outcomes.hpp"

#include "valence/base/hex.hpp"
#include "valence/chain/chain_error.hpp"

namespace valence::chain {

BlockOutcomes::BlockOutcomes(std::span<const outcome::Settled> list) {
    ids_.reserve(list.size());
    outcomes_.reserve(list.size());
    for (const auto& entry : list) {
        ids_.push_back(outcome::job_id(entry.job));
        outcomes_.emplace(ids_.back(), &entry.outcome);
    }
}

const outcome::Outcome* BlockOutcomes::find(const outcome::JobId& id, const outcome::Job&) {
    const auto found = outcomes_.find(id);
    return found == outcomes_.end() ? nullptr : found->second;
}

Result<void> validate_use(std::span<const outcome::JobId> listed, std::span<const outcome::JobId> used) {
    const auto common = std::min(listed.size(), used.size());
    for (std::size_t i = 0; i < common; ++i)
        if (listed[i] != used[i])
            return Error{ChainError::outcome_unused, "place " + std::to_string(i) + " of the list: have " +
                                                         base::to_hex_prefixed(listed[i]) + ", want " +
                                                         base::to_hex_prefixed(used[i])};
    if (listed.size() > used.size())
        return Error{ChainError::outcome_unused, base::to_hex_prefixed(listed[common])};
    if (used.size() > listed.size())
        return Error{ChainError::outcome_missing, base::to_hex_prefixed(used[common])};
    return success();
}

}  // namespace valence::chain
