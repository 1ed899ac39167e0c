// SHA256 at 0x02, RIPEMD160 at 0x03, ID at 0x04 (Yellow Paper, appendix E).
#include "valence/crypto/ripemd160.hpp"
#include "valence/crypto/sha256.hpp"
#include "valence/evm/precompiles/definition.hpp"

namespace valence::evm::precompiles {
namespace {

std::optional<Bytes> sha256(BytesView input) { return base::to_bytes(crypto::sha256(input)); }

std::optional<Bytes> ripemd160(BytesView input) {
    return base::to_bytes(base::from_right_aligned<Hash>(crypto::ripemd160(input)));
}

std::optional<Bytes> identity(BytesView input) { return base::to_bytes(input); }

}  // namespace

PrecompileResult run_sha256(BytesView input, Gas gas, Revision revision) {
    return charged<cost_by_words<60, 12>, sha256>(input, gas, revision);
}

PrecompileResult run_ripemd160(BytesView input, Gas gas, Revision revision) {
    return charged<cost_by_words<600, 120>, ripemd160>(input, gas, revision);
}

PrecompileResult run_identity(BytesView input, Gas gas, Revision revision) {
    return charged<cost_by_words<15, 3>, identity>(input, gas, revision);
}

}  // namespace valence::evm::precompiles
