// ProvableModels: where a node finds what proofs of a model are held against: its key, never its weights.
#pragma once

#include <memory>

#include "valence/ml/model/verifying_key.hpp"
#include "valence/zk/protocol/argument/proof_cost.hpp"
#include "valence/zk/protocol/proof_format.hpp"

namespace valence::outcome {

struct Provable {
    zk::ProvableModel model;
    zk::ProofCost cost;
};

class ProvableModels {
public:
    virtual ~ProvableModels() = default;
    /// Null for what is no model here, or one whose key has no commitment. The same answer on every node for
    /// the same block. From any thread.
    virtual std::shared_ptr<const Provable> provable(const ml::ModelId& id) = 0;
};

/// Has none.
class NothingProvable final : public ProvableModels {
public:
    std::shared_ptr<const Provable> provable(const ml::ModelId&) override { return nullptr; }
};

}  // namespace valence::outcome
