// KZG_POINT_EVALUATION at 0x0a (EIP-4844).
#include "valence/crypto/kzg.hpp"
#include "valence/evm/precompiles/definition.hpp"

namespace valence::evm::precompiles {
namespace {

namespace kzg = crypto::kzg;

/// versioned hash ‖ z ‖ y ‖ commitment ‖ proof.
constexpr std::size_t kInputSize = 192;

/// The size of a blob in field elements and the modulus, as words.
std::optional<Bytes> compute(BytesView input) {
    if (input.size() != kInputSize) return std::nullopt;
    const auto commitment = padded_part<48>(input, 96);
    const auto proof = padded_part<48>(input, 144);
    if (kzg::versioned_hash(commitment) != base::from_exact<Hash>(input.first(32))) return std::nullopt;
    if (!kzg::verify_point_evaluation(commitment, padded_word(input, 32), padded_word(input, 64), proof)) {
        return std::nullopt;
    }
    Bytes output(64);
    U256{kzg::kFieldElementsPerBlob}.store_be32(output.data());
    kzg::kScalarModulus.store_be32(output.data() + 32);
    return output;
}

}  // namespace

PrecompileResult run_kzg_point_evaluation(BytesView input, Gas gas, Revision revision) {
    return charged<fixed_cost<50'000>, compute>(input, gas, revision);
}

}  // namespace valence::evm::precompiles
