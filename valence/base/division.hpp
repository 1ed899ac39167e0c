// Division of multi-limb numbers by reciprocals: N. Möller, T. Granlund, "Improved division by invariant
// integers", IEEE Transactions on Computers 60(2), 2011; its algorithm numbers are cited below. B is 2^64.
#pragma once

#include <array>
#include <bit>
#include <cstdint>

#include "valence/base/bytes.hpp"

namespace valence::base::division {

struct Digit {
    std::uint64_t quotient;
    std::uint64_t remainder;
};

/// (high·B + low) ÷ divisor, where high < divisor: what the processor divides by itself.
inline Digit divide_word(std::uint64_t high, std::uint64_t low, std::uint64_t divisor) {
#if defined(__x86_64__)
    Digit d{};
    asm("divq %4" : "=a"(d.quotient), "=d"(d.remainder) : "a"(low), "d"(high), "rm"(divisor) : "cc");
    return d;
#else
    const auto dividend = static_cast<UInt128>(high) << 64 | low;
    return {static_cast<std::uint64_t>(dividend / divisor), static_cast<std::uint64_t>(dividend % divisor)};
#endif
}

constexpr std::uint64_t low(UInt128 x) { return static_cast<std::uint64_t>(x); }
constexpr std::uint64_t high(UInt128 x) { return static_cast<std::uint64_t>(x >> 64); }

/// ⌊(B² − 1) / d⌋ − B, for d with its top bit set.
inline std::uint64_t reciprocal(std::uint64_t d) { return divide_word(~d, ~std::uint64_t{0}, d).quotient; }

/// ⌊(B³ − 1) / (d1·B + d0)⌋ − B, for d1 with its top bit set (algorithm 6).
inline std::uint64_t reciprocal(std::uint64_t d1, std::uint64_t d0) {
    auto v = reciprocal(d1);
    auto p = d1 * v + d0;
    if (p < d0) {
        --v;
        if (p >= d1) {
            --v;
            p -= d1;
        }
        p -= d1;
    }
    const auto t = static_cast<UInt128>(v) * d0;
    p += high(t);
    if (p < high(t)) {
        --v;
        if ((static_cast<UInt128>(p) << 64 | low(t)) >= (static_cast<UInt128>(d1) << 64 | d0)) --v;
    }
    return v;
}

/// (u1·B + u0) ÷ d with d's reciprocal, where u1 < d (algorithm 4).
inline Digit divide_2_by_1(std::uint64_t u1, std::uint64_t u0, std::uint64_t d, std::uint64_t v) {
    const auto q = static_cast<UInt128>(v) * u1 + (static_cast<UInt128>(u1) << 64 | u0);
    auto digit = high(q) + 1;
    auto r = u0 - digit * d;
    if (r > low(q)) {
        --digit;
        r += d;
    }
    if (r >= d) [[unlikely]] {
        ++digit;
        r -= d;
    }
    return {digit, r};
}

struct LongDigit {
    std::uint64_t quotient;
    UInt128 remainder;
};

/// (u2·B² + u1·B + u0) ÷ (d1·B + d0) with the divisor's reciprocal, where (u2, u1) < (d1, d0) (algorithm 5).
inline LongDigit divide_3_by_2(std::uint64_t u2, std::uint64_t u1, std::uint64_t u0, std::uint64_t d1,
                               std::uint64_t d0, std::uint64_t v) {
    const auto d = static_cast<UInt128>(d1) << 64 | d0;
    const auto q = static_cast<UInt128>(v) * u2 + (static_cast<UInt128>(u2) << 64 | u1);
    auto digit = high(q);
    const auto r1 = u1 - digit * d1;
    auto r = (static_cast<UInt128>(r1) << 64 | u0) - static_cast<UInt128>(d0) * digit - d;
    ++digit;
    if (high(r) >= low(q)) {
        --digit;
        r += d;
    }
    if (r >= d) [[unlikely]] {
        ++digit;
        r -= d;
    }
    return {digit, r};
}

/// Divides `u` (`digits` + n limbs, the top n of them less than d) by `d` (n limbs, top bit set). `u` becomes
/// the remainder; quotient digits go where `quotient` points unless it is null.
template <std::size_t n>
void divide_normalised(std::uint64_t* u, std::size_t digits, const std::uint64_t* d,
                       std::uint64_t* quotient) {
    static_assert(n >= 2);
    const auto d1 = d[n - 1];
    const auto d0 = d[n - 2];
    const auto v = reciprocal(d1, d0);
    for (std::size_t j = digits; j-- > 0;) {
        const auto u2 = u[j + n];
        const auto u1 = u[j + n - 1];
        const auto u0 = u[j + n - 2];
        std::uint64_t digit = 0;
        if (u2 == d1 && u1 == d0) [[unlikely]] {
            // The digit is B − 1 or less; B − 1 is what the subtraction below corrects at most by one.
            digit = ~std::uint64_t{0};
            std::uint64_t carry = 0;
            std::uint64_t borrow = 0;
            for (std::size_t i = 0; i < n; ++i) {
                const auto product = static_cast<UInt128>(digit) * d[i] + carry;
                carry = high(product);
                const auto difference = static_cast<UInt128>(u[i + j]) - low(product) - borrow;
                u[i + j] = low(difference);
                borrow = high(difference) & 1;
            }
            u[j + n] -= carry + borrow;
            if (u[j + n] != 0) {
                --digit;
                std::uint64_t over = 0;
                for (std::size_t i = 0; i < n; ++i) {
                    const auto sum = static_cast<UInt128>(u[i + j]) + d[i] + over;
                    u[i + j] = low(sum);
                    over = high(sum);
                }
                u[j + n] += over;
            }
        } else {
            auto [q, r] = divide_3_by_2(u2, u1, u0, d1, d0, v);
            // The two top limbs are done; what the digit takes from those below.
            std::uint64_t carry = 0;
            std::uint64_t borrow = 0;
            for (std::size_t i = 0; i + 2 < n; ++i) {
                const auto product = static_cast<UInt128>(q) * d[i] + carry;
                carry = high(product);
                const auto difference = static_cast<UInt128>(u[i + j]) - low(product) - borrow;
                u[i + j] = low(difference);
                borrow = high(difference) & 1;
            }
            const auto below = static_cast<UInt128>(carry) + borrow;
            const bool too_large = r < below;
            r -= below;
            if (too_large) [[unlikely]] {
                --q;
                std::uint64_t over = 0;
                for (std::size_t i = 0; i + 2 < n; ++i) {
                    const auto sum = static_cast<UInt128>(u[i + j]) + d[i] + over;
                    u[i + j] = low(sum);
                    over = high(sum);
                }
                r += (static_cast<UInt128>(d1) << 64 | d0) + over;
            }
            u[j + n - 1] = high(r);
            u[j + n - 2] = low(r);
            u[j + n] = 0;
            digit = q;
        }
        if (quotient != nullptr) quotient[j] = digit;
    }
}

}  // namespace valence::base::division
