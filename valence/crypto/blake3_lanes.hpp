// BLAKE3's compression function on eight blocks at once, one in each lane: written once over what rotates
// words, for files compiled for one instruction set each. These call no inline function that other files may
// share: the linker could keep a copy that not every machine can run.
#pragma once

#if defined(__x86_64__)

#include <immintrin.h>

#include "valence/crypto/blake3_compression.hpp"

namespace valence::crypto::blake3_detail {

/// One word of each of eight states; __m256i as a template argument would lose its attributes.
using Lane = long long __attribute__((vector_size(32)));

/// `compress` of eight blocks (16 words) of the same place in their messages: the next chaining values (8
/// words), in place. Only where the machine has these instructions.
void compress_lanes_avx2(Lane* chaining, const Lane* block, std::uint64_t counter, std::uint32_t size,
                         std::uint32_t flags);
/// With AVX-512's rotations and twice as many registers (F and VL).
void compress_lanes_avx512(Lane* chaining, const Lane* block, std::uint64_t counter, std::uint32_t size,
                           std::uint32_t flags);

/// The words' rotations are Rotation::right<Bits>(word).
template <typename Rotation>
struct CompressionOfLanes {
    /// The mixing function of the paper, with message words X and Y.
    template <std::size_t A, std::size_t B, std::size_t C, std::size_t D, std::size_t X, std::size_t Y>
    [[gnu::always_inline]] static void mix(Lane* v, const Lane* m) {
        v[A] = _mm256_add_epi32(_mm256_add_epi32(v[A], m[X]), v[B]);
        v[D] = Rotation::template right<16>(_mm256_xor_si256(v[D], v[A]));
        v[C] = _mm256_add_epi32(v[C], v[D]);
        v[B] = Rotation::template right<12>(_mm256_xor_si256(v[B], v[C]));
        v[A] = _mm256_add_epi32(_mm256_add_epi32(v[A], m[Y]), v[B]);
        v[D] = Rotation::template right<8>(_mm256_xor_si256(v[D], v[A]));
        v[C] = _mm256_add_epi32(v[C], v[D]);
        v[B] = Rotation::template right<7>(_mm256_xor_si256(v[B], v[C]));
    }

    template <std::size_t Round>
    [[gnu::always_inline]] static void round(Lane* v, const Lane* m) {
        mix<0, 4, 8, 12, kSchedule[Round][0], kSchedule[Round][1]>(v, m);
        mix<1, 5, 9, 13, kSchedule[Round][2], kSchedule[Round][3]>(v, m);
        mix<2, 6, 10, 14, kSchedule[Round][4], kSchedule[Round][5]>(v, m);
        mix<3, 7, 11, 15, kSchedule[Round][6], kSchedule[Round][7]>(v, m);
        mix<0, 5, 10, 15, kSchedule[Round][8], kSchedule[Round][9]>(v, m);
        mix<1, 6, 11, 12, kSchedule[Round][10], kSchedule[Round][11]>(v, m);
        mix<2, 7, 8, 13, kSchedule[Round][12], kSchedule[Round][13]>(v, m);
        mix<3, 4, 9, 14, kSchedule[Round][14], kSchedule[Round][15]>(v, m);
    }

    [[gnu::always_inline]] static void compress(Lane* chaining, const Lane* block, std::uint64_t counter,
                                                std::uint32_t size, std::uint32_t flags) {
        Lane v[16];
        for (std::size_t i = 0; i < 8; ++i)
            v[i] = chaining[i];
        constexpr std::uint32_t kFirst[]{kInitial[0], kInitial[1], kInitial[2], kInitial[3]};
        for (std::size_t i = 0; i < 4; ++i)
            v[i + 8] = spread(kFirst[i]);
        v[12] = spread(static_cast<std::uint32_t>(counter));
        v[13] = spread(static_cast<std::uint32_t>(counter >> 32));
        v[14] = spread(size);
        v[15] = spread(flags);
        round<0>(v, block);
        round<1>(v, block);
        round<2>(v, block);
        round<3>(v, block);
        round<4>(v, block);
        round<5>(v, block);
        round<6>(v, block);
        for (std::size_t i = 0; i < 8; ++i)
            chaining[i] = _mm256_xor_si256(v[i], v[i + 8]);
    }

private:
    [[gnu::always_inline]] static Lane spread(std::uint32_t word) {
        return _mm256_set1_epi32(static_cast<int>(word));
    }
};

}  // namespace valence::crypto::blake3_detail

#endif
