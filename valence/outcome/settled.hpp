// Settled: a job with its outcome, as the body of a block lists them, each once, by first use.
#pragma once

#include <span>

#include "valence/outcome/evidence.hpp"

namespace valence::outcome {

struct Outcome {
    /// Empty when the evidence is Unavailable.
    Integers output;
    /// Who is credited with the compute part of the fee.
    Address payee;
    Evidence evidence;

    bool is_available() const { return !std::holds_alternative<Unavailable>(evidence); }
    bool operator==(const Outcome&) const = default;
};

struct Settled {
    Job job;
    Outcome outcome;
    bool operator==(const Settled&) const = default;
};

/// Bytes of its proof; 0 where there is none.
std::size_t proof_bytes(const Outcome& outcome);

/// rlp([[job, output, payee, evidence], …])
Bytes encode_settled(std::span<const Settled> list);
Result<std::vector<Settled>> decode_settled(BytesView bytes);

/// Merkle root over keccak256(job id ‖ keccak256(output) ‖ payee ‖ keccak256(evidence)) in the order of the
/// list; zero for an empty one. The block's header carries it as its extra data.
Hash outcomes_root(std::span<const Settled> list);
Hash outcome_leaf(const JobId& job, const Outcome& outcome);

}  // namespace valence::outcome
