// What a proof is about: "the model with this id, on these inputs, gives these outputs".
#pragma once

#include <span>
#include <vector>

#include "valence/ml/model/verifying_key.hpp"
#include "valence/ml/reference/values.hpp"
#include "valence/zk/protocol/circuit/compile.hpp"
#include "valence/zk/protocol/soundness/soundness.hpp"
#include "valence/zk/protocol/transcript/transcript.hpp"

namespace valence::zk {

/// One inference, and what the caller binds its proof to.
struct Statement {
    ml::ModelId model;                   // binds graph, weights and their commitment
    std::span<const ml::Values> inputs;  // in the order of the graph's ports
    std::span<const ml::Values> outputs;
    BytesView context;  // the caller's: chain, job, payee
};

/// Begins the transcript: protocol and version, profile, statement, flags. Everything that prover and
/// verifier know before the first message.
Transcript begin(const SecurityProfile& profile, const Statement& statement,
                 std::span<const Saturation> flags);

/// One byte for each requantisation: above + 3·below.
Bytes encode_flags(std::span<const Saturation> flags);

/// Answers the compiler with flags read from a proof.
class GivenSaturations final : public SaturationSource {
public:
    explicit GivenSaturations(std::vector<Saturation> flags) : flags_(std::move(flags)) {}
    /// Errors: bad_flags if there are fewer than the model has requantisations.
    Result<Saturation> saturation(const Circuit&, QuantityId, const ml::Requantisation&) override;
    /// Whether each was asked for.
    bool used_up() const { return next_ == flags_.size(); }

private:
    std::vector<Saturation> flags_;
    std::size_t next_ = 0;
};

/// How many flags a model's proofs have: its requantisations. Nothing else is taken from the graph.
std::size_t count_saturations(const ml::Graph& graph);
/// Errors: ProofError::not_canonical for a byte that is no flag.
Result<std::vector<Saturation>> decode_flags(BytesView bytes);

}  // namespace valence::zk
