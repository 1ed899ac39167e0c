#include "valence/chain/inference/fees.hpp"

#include <algorithm>

namespace valence::chain {
namespace {

constexpr std::uint64_t kMost = std::uint64_t{1} << 62;

/// Bytes of an encoded SignedEvidence at its longest.
constexpr std::uint64_t kSignedEvidenceBytes = 80;

using Wide = base::UInt128;

std::uint64_t saturate(Wide gas) { return gas > kMost ? kMost : static_cast<std::uint64_t>(gas); }

/// Running the model once.
std::uint64_t run_gas(const InferenceFees& fees, const ml::Cost& cost) {
    return saturate(Wide{fees.run} + cost.work / fees.work_per_gas);
}

/// Checking a proof.
Wide check_gas(const InferenceFees& fees, const zk::ProofCost& cost) {
    return Wide{fees.proof_gas_per_microsecond} * cost.work / 1'000;
}

std::uint64_t verification_gas(const InferenceFees& fees, const DescribedModel& model, outcome::Mode mode) {
    switch (mode) {
        case outcome::Mode::replay:
            return run_gas(fees, model.cost.total);
        case outcome::Mode::operator_signed:
            return fees.signature + fees.evidence_byte * kSignedEvidenceBytes;
        case outcome::Mode::zk:
            if (model.proofs == nullptr) return kMost;  // refused before it is priced
            return saturate(check_gas(fees, model.proofs->cost) +
                            Wide{fees.evidence_byte} * model.proofs->cost.most_bytes);
        default:
            return kMost;  // refused before it is priced
    }
}

}  // namespace

std::uint64_t key_reading_gas(const InferenceFees& fees, std::size_t key_size) {
    return saturate(Wide{fees.key_byte_read} * key_size);
}

std::uint64_t proof_check_gas(const InferenceFees& fees, const DescribedModel& model) {
    VALENCE_CHECK(model.proofs != nullptr);
    const auto border = Wide{fees.integer} * (model.input_size + model.output_size);
    return saturate(border + check_gas(fees, model.proofs->cost));
}

InferenceGas inference_gas(const InferenceFees& fees, const DescribedModel& model, outcome::Mode mode) {
    const auto run = Wide{run_gas(fees, model.cost.total)};
    const auto border = Wide{fees.integer} * (model.input_size + model.output_size);
    const auto work = mode == outcome::Mode::zk ? fees.proof + fees.runs_of_proof * run : run;
    return {key_reading_gas(fees, model.key_size), saturate(border + verification_gas(fees, model, mode)),
            saturate(work * fees.compute_percent / 100)};
}

}  // namespace valence::chain
