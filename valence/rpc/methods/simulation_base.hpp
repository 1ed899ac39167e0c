// What a simulation runs on: a block, the state after it, and the hashes of its ancestors.
#pragma once

#include "valence/chain/evm_host.hpp"
#include "valence/node/simulated_inference.hpp"
#include "valence/rpc/call.hpp"
#include "valence/rpc/lookup.hpp"
#include "valence/rpc/simulation/base.hpp"

namespace valence::rpc {

/// Hashes of the canonical chain.
class CanonicalHashes : public chain::BlockHashes {
public:
    explicit CanonicalHashes(const node::ChainReader& chain) : chain_(chain) {}
    Hash block_hash(std::uint64_t number) const override {
        return chain_.block_hash(number).value_or(Hash{});
    }

private:
    const node::ChainReader& chain_;
};

class SimulationBase {
public:
    SimulationBase(const node::Node& node, FoundState found)
        : rules_(node.config().genesis.rules),
          found_(std::move(found)),
          hashes_(node.chain()),
          inference_(node::SimulatedInference::of(node)) {}

    /// For runs that are given up at `deadline`.
    simulation::Base base(const Deadline& deadline) const {
        return {rules_,        found_.block->block.header,
                *found_.state, hashes_,
                deadline,      inference_ ? &inference_->environment() : nullptr};
    }
    const FoundState& found() const { return found_; }

private:
    const chain::RuleSet& rules_;
    FoundState found_;
    CanonicalHashes hashes_;
    std::unique_ptr<node::SimulatedInference> inference_;
};

/// The block at a parameter, or `otherwise` when it is not given.
Answer<SimulationBase> simulation_base(const Call& call, std::size_t index, BlockTag otherwise);

simulation::Limits simulation_limits(const Limits& limits);

}  // namespace valence::rpc
