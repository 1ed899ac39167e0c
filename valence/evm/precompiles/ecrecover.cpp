// ECREC at 0x01: the signer's address (Yellow Paper, appendix E).
#include "valence/crypto/secp256k1.hpp"
#include "valence/evm/precompiles/definition.hpp"

namespace valence::evm::precompiles {
namespace {

/// digest ‖ v ‖ r ‖ s → the address as a word; nothing where nobody can have signed. A high s is accepted.
std::optional<Bytes> compute(BytesView input) {
    const auto digest = padded_word(input, 0).to_hash();
    const auto v = padded_word(input, 32);
    const auto r = padded_word(input, 64);
    const auto s = padded_word(input, 96);
    if (v != U256{27} && v != U256{28}) return Bytes{};
    const auto signer = crypto::recover_address(digest, r, s, v == U256{28});
    if (!signer) return Bytes{};
    return base::to_bytes(base::from_right_aligned<Hash>(*signer));
}

}  // namespace

PrecompileResult run_ecrecover(BytesView input, Gas gas, Revision revision) {
    return charged<fixed_cost<3000>, compute>(input, gas, revision);
}

}  // namespace valence::evm::precompiles
