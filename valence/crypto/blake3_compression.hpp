// BLAKE3's compression function and its constants (O'Connor, Aumasson, Neves, Wilcox-O'Hearn: "BLAKE3: one
// function, fast everywhere", section 2), as the hash of one message (blake3.hpp) and of many at once
// (blake3_batch.hpp) use them. All integers are little-endian 32-bit words.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace valence::crypto::blake3_detail {

inline constexpr std::size_t kBlockBytes = 64;
inline constexpr std::size_t kChunkBytes = 1024;
inline constexpr std::size_t kRounds = 7;

using ChainingValue = std::array<std::uint32_t, 8>;
using Words = std::array<std::uint32_t, 16>;

inline constexpr ChainingValue kInitial{0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                        0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};

/// What a block is (table 3 of the paper); bits to be combined.
enum Flag : std::uint32_t {
    chunk_start = 1,
    chunk_end = 2,
    parent = 4,
    root = 8,
    keyed_hash = 16,
    derive_key_context = 32,
    derive_key_material = 64,
};

/// The order of the message words in each round: the identity, then each time the paper's permutation.
inline constexpr auto kSchedule = [] {
    constexpr std::array<std::uint8_t, 16> kPermutation{2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8};
    std::array<std::array<std::uint8_t, 16>, kRounds> schedule{};
    for (std::uint8_t i = 0; i < 16; ++i)
        schedule[0][i] = i;
    for (std::size_t round = 1; round < kRounds; ++round) {
        for (std::size_t i = 0; i < 16; ++i)
            schedule[round][i] = schedule[round - 1][kPermutation[i]];
    }
    return schedule;
}();

/// The bytes of a block as words; those from `size` on count as zero.
inline Words load_block(const std::uint8_t* bytes, std::size_t size) {
    static_assert(std::endian::native == std::endian::little);
    Words words{};
    if (size != 0) std::memcpy(words.data(), bytes, size);
    return words;
}

template <std::size_t A, std::size_t B, std::size_t C, std::size_t D>
[[gnu::always_inline]] inline void mix(Words& v, std::uint32_t x, std::uint32_t y) {
    v[A] += v[B] + x;
    v[D] = std::rotr(v[D] ^ v[A], 16);
    v[C] += v[D];
    v[B] = std::rotr(v[B] ^ v[C], 12);
    v[A] += v[B] + y;
    v[D] = std::rotr(v[D] ^ v[A], 8);
    v[C] += v[D];
    v[B] = std::rotr(v[B] ^ v[C], 7);
}

/// The state's columns, then its diagonals. Rounds are spelt out at compile time, so that the schedule costs
/// nothing: the loop over it is three times slower.
template <std::size_t Round>
[[gnu::always_inline]] inline void mix_round(Words& v, const Words& m) {
    constexpr const auto& order = kSchedule[Round];
    mix<0, 4, 8, 12>(v, m[order[0]], m[order[1]]);
    mix<1, 5, 9, 13>(v, m[order[2]], m[order[3]]);
    mix<2, 6, 10, 14>(v, m[order[4]], m[order[5]]);
    mix<3, 7, 11, 15>(v, m[order[6]], m[order[7]]);
    mix<0, 5, 10, 15>(v, m[order[8]], m[order[9]]);
    mix<1, 6, 11, 12>(v, m[order[10]], m[order[11]]);
    mix<2, 7, 8, 13>(v, m[order[12]], m[order[13]]);
    mix<3, 4, 9, 14>(v, m[order[14]], m[order[15]]);
}

/// One compression: the whole output of 16 words, of which the first eight are the next chaining value.
/// `counter`: of chunks, of output blocks under `root`, else 0. `size`: bytes of the block, 0 … 64.
inline Words compress(const ChainingValue& chaining, const Words& block, std::uint64_t counter,
                      std::uint32_t size, std::uint32_t flags) {
    Words v{chaining[0],
            chaining[1],
            chaining[2],
            chaining[3],
            chaining[4],
            chaining[5],
            chaining[6],
            chaining[7],
            kInitial[0],
            kInitial[1],
            kInitial[2],
            kInitial[3],
            static_cast<std::uint32_t>(counter),
            static_cast<std::uint32_t>(counter >> 32),
            size,
            flags};
    mix_round<0>(v, block);
    mix_round<1>(v, block);
    mix_round<2>(v, block);
    mix_round<3>(v, block);
    mix_round<4>(v, block);
    mix_round<5>(v, block);
    mix_round<6>(v, block);
    for (std::size_t i = 0; i < 8; ++i) {
        v[i] ^= v[i + 8];
        v[i + 8] ^= chaining[i];
    }
    return v;
}

}  // namespace valence::crypto::blake3_detail
