#include "valence/zk/protocol/transcript/grinding.hpp"

#include "valence/crypto/blake3.hpp"

namespace valence::zk {
namespace {

const crypto::Blake3Key& grinding_key() {
    static const auto key = crypto::Blake3Key::of_context("Valence 2026-11 proof grinding");
    return key;
}

/// The digest's first eight bytes, the first the highest.
std::uint64_t leading_bits(const Hash& digest) {
    std::uint64_t bits = 0;
    for (std::size_t i = 0; i < 8; ++i)
        bits = bits << 8 | digest[i];
    return bits;
}

}  // namespace

bool has_work(const Hash& seed, int bits, std::uint64_t nonce) {
    std::array<std::uint8_t, Hash::kSize + 8> message;
    std::copy(seed.begin(), seed.end(), message.begin());
    for (std::size_t i = 0; i < 8; ++i)
        message[Hash::kSize + i] = static_cast<std::uint8_t>(nonce >> (8 * i));
    return std::countl_zero(leading_bits(crypto::blake3(message, grinding_key()))) >= bits;
}

std::uint64_t least_nonce(const Hash& seed, int bits) {
    std::uint64_t nonce = 0;
    while (!has_work(seed, bits, nonce))
        ++nonce;
    return nonce;
}

}  // namespace valence::zk
