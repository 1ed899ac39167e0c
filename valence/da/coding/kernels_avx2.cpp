// The kernels on 32 bytes at once: `vpshufb` looks up sixteen products in each half of a register.
// Source: J. Plank, K. Greenan, E. Miller, "Screaming fast Galois field arithmetic using Intel SIMD
// instructions", 2013.
#if defined(__x86_64__)
#include <immintrin.h>

#include "valence/da/coding/kernels.hpp"

// Small functions below are always inlined: vectors by value would have another calling convention without
// AVX.
#define VALENCE_AVX2 [[gnu::target("avx2")]]
#define VALENCE_AVX2_INLINE [[gnu::target("avx2"), gnu::always_inline]] inline

namespace valence::da {
namespace {

/// A chunk, in two registers.
struct Chunk {
    __m256i first;
    __m256i second;
};

VALENCE_AVX2_INLINE void load(Chunk& c, const std::uint8_t* from) {
    c.first = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
    c.second = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from + 32));
}

VALENCE_AVX2_INLINE void store(const Chunk& c, std::uint8_t* to) {
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), c.first);
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(to + 32), c.second);
}

VALENCE_AVX2_INLINE void add(Chunk& to, const Chunk& c) {
    to.first = _mm256_xor_si256(to.first, c.first);
    to.second = _mm256_xor_si256(to.second, c.second);
}

VALENCE_AVX2_INLINE void broadcast(__m256i& to, const std::uint8_t (&table)[16]) {
    to = _mm256_broadcastsi128_si256(_mm_load_si128(reinterpret_cast<const __m128i*>(table)));
}

/// The lower and the upper four bits of each byte.
struct Nibbles {
    __m256i low;
    __m256i high;
};

VALENCE_AVX2_INLINE void split(Nibbles& to, const __m256i& bytes) {
    const auto mask = _mm256_set1_epi8(15);
    to.low = _mm256_and_si256(bytes, mask);
    to.high = _mm256_and_si256(_mm256_srli_epi16(bytes, 4), mask);
}

VALENCE_AVX2_INLINE void look_up(__m256i& to, const __m256i& low, const __m256i& high, const Nibbles& n) {
    to = _mm256_xor_si256(_mm256_shuffle_epi8(low, n.low), _mm256_shuffle_epi8(high, n.high));
}

template <typename Width>
struct Multiplier;

template <>
struct Multiplier<Bits8> {
    __m256i low;
    __m256i high;

    VALENCE_AVX2_INLINE explicit Multiplier(const ProductTable<Bits8>& c) {
        broadcast(low, c.product[0][0]);
        broadcast(high, c.product[1][0]);
    }
    VALENCE_AVX2_INLINE void product(Chunk& to, const Chunk& y) const {
        Nibbles n;
        split(n, y.first);
        look_up(to.first, low, high, n);
        split(n, y.second);
        look_up(to.second, low, high, n);
    }
};

template <>
struct Multiplier<Bits16> {
    /// By nibble of the symbol and byte of the product.
    __m256i table[4][2];

    VALENCE_AVX2_INLINE explicit Multiplier(const ProductTable<Bits16>& c) {
        for (std::size_t n = 0; n < 4; ++n) {
            broadcast(table[n][0], c.product[n][0]);
            broadcast(table[n][1], c.product[n][1]);
        }
    }
    VALENCE_AVX2_INLINE void product(Chunk& to, const Chunk& y) const {
        Nibbles low;
        Nibbles high;
        split(low, y.first);
        split(high, y.second);
        __m256i part;
        look_up(to.first, table[0][0], table[1][0], low);
        look_up(part, table[2][0], table[3][0], high);
        to.first = _mm256_xor_si256(to.first, part);
        look_up(to.second, table[0][1], table[1][1], low);
        look_up(part, table[2][1], table[3][1], high);
        to.second = _mm256_xor_si256(to.second, part);
    }
};

template <typename Width>
VALENCE_AVX2 void forward(std::uint8_t* x, std::uint8_t* y, std::size_t bytes, const ProductTable<Width>& c) {
    const Multiplier<Width> multiplier{c};
    for (std::size_t i = 0; i < bytes; i += kChunkSize) {
        Chunk a;
        Chunk b;
        Chunk p;
        load(a, x + i);
        load(b, y + i);
        multiplier.product(p, b);
        add(a, p);
        add(b, a);
        store(a, x + i);
        store(b, y + i);
    }
}

template <typename Width>
VALENCE_AVX2 void inverse(std::uint8_t* x, std::uint8_t* y, std::size_t bytes, const ProductTable<Width>& c) {
    const Multiplier<Width> multiplier{c};
    for (std::size_t i = 0; i < bytes; i += kChunkSize) {
        Chunk a;
        Chunk b;
        Chunk p;
        load(a, x + i);
        load(b, y + i);
        add(b, a);
        multiplier.product(p, b);
        add(a, p);
        store(a, x + i);
        store(b, y + i);
    }
}

VALENCE_AVX2 void add_rows(const std::uint8_t* x, std::uint8_t* y, std::size_t bytes) {
    for (std::size_t i = 0; i < bytes; i += kChunkSize) {
        Chunk a;
        Chunk b;
        load(a, x + i);
        load(b, y + i);
        add(b, a);
        store(b, y + i);
    }
}

template <typename Width>
VALENCE_AVX2 void multiply(std::uint8_t* x, const std::uint8_t* y, std::size_t bytes,
                           const ProductTable<Width>& c) {
    const Multiplier<Width> multiplier{c};
    for (std::size_t i = 0; i < bytes; i += kChunkSize) {
        Chunk b;
        Chunk p;
        load(b, y + i);
        multiplier.product(p, b);
        store(p, x + i);
    }
}

}  // namespace

template <typename Width>
const Kernels<Width>& avx2_kernels() {
    static constexpr Kernels<Width> kKernels{forward<Width>, inverse<Width>, add_rows, multiply<Width>};
    return kKernels;
}

template const Kernels<Bits8>& avx2_kernels<Bits8>();
template const Kernels<Bits16>& avx2_kernels<Bits16>();

}  // namespace valence::da
#endif
