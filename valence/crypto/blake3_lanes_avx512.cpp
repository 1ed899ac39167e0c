// Compiled for AVX-512 F and VL (CMakeLists.txt), called only where the machine has them.
#if defined(__AVX512VL__)

#include "valence/crypto/blake3_lanes.hpp"

namespace valence::crypto::blake3_detail {
namespace {

struct Rotation {
    template <int Bits>
    [[gnu::always_inline]] static Lane right(Lane x) {
        return _mm256_ror_epi32(x, Bits);
    }
};

}  // namespace

void compress_lanes_avx512(Lane* chaining, const Lane* block, std::uint64_t counter, std::uint32_t size,
                           std::uint32_t flags) {
    CompressionOfLanes<Rotation>::compress(chaining, block, counter, size, flags);
}

}  // namespace valence::crypto::blake3_detail

#endif
