// P256VERIFY at 0x100 (EIP-7951).
#include "valence/crypto/p256.hpp"
#include "valence/evm/precompiles/definition.hpp"

namespace valence::evm::precompiles {
namespace {

/// digest ‖ r ‖ s ‖ x ‖ y → 1 as a word, or nothing at all.
constexpr std::size_t kInputSize = 160;

std::optional<Bytes> compute(BytesView input) {
    if (input.size() != kInputSize) return Bytes{};
    const auto digest = base::from_exact<Hash>(input.first(32));
    const auto word = [&](std::size_t i) { return U256::from_be32(input.data() + 32 * i); };
    if (!crypto::p256_verify(digest, word(1), word(2), {word(3), word(4)})) return Bytes{};
    return base::to_bytes(U256{1}.to_hash());
}

}  // namespace

PrecompileResult run_p256_verify(BytesView input, Gas gas, Revision revision) {
    return charged<fixed_cost<6900>, compute>(input, gas, revision);
}

}  // namespace valence::evm::precompiles
