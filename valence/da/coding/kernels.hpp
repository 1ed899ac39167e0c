// What the transforms do to rows of symbols. A row is any number of 64-byte chunks; in GF(2⁸) each byte is a
// symbol, in GF(2¹⁶) byte i of the first half of a chunk and byte i of the second are one, low byte first.
#pragma once

#include "valence/da/coding/cantor_field.hpp"
#include "valence/da/coding/instruction_set.hpp"

namespace valence::da {

/// Rows are made of chunks of so many bytes.
inline constexpr std::size_t kChunkSize = 64;

/// The products of a constant with each value of each four bits of a symbol, by their bytes: what a byte
/// shuffle looks up. product[n][b][v] is byte b of the constant times v << 4n.
template <typename Width>
struct ProductTable {
    static constexpr std::size_t kNibbles = Width::kBits / 4;
    static constexpr std::size_t kBytes = Width::kBits / 8;
    alignas(16) std::uint8_t product[kNibbles][kBytes][16];
};

template <typename Width>
ProductTable<Width> product_table(typename Width::Element constant);

/// Tables of all constants a transform of a square needs: 0 … 2¹⁰−1, or all of GF(2⁸).
template <typename Width>
const ProductTable<Width>& twiddle_table(std::size_t constant);

template <typename Width>
struct Kernels {
    using Table = ProductTable<Width>;
    /// x += c·y, then y += x.
    void (*forward)(std::uint8_t* x, std::uint8_t* y, std::size_t bytes, const Table& c);
    /// y += x, then x += c·y.
    void (*inverse)(std::uint8_t* x, std::uint8_t* y, std::size_t bytes, const Table& c);
    /// y += x.
    void (*add)(const std::uint8_t* x, std::uint8_t* y, std::size_t bytes);
    /// x = c·y.
    void (*multiply)(std::uint8_t* x, const std::uint8_t* y, std::size_t bytes, const Table& c);
};

template <typename Width>
const Kernels<Width>& portable_kernels();
#if defined(__x86_64__)
template <typename Width>
const Kernels<Width>& avx2_kernels();
#endif

template <typename Width>
const Kernels<Width>& kernels_for([[maybe_unused]] InstructionSet set) {
#if defined(__x86_64__)
    if (set == InstructionSet::avx2) return avx2_kernels<Width>();
#endif
    return portable_kernels<Width>();
}

}  // namespace valence::da
