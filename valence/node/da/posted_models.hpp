// Files of models on a chain that is derived: which a block may use, and which can be posted at all.
//
//     PostedModels     those that are in the layer by then: what else this node has does not count, so that
//                      all who derive the chain decide alike
//     PostableModels   those that fit into a batch: a sequencer opens no other
#pragma once

#include <functional>
#include <mutex>

#include "valence/chain/genesis.hpp"
#include "valence/compute/model_store/model_store.hpp"
#include "valence/outcome/model_source.hpp"

namespace valence::node {

/// Whether the model is open from the chain's beginning: whoever wrote the genesis sees to it that everybody
/// has its file, and nobody can be kept from going on who trusts that.
bool is_opened_by(const chain::Genesis& genesis, const ml::ModelId& id);

/// From any thread.
class PostedModels final : public outcome::ModelSource {
public:
    using IsPosted = std::function<bool(const ml::ModelId&)>;

    /// `files` is the node's, and outlives this.
    PostedModels(outcome::ModelSource& files, IsPosted is_posted)
        : files_(files), is_posted_(std::move(is_posted)) {}

    /// OutcomeError::model_missing also for one that is not posted, whether this node has the file or not.
    Result<std::shared_ptr<const outcome::LoadedModel>> load(const ml::ModelId& id) override;

    /// Before a block is tried.
    void begin();
    /// The first model that the block asked for and that is not posted: nobody will ever take that block.
    std::optional<ml::ModelId> unposted() const;
    /// The first that is posted, and that this node does not have.
    std::optional<ml::ModelId> missing() const;

private:
    outcome::ModelSource& files_;
    const IsPosted is_posted_;
    mutable std::mutex mutex_;  // guards what follows
    std::optional<ml::ModelId> unposted_;
    std::optional<ml::ModelId> missing_;
};

/// From any thread.
class PostableModels final : public outcome::ModelSource {
public:
    /// `most`: bytes of a file. All outlive this.
    PostableModels(std::shared_ptr<outcome::ModelSource> files, const compute::ModelStore& store,
                   const chain::Genesis& genesis, std::uint64_t most)
        : files_(std::move(files)), store_(store), genesis_(genesis), most_(most) {}

    /// OutcomeError::model_missing also for one that is too large.
    Result<std::shared_ptr<const outcome::LoadedModel>> load(const ml::ModelId& id) override;

private:
    const std::shared_ptr<outcome::ModelSource> files_;
    const compute::ModelStore& store_;
    const chain::Genesis& genesis_;
    const std::uint64_t most_;
};

}  // namespace valence::node
