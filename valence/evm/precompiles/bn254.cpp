// BN254_ADD at 0x06, BN254_MUL at 0x07 (EIP-196) and BN254_PAIRING at 0x08 (EIP-197), repriced by EIP-1108
// (Istanbul).
#include "valence/crypto/bn254/bn254.hpp"

#include "valence/evm/precompiles/definition.hpp"

namespace valence::evm::precompiles {
namespace {

/// x ‖ y of P, then x and y of Q with the imaginary part first.
constexpr std::size_t kPairSize = 192;

template <Gas before_istanbul, Gas since_istanbul>
Gas cost_by_revision(BytesView, Revision revision) {
    return revision >= Revision::istanbul ? since_istanbul : before_istanbul;
}

Gas pairing_cost(BytesView input, Revision revision) {
    const auto pairs = static_cast<Gas>(input.size() / kPairSize);
    return revision >= Revision::istanbul ? 45'000 + 34'000 * pairs : 100'000 + 80'000 * pairs;
}

crypto::bn254::G1Point point_at(BytesView input, std::size_t offset) {
    return {padded_word(input, offset), padded_word(input, offset + 32)};
}

std::optional<Bytes> encode(const std::optional<crypto::bn254::G1Point>& point) {
    if (!point) return std::nullopt;
    Bytes output(64);
    point->x.store_be32(output.data());
    point->y.store_be32(output.data() + 32);
    return output;
}

std::optional<Bytes> add(BytesView input) {
    return encode(crypto::bn254::add(point_at(input, 0), point_at(input, 64)));
}

std::optional<Bytes> multiply(BytesView input) {
    return encode(crypto::bn254::multiply(point_at(input, 0), padded_word(input, 64)));
}

std::optional<Bytes> pairing(BytesView input) {
    if (input.size() % kPairSize != 0) return std::nullopt;
    std::vector<crypto::bn254::Pair> pairs;
    pairs.reserve(input.size() / kPairSize);
    for (; !input.empty(); input = input.subspan(kPairSize)) {
        const auto word = [&](std::size_t i) { return U256::from_be32(input.data() + 32 * i); };
        pairs.push_back(
            {{word(0), word(1)},
             {.x_real = word(3), .x_imaginary = word(2), .y_real = word(5), .y_imaginary = word(4)}});
    }
    const auto is_one = crypto::bn254::pairing_check(pairs);
    if (!is_one) return std::nullopt;
    return base::to_bytes(U256{*is_one ? 1u : 0u}.to_hash());
}

}  // namespace

PrecompileResult run_bn254_add(BytesView input, Gas gas, Revision revision) {
    return charged<cost_by_revision<500, 150>, add>(input, gas, revision);
}

PrecompileResult run_bn254_mul(BytesView input, Gas gas, Revision revision) {
    return charged<cost_by_revision<40'000, 6000>, multiply>(input, gas, revision);
}

PrecompileResult run_bn254_pairing(BytesView input, Gas gas, Revision revision) {
    return charged<pairing_cost, pairing>(input, gas, revision);
}

}  // namespace valence::evm::precompiles
