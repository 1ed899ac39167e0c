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

std::uint64_t verification_gas(const InferenceFees& fees, std::uint64_t run, outcome::Mode mode) {
    switch (mode) {
        case outcome::Mode::replay:
            return run;
        case outcome::Mode::operator_signed:
            return fees.signature + fees.evidence_byte * kSignedEvidenceBytes;
        default:
            return kMost;  // refused before it is priced
    }
}

}  // namespace

InferenceGas inference_gas(const InferenceFees& fees, const DescribedModel& model, outcome::Mode mode) {
    const auto run = run_gas(fees, model.cost.total);
    const auto border = Wide{fees.integer} * (model.input_size + model.output_size);
    return {saturate(border + verification_gas(fees, run, mode)),
            saturate(Wide{run} * fees.compute_percent / 100)};
}

}  // namespace valence::chain
