// Bits of security in exact fixed point: prover and verifier compute the same parameters on every machine, so
// no floating point decides anything. Every rounding is downwards, towards less security.
#pragma once

#include <compare>
#include <cstdint>

namespace valence::zk {

/// A number of bits in units of 2^−20. An error probability ε counts as −log2 ε bits.
struct Bits {
    static constexpr std::int64_t kUnit = std::int64_t{1} << 20;

    std::int64_t units = 0;

    static constexpr Bits of(std::int64_t whole) { return {whole * kUnit}; }
    constexpr double value() const { return static_cast<double>(units) / static_cast<double>(kUnit); }

    constexpr auto operator<=>(const Bits&) const = default;
    friend constexpr Bits operator+(Bits a, Bits b) { return {a.units + b.units}; }
    friend constexpr Bits operator-(Bits a, Bits b) { return {a.units - b.units}; }
    friend constexpr Bits operator*(std::int64_t times, Bits b) { return {times * b.units}; }
};

/// log2 n for n ≥ 1, at most one unit below the true value and never above it.
constexpr Bits log2_below(std::uint64_t n) {
    int whole = 63;
    while ((n >> whole) == 0)
        --whole;
    std::int64_t units = whole;
    // m/2^63 in [1, 2) is what remains; squaring it brings out its logarithm's next binary digit. Squares are
    // truncated, so the digits are those of a number that is no larger.
    std::uint64_t m = n << (63 - whole);
    for (int digit = 0; digit < 20; ++digit) {
        __extension__ using Wide = unsigned __int128;
        const Wide square = static_cast<Wide>(m) * m;  // scale 2^126
        const bool two_or_more = (square >> 127) != 0;
        units = 2 * units + (two_or_more ? 1 : 0);
        m = static_cast<std::uint64_t>(square >> (two_or_more ? 64 : 63));
    }
    return {units};
}

/// log2 n for n ≥ 1, never below the true value, at most two units above it.
constexpr Bits log2_above(std::uint64_t n) {
    const bool power_of_two = (n & (n - 1)) == 0;
    return power_of_two ? log2_below(n) : log2_below(n) + Bits{2};
}

}  // namespace valence::zk
