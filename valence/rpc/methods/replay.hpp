// Replay: a block of the chain run again, with all that a BlockReplay refers to.
#pragma once

#include "valence/chain/inference/block_outcomes.hpp"
#include "valence/rpc/context.hpp"
#include "valence/rpc/tracers/block_replay.hpp"

namespace valence::rpc {

class Replay {
public:
    /// Before the block's first transaction. Errors: genesis, and a state that is not kept.
    static Answer<std::unique_ptr<Replay>> of(const node::Node& node, const sequencer::SharedBlock& block,
                                              const Deadline& deadline) {
        if (block->number() == 0) return server_error("genesis is not traceable");
        const auto state = node.chain().state_before(block->number());
        if (state.has_error()) return from_error(state.error());
        return std::unique_ptr<Replay>(new Replay(node, block, state.value(), deadline));
    }

    tracers::BlockReplay* operator->() { return &replay_; }

private:
    Replay(const node::Node& node, sequencer::SharedBlock block,
           std::shared_ptr<const state::StateReader> state, const Deadline& deadline)
        : block_(std::move(block)),
          state_(std::move(state)),
          hashes_(node.chain()),
          outcomes_(block_->outcomes),
          inference_(environment(node)),
          replay_(node.config().genesis.rules, *block_, *state_, hashes_, deadline,
                  inference_ ? &*inference_ : nullptr) {}

    std::optional<chain::InferenceEnvironment> environment(const node::Node& node) {
        const auto& rules = node.config().genesis.rules.inference;
        if (!rules) return std::nullopt;
        return chain::InferenceEnvironment{*rules, node.model_catalogue(), outcomes_, node.models()};
    }

    sequencer::SharedBlock block_;
    std::shared_ptr<const state::StateReader> state_;
    node::CanonicalHashes hashes_;
    /// Those of the block, as everybody who verified it had them.
    chain::BlockOutcomes outcomes_;
    std::optional<chain::InferenceEnvironment> inference_;
    tracers::BlockReplay replay_;
};

}  // namespace valence::rpc
