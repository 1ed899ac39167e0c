// Arithmetic as the Yellow Paper defines it, for the reference machine: sums limb by limb, all else bit by
// bit from sums. Slow, and sharing nothing with the kernels of U256.
#pragma once

#include "valence/base/base.hpp"

namespace valence::evm::reference {

inline bool bit(const U256& a, unsigned i) { return (a.limbs[i / 64] >> (i % 64) & 1) != 0; }
inline void set_bit(U256& a, unsigned i) { a.limbs[i / 64] |= std::uint64_t{1} << (i % 64); }

inline U256 plus(const U256& a, const U256& b) {
    U256 sum;
    base::UInt128 carry = 0;
    for (std::size_t i = 0; i < 4; ++i) {
        carry += a.limbs[i];
        carry += b.limbs[i];
        sum.limbs[i] = static_cast<std::uint64_t>(carry);
        carry >>= 64;
    }
    return sum;
}

inline U256 negate(const U256& a) { return plus(~a, 1); }
inline U256 minus(const U256& a, const U256& b) { return plus(a, negate(b)); }

inline bool is_less(const U256& a, const U256& b) {
    for (std::size_t i = 4; i-- > 0;) {
        if (a.limbs[i] != b.limbs[i]) return a.limbs[i] < b.limbs[i];
    }
    return false;
}

inline bool is_negative(const U256& a) { return bit(a, 255); }
inline bool is_signed_less(const U256& a, const U256& b) {
    return is_negative(a) == is_negative(b) ? is_less(a, b) : is_negative(a);
}

/// `fill` comes in from the side; all of it from 256 on.
inline U256 shifted_right(const U256& a, const U256& by, bool fill) {
    U256 out;
    for (unsigned i = 0; i < 256; ++i) {
        const bool inside = by.saturated_u64() < 256 && i + by.low_u64() < 256;
        if (inside ? bit(a, i + static_cast<unsigned>(by.low_u64())) : fill) set_bit(out, i);
    }
    return out;
}

inline U256 shifted_left(const U256& a, const U256& by) {
    U256 out;
    for (unsigned i = 0; i < 256; ++i) {
        if (by.saturated_u64() <= i && bit(a, i - static_cast<unsigned>(by.low_u64()))) set_bit(out, i);
    }
    return out;
}

inline U256 times(const U256& a, const U256& b) {
    U256 product;
    for (unsigned i = b.bit_width(); i-- > 0;) {
        product = plus(product, product);
        if (bit(b, i)) product = plus(product, a);
    }
    return product;
}

struct Quotient {
    U256 quotient;
    U256 remainder;
};

/// Both 0 when dividing by 0.
inline Quotient divided(const U256& a, const U256& b) {
    Quotient out;
    if (b.is_zero()) return out;
    for (unsigned i = a.bit_width(); i-- > 0;) {
        const bool top = bit(out.remainder, 255);
        out.remainder = plus(out.remainder, out.remainder);
        if (bit(a, i)) set_bit(out.remainder, 0);
        if (top || !is_less(out.remainder, b)) {
            out.remainder = minus(out.remainder, b);
            set_bit(out.quotient, i);
        }
    }
    return out;
}

inline U256 magnitude(const U256& a) { return is_negative(a) ? negate(a) : a; }

inline U256 signed_divided(const U256& a, const U256& b) {
    const auto q = divided(magnitude(a), magnitude(b)).quotient;
    return is_negative(a) != is_negative(b) ? negate(q) : q;
}

inline U256 signed_remainder(const U256& a, const U256& b) {
    const auto r = divided(magnitude(a), magnitude(b)).remainder;
    return is_negative(a) ? negate(r) : r;
}

/// For a, b < m.
inline U256 plus_modulo_reduced(const U256& a, const U256& b, const U256& m) {
    const auto room = minus(m, b);
    return is_less(a, room) ? plus(a, b) : minus(a, room);
}

inline U256 plus_modulo(const U256& a, const U256& b, const U256& m) {
    if (m.is_zero()) return {};
    return plus_modulo_reduced(divided(a, m).remainder, divided(b, m).remainder, m);
}

inline U256 times_modulo(const U256& a, const U256& b, const U256& m) {
    if (m.is_zero()) return {};
    const auto reduced = divided(a, m).remainder;
    U256 product;
    for (unsigned i = b.bit_width(); i-- > 0;) {
        product = plus_modulo_reduced(product, product, m);
        if (bit(b, i)) product = plus_modulo_reduced(product, reduced, m);
    }
    return product;
}

inline U256 raised(const U256& a, const U256& exponent) {
    U256 result = 1;
    for (unsigned i = exponent.bit_width(); i-- > 0;) {
        result = times(result, result);
        if (bit(exponent, i)) result = times(result, a);
    }
    return result;
}

/// The byte `index` of the word, counted from the most significant.
inline U256 byte_of(const U256& index, const U256& word) {
    return index.saturated_u64() < 32 ? U256{word.to_hash()[index.low_u64()]} : U256{};
}

/// The sign is the top bit of byte `index`, counted from the least significant.
inline U256 sign_extended(const U256& index, const U256& word) {
    if (index.saturated_u64() >= 32) return word;
    const auto sign = static_cast<unsigned>(8 * index.low_u64() + 7);
    U256 out;
    for (unsigned i = 0; i < 256; ++i) {
        if (bit(word, std::min(i, sign))) set_bit(out, i);
    }
    return out;
}

}  // namespace valence::evm::reference
