// Compiled for AVX2 (CMakeLists.txt), called only where the machine has it.
#if defined(__AVX2__)

#include "valence/crypto/blake3_lanes.hpp"

namespace valence::crypto::blake3_detail {
namespace {

struct Rotation {
    template <int Bits>
    [[gnu::always_inline]] static Lane right(Lane x) {
        if constexpr (Bits == 16) {
            return _mm256_shuffle_epi8(
                x, _mm256_setr_epi8(2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13,  //
                                    2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13));
        } else if constexpr (Bits == 8) {
            return _mm256_shuffle_epi8(
                x, _mm256_setr_epi8(1, 2, 3, 0, 5, 6, 7, 4, 9, 10, 11, 8, 13, 14, 15, 12,  //
                                    1, 2, 3, 0, 5, 6, 7, 4, 9, 10, 11, 8, 13, 14, 15, 12));
        } else {
            return _mm256_or_si256(_mm256_srli_epi32(x, Bits), _mm256_slli_epi32(x, 32 - Bits));
        }
    }
};

}  // namespace

void compress_lanes_avx2(Lane* chaining, const Lane* block, std::uint64_t counter, std::uint32_t size,
                         std::uint32_t flags) {
    CompressionOfLanes<Rotation>::compress(chaining, block, counter, size, flags);
}

}  // namespace valence::crypto::blake3_detail

#endif
