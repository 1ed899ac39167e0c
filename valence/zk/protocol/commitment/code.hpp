// The code of the commitments: interleaved Reed–Solomon. A matrix of field elements is committed column by
// column: each of its rows is the coefficients of a polynomial of degree < 2^log_columns, its codeword the
// values of that polynomial on the 2^log_length roots of unity, and leaf p of the Merkle tree holds the p-th
// value of every row, in order. Rows that are known to be zero are left out.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

#include "valence/zk/protocol/field/goldilocks.hpp"

namespace valence::zk {

/// The variables of a vector of `size` ≥ 1 elements: log2, rounded up.
constexpr int variables_of(std::size_t size) { return static_cast<int>(std::bit_width(size - 1)); }

/// What one Merkle root commits.
struct OracleShape {
    std::size_t rows = 0;  // ≥ 1
    int log_columns = 0;
    int log_inverse_rate = 0;  // s for the rate ρ = 2^−s

    /// Row variables: ceil(log2 rows).
    int log_rows() const { return variables_of(rows); }
    int log_length() const { return log_columns + log_inverse_rate; }
    std::size_t columns() const { return std::size_t{1} << log_columns; }
    /// Positions of the code: leaves.
    std::size_t length() const { return std::size_t{1} << log_length(); }
    bool operator==(const OracleShape&) const = default;
};

/// The lowest `bits` bits of `number` in reverse order.
constexpr std::uint64_t reverse_bits(std::uint64_t number, int bits) {
    std::uint64_t reversed = 0;
    for (int bit = 0; bit < bits; ++bit)
        reversed |= ((number >> bit) & 1) << (bits - 1 - bit);
    return reversed;
}

/// roots[i] is the primitive root of order 2^i.
inline constexpr auto kRootsOfUnity = [] {
    std::array<Goldilocks, Goldilocks::kTwoAdicity + 1> roots;
    for (int i = 0; i <= Goldilocks::kTwoAdicity; ++i)
        roots[static_cast<std::size_t>(i)] = Goldilocks::root_of_unity(i);
    return roots;
}();

/// Where the polynomials are evaluated for position p: root^reverse(p) for the root of order 2^log_length, in
/// which order a transform without reordering gives the values. Bit i of p makes root^(2^(log_length − 1 −
/// i)), whatever the length is.
constexpr Goldilocks code_point(std::uint64_t position) {
    Goldilocks point(1);
    for (std::size_t bit = 0; position >> bit != 0; ++bit) {
        if ((position >> bit) & 1) point *= kRootsOfUnity[bit + 1];
    }
    return point;
}

}  // namespace valence::zk
