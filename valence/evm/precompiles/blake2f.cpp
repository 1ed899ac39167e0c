// BLAKE2F at 0x09: the compression function of BLAKE2b (EIP-152).
#include "valence/crypto/blake2b.hpp"
#include "valence/evm/precompiles/definition.hpp"

namespace valence::evm::precompiles {
namespace {

/// rounds (4, big-endian) ‖ h (64) ‖ m (128) ‖ t (16) ‖ final (1); words are little-endian.
constexpr std::size_t kInputSize = 213;

std::uint32_t rounds_of(BytesView input) {
    return std::uint32_t{input[0]} << 24 | std::uint32_t{input[1]} << 16 | std::uint32_t{input[2]} << 8 |
           input[3];
}

/// A gas per round.
Gas cost(BytesView input, Revision) { return input.size() == kInputSize ? rounds_of(input) : 0; }

std::optional<Bytes> compute(BytesView input) {
    if (input.size() != kInputSize || input[212] > 1) return std::nullopt;
    crypto::Blake2bInput block{};
    std::memcpy(block.state.data(), input.data() + 4, 64);
    std::memcpy(block.message.data(), input.data() + 68, 128);
    std::memcpy(block.offset.data(), input.data() + 196, 16);
    block.block = input[212] == 1 ? crypto::Blake2bBlock::last : crypto::Blake2bBlock::inner;
    const auto state = crypto::blake2b_compress(block, rounds_of(input));
    Bytes output(64);
    std::memcpy(output.data(), state.data(), output.size());
    return output;
}

}  // namespace

PrecompileResult run_blake2f(BytesView input, Gas gas, Revision revision) {
    return charged<cost, compute>(input, gas, revision);
}

}  // namespace valence::evm::precompiles
