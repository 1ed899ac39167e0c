// The fast transform between the values of a polynomial at 2ⁿ neighbouring positions and its coefficients in
// the basis of Lin, Al-Naffouri, Han and Chung, with O(N log N) operations on rows (cantor_field.hpp).
//
// Splitting a polynomial by the top bit of its coefficients' indexes gives f = a + s·b, where s is the
// position shifted right: constant on either half of the positions but for the last bit. So a half's values
// are a + t·b, the other's a + (t+1)·b.
#pragma once

#include "valence/da/coding/kernels.hpp"

namespace valence::da {

/// Rows one after the other in memory.
struct Rows {
    std::uint8_t* first;
    /// Bytes of a row: a multiple of kChunkSize.
    std::size_t length;

    std::uint8_t* operator[](std::size_t i) const { return first + i * length; }
};

/// Coefficients to values at position … position + count − 1; `count` is a power of two and divides
/// `position`.
template <typename Width>
void transform(const Rows& rows, std::size_t count, std::size_t position, const Kernels<Width>& kernels) {
    if (count == 1) return;
    const auto half = count / 2;
    const auto& twiddle = twiddle_table<Width>(position >> std::countr_zero(half));
    for (std::size_t i = 0; i < half; ++i)
        kernels.forward(rows[i], rows[i + half], rows.length, twiddle);
    // Depth first: halves that fit a cache stay there.
    transform(rows, half, position, kernels);
    transform({rows[half], rows.length}, half, position + half, kernels);
}

/// Values to coefficients: the inverse.
template <typename Width>
void inverse_transform(const Rows& rows, std::size_t count, std::size_t position,
                       const Kernels<Width>& kernels) {
    if (count == 1) return;
    const auto half = count / 2;
    inverse_transform(rows, half, position, kernels);
    inverse_transform({rows[half], rows.length}, half, position + half, kernels);
    const auto& twiddle = twiddle_table<Width>(position >> std::countr_zero(half));
    for (std::size_t i = 0; i < half; ++i)
        kernels.inverse(rows[i], rows[i + half], rows.length, twiddle);
}

/// The derivative of a polynomial, by its coefficients. Each shifted position has the derivative 1, so by the
/// product rule a coefficient goes to every index that has one bit less.
template <typename Width>
void differentiate(const Rows& rows, std::size_t count, const Kernels<Width>& kernels) {
    for (std::size_t i = 0; i < count; ++i) {
        std::fill_n(rows[i], rows.length, std::uint8_t{0});
        for (std::size_t bit = 1; bit < count; bit *= 2) {
            if ((i & bit) == 0) kernels.add(rows[i | bit], rows[i], rows.length);
        }
    }
}

}  // namespace valence::da
