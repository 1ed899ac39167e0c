#include "valence/zk/protocol/transcript/grinding.hpp"

#include "valence/crypto/blake3_batch.hpp"
#include "valence/zk/protocol/proof/little_endian.hpp"

namespace valence::zk {
namespace {

const crypto::Blake3Key& grinding_key() {
    static const auto key = crypto::Blake3Key::of_context("Valence 2026-11 proof grinding");
    return key;
}

/// Whether the digest's first eight bytes, the first the highest, have that many leading zero bits.
bool enough(const Hash& digest, int bits) {
    return std::countl_zero(__builtin_bswap64(load_little_endian(digest.data()))) >= bits;
}

}  // namespace

bool has_work(const Hash& seed, int bits, std::uint64_t nonce) {
    crypto::Blake3 hash(grinding_key());
    return enough(hash.update(seed.bytes).update(little_endian(nonce)).digest(), bits);
}

std::optional<std::uint64_t> least_nonce_among(const Hash& seed, int bits, std::uint64_t first,
                                               std::uint64_t end) {
    // Messages are columns of 8-byte words: four rows of the seed's words, which stay, and one of nonces.
    constexpr std::size_t kSeedWords = Hash::kSize / 8;
    std::array<std::array<std::array<std::uint8_t, 8>, kNoncesAtOnce>, kSeedWords + 1> words;
    for (std::size_t row = 0; row < kSeedWords; ++row) {
        for (auto& word : words[row])
            std::copy_n(seed.begin() + 8 * row, 8, word.begin());
    }
    const crypto::Blake3Messages messages{
        {words[0][0].data(), sizeof(words)}, words.size(), 8 * kNoncesAtOnce, 8};
    std::array<Hash, kNoncesAtOnce> digests;
    for (; first < end; first += kNoncesAtOnce) {
        for (std::size_t i = 0; i < kNoncesAtOnce; ++i)
            words.back()[i] = little_endian(first + i);
        crypto::blake3_batch(messages, grinding_key(), digests);
        const auto found = std::find_if(digests.begin(), digests.end(),
                                        [bits](const Hash& digest) { return enough(digest, bits); });
        if (found != digests.end()) return first + static_cast<std::uint64_t>(found - digests.begin());
    }
    return std::nullopt;
}

std::uint64_t least_nonce(const Hash& seed, int bits) {
    // There is one far below this.
    constexpr std::uint64_t kEnd = std::uint64_t{1} << 63;
    return least_nonce_among(seed, bits, 0, kEnd).value();
}

}  // namespace valence::zk
