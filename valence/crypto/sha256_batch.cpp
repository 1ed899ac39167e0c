#include "valence/crypto/sha256_batch.hpp"

#include "valence/crypto/sha256.hpp"

#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>
#endif

namespace valence::crypto {
namespace {

#if defined(__x86_64__)

constexpr std::size_t kBlock = 64;

/// FIPS 180-4, section 4.2.2.
alignas(16) constexpr std::uint32_t kRoundConstants[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

/// Whether the CPU has the SHA extensions (Intel's manual, CPUID leaf 7, EBX bit 29).
bool has_sha_instructions() {
    unsigned a = 0;
    unsigned b = 0;
    unsigned c = 0;
    unsigned d = 0;
    return __builtin_cpu_supports("sse4.1") && __get_cpuid_count(7, 0, &a, &b, &c, &d) != 0 &&
           (b >> 29 & 1) != 0;
}

/// A digest in the order the instructions want: a b e f and c d g h, the first in the highest lane.
struct State {
    __m128i abef;
    __m128i cdgh;
};

[[gnu::target("sha,sse4.1"), gnu::always_inline]] inline void initial(State& s) {
    s.abef =
        _mm_set_epi32(0x6a09e667, static_cast<int>(0xbb67ae85), 0x510e527f, static_cast<int>(0x9b05688c));
    s.cdgh = _mm_set_epi32(0x3c6ef372, static_cast<int>(0xa54ff53a), 0x1f83d9ab, 0x5be0cd19);
}

/// Words of a message, most significant byte first.
[[gnu::target("sha,sse4.1"), gnu::always_inline]] inline void load(__m128i (&words)[4],
                                                                   const std::uint8_t* block) {
    const auto swap = _mm_set_epi8(12, 13, 14, 15, 8, 9, 10, 11, 4, 5, 6, 7, 0, 1, 2, 3);
    for (std::size_t i = 0; i < 4; ++i)
        words[i] = _mm_shuffle_epi8(_mm_loadu_si128(reinterpret_cast<const __m128i*>(block) + i), swap);
}

/// Four rounds, with words[I % 4] the words of these rounds, and the words of sixteen rounds later in their
/// stead.
template <std::size_t I>
[[gnu::target("sha,sse4.1"), gnu::always_inline]] inline void four_rounds(State& s, __m128i (&words)[4]) {
    auto& w = words[I % 4];
    const auto sum = _mm_add_epi32(w, _mm_load_si128(reinterpret_cast<const __m128i*>(kRoundConstants) + I));
    s.cdgh = _mm_sha256rnds2_epu32(s.cdgh, s.abef, sum);
    s.abef = _mm_sha256rnds2_epu32(s.abef, s.cdgh, _mm_shuffle_epi32(sum, 0x0e));
    if constexpr (I < 12) {
        const auto& w1 = words[(I + 1) % 4];
        const auto& w2 = words[(I + 2) % 4];
        const auto& w3 = words[(I + 3) % 4];
        const auto part = _mm_add_epi32(_mm_sha256msg1_epu32(w, w1), _mm_alignr_epi8(w3, w2, 4));
        w = _mm_sha256msg2_epu32(part, w3);
    }
}

template <std::size_t... I>
[[gnu::target("sha,sse4.1"), gnu::always_inline]] inline void all_rounds(State& a, State& b, __m128i (&x)[4],
                                                                         __m128i (&y)[4],
                                                                         std::index_sequence<I...>) {
    ((four_rounds<I>(a, x), four_rounds<I>(b, y)), ...);
}

/// Two blocks into two states.
[[gnu::target("sha,sse4.1"), gnu::always_inline]] inline void compress(State& a, State& b,
                                                                       const std::uint8_t* x,
                                                                       const std::uint8_t* y) {
    const auto a0 = a;
    const auto b0 = b;
    __m128i words_a[4];
    __m128i words_b[4];
    load(words_a, x);
    load(words_b, y);
    all_rounds(a, b, words_a, words_b, std::make_index_sequence<16>{});
    a.abef = _mm_add_epi32(a.abef, a0.abef);
    a.cdgh = _mm_add_epi32(a.cdgh, a0.cdgh);
    b.abef = _mm_add_epi32(b.abef, b0.abef);
    b.cdgh = _mm_add_epi32(b.cdgh, b0.cdgh);
}

[[gnu::target("sha,sse4.1"), gnu::always_inline]] inline void store(const State& s, Hash& digest) {
    const auto swap = _mm_set_epi8(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    // abef and cdgh hold a … d in their upper, e … h in their lower halves.
    const auto abcd = _mm_unpackhi_epi64(s.cdgh, s.abef);
    const auto efgh = _mm_unpacklo_epi64(s.cdgh, s.abef);
    auto* out = reinterpret_cast<__m128i*>(digest.data());
    _mm_storeu_si128(out, _mm_shuffle_epi8(abcd, swap));
    _mm_storeu_si128(out + 1, _mm_shuffle_epi8(efgh, swap));
}

/// The last, partial block of a message and its padding: one block or two.
struct Ending {
    std::array<std::uint8_t, 2 * kBlock> bytes;
    std::size_t blocks = 1;

    Ending(const std::uint8_t* message, std::size_t length) {
        const auto left = length % kBlock;
        std::memcpy(bytes.data(), message + (length - left), left);
        if (left + 9 > kBlock) blocks = 2;
        bytes[left] = 0x80;
        std::memset(bytes.data() + left + 1, 0, blocks * kBlock - left - 1);
        const auto bits = static_cast<std::uint64_t>(length) * 8;
        for (std::size_t i = 0; i < 8; ++i)
            bytes[blocks * kBlock - 1 - i] = static_cast<std::uint8_t>(bits >> (8 * i));
    }
};

[[gnu::target("sha,sse4.1")]] void hash_two(const std::uint8_t* x, const std::uint8_t* y, std::size_t length,
                                            Hash& digest_x, Hash& digest_y) {
    // Before the full blocks: what was just written in small pieces is slow to read in large ones.
    const Ending end_x{x, length};
    const Ending end_y{y, length};
    State a;
    State b;
    initial(a);
    initial(b);
    for (std::size_t at = 0; at + kBlock <= length; at += kBlock)
        compress(a, b, x + at, y + at);
    for (std::size_t i = 0; i < end_x.blocks; ++i)
        compress(a, b, end_x.bytes.data() + i * kBlock, end_y.bytes.data() + i * kBlock);
    store(a, digest_x);
    store(b, digest_y);
}

#endif

}  // namespace

void sha256_batch(BytesView messages, std::size_t length, std::span<Hash> digests) {
    VALENCE_CHECK(messages.size() == length * digests.size());
    std::size_t i = 0;
#if defined(__x86_64__)
    static const bool fast = has_sha_instructions();
    if (fast) {
        for (; i + 2 <= digests.size(); i += 2) {
            const auto* const first = messages.data() + i * length;
            hash_two(first, first + length, length, digests[i], digests[i + 1]);
        }
    }
#endif
    for (; i < digests.size(); ++i)
        digests[i] = sha256(messages.subspan(i * length, length));
}

}  // namespace valence::crypto
