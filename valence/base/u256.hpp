// U256: an unsigned 256-bit integer, the EVM's word, as four 64-bit limbs. Arithmetic wraps modulo 2^256.
#pragma once

#include <array>
#include <bit>
#include <compare>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

#include "valence/base/bytes.hpp"

namespace valence::base {

struct U256 {
    /// Least significant first.
    std::array<std::uint64_t, 4> limbs{};

    constexpr U256() = default;
    constexpr U256(std::uint64_t low) : limbs{low, 0, 0, 0} {}  // NOLINT: integers convert freely
    constexpr U256(std::uint64_t l0, std::uint64_t l1, std::uint64_t l2, std::uint64_t l3)
        : limbs{l0, l1, l2, l3} {}

    constexpr bool operator==(const U256&) const = default;
    constexpr std::strong_ordering operator<=>(const U256& other) const {
        for (int i = 3; i > 0; --i) {
            if (limbs[i] != other.limbs[i]) return limbs[i] <=> other.limbs[i];
        }
        return limbs[0] <=> other.limbs[0];
    }
    constexpr explicit operator bool() const { return (limbs[0] | limbs[1] | limbs[2] | limbs[3]) != 0; }

    constexpr bool is_zero() const { return !static_cast<bool>(*this); }
    /// The top bit: the sign, when the word is read as two's complement.
    constexpr bool is_negative() const { return (limbs[3] >> 63) != 0; }
    constexpr bool fits_u64() const { return (limbs[1] | limbs[2] | limbs[3]) == 0; }
    constexpr std::uint64_t low_u64() const { return limbs[0]; }
    /// The value, or 2^64 − 1 when it is larger.
    constexpr std::uint64_t saturated_u64() const { return fits_u64() ? limbs[0] : ~std::uint64_t{0}; }
    /// Number of bits needed to write the value; 0 for 0.
    constexpr unsigned bit_width() const {
        for (int i = 3; i >= 0; --i) {
            if (limbs[i] != 0)
                return static_cast<unsigned>(64 * i + static_cast<int>(std::bit_width(limbs[i])));
        }
        return 0;
    }
    constexpr unsigned byte_width() const { return (bit_width() + 7) / 8; }

    /// From at most 32 big-endian bytes.
    static U256 from_be(BytesView bytes) {
        const auto word = from_right_aligned<Hash>(bytes);
        return from_be32(word.data());
    }
    /// From exactly 32 big-endian bytes.
    static U256 from_be32(const std::uint8_t* bytes) {
        U256 out;
        for (int i = 0; i < 4; ++i) {
            std::uint64_t limb = 0;
            std::memcpy(&limb, bytes + 8 * (3 - i), 8);
            out.limbs[i] = __builtin_bswap64(limb);
        }
        return out;
    }
    static U256 from_hash(const Hash& h) { return from_be32(h.data()); }
    static U256 from_address(const Address& a) { return from_be(a); }

    /// Writes 32 big-endian bytes.
    void store_be32(std::uint8_t* to) const {
        for (int i = 0; i < 4; ++i) {
            const auto limb = __builtin_bswap64(limbs[3 - i]);
            std::memcpy(to + 8 * i, &limb, 8);
        }
    }
    Hash to_hash() const {
        Hash h;
        store_be32(h.data());
        return h;
    }
    /// The low 20 bytes.
    Address to_address() const { return from_right_aligned<Address>(to_hash()); }
    /// Big-endian without leading zeros; empty for 0, as RLP writes integers.
    Bytes to_minimal_be() const {
        const auto h = to_hash();
        return {h.end() - byte_width(), h.end()};
    }

    /// "0x" and digits without leading zeros ("0x0" for 0), as JSON-RPC writes quantities.
    std::string to_hex() const;
    std::string to_decimal() const;
    /// From hexadecimal digits, with or without "0x"; at least one digit and at most 256 bits.
    static std::optional<U256> from_hex(std::string_view text);
    static std::optional<U256> from_decimal(std::string_view text);

    static constexpr U256 max() { return {~0ULL, ~0ULL, ~0ULL, ~0ULL}; }
};

namespace detail {
using u128 = UInt128;

constexpr std::uint64_t add_with_carry(std::uint64_t a, std::uint64_t b, bool& carry) {
    const u128 sum = static_cast<u128>(a) + b + carry;
    carry = static_cast<std::uint64_t>(sum >> 64) != 0;
    return static_cast<std::uint64_t>(sum);
}

constexpr std::uint64_t sub_with_borrow(std::uint64_t a, std::uint64_t b, bool& borrow) {
    const u128 difference = static_cast<u128>(a) - b - borrow;
    borrow = static_cast<std::uint64_t>(difference >> 64) != 0;
    return static_cast<std::uint64_t>(difference);
}
}  // namespace detail

struct U256WithOverflow {
    U256 value;
    bool overflow;
};

constexpr U256WithOverflow add_overflow(const U256& a, const U256& b) {
    U256 r;
    bool carry = false;
    for (int i = 0; i < 4; ++i)
        r.limbs[i] = detail::add_with_carry(a.limbs[i], b.limbs[i], carry);
    return {r, carry};
}

constexpr U256WithOverflow sub_overflow(const U256& a, const U256& b) {
    U256 r;
    bool borrow = false;
    for (int i = 0; i < 4; ++i)
        r.limbs[i] = detail::sub_with_borrow(a.limbs[i], b.limbs[i], borrow);
    return {r, borrow};
}

constexpr U256 operator+(const U256& a, const U256& b) { return add_overflow(a, b).value; }
constexpr U256 operator-(const U256& a, const U256& b) { return sub_overflow(a, b).value; }
constexpr U256 operator~(const U256& a) { return {~a.limbs[0], ~a.limbs[1], ~a.limbs[2], ~a.limbs[3]}; }
constexpr U256 operator-(const U256& a) { return U256{} - a; }
constexpr U256 operator&(const U256& a, const U256& b) {
    return {a.limbs[0] & b.limbs[0], a.limbs[1] & b.limbs[1], a.limbs[2] & b.limbs[2],
            a.limbs[3] & b.limbs[3]};
}
constexpr U256 operator|(const U256& a, const U256& b) {
    return {a.limbs[0] | b.limbs[0], a.limbs[1] | b.limbs[1], a.limbs[2] | b.limbs[2],
            a.limbs[3] | b.limbs[3]};
}
constexpr U256 operator^(const U256& a, const U256& b) {
    return {a.limbs[0] ^ b.limbs[0], a.limbs[1] ^ b.limbs[1], a.limbs[2] ^ b.limbs[2],
            a.limbs[3] ^ b.limbs[3]};
}

constexpr U256 operator*(const U256& a, const U256& b) {
    U256 r;
    for (int i = 0; i < 4; ++i) {
        std::uint64_t carry = 0;
        for (int j = 0; i + j < 4; ++j) {
            const auto t = static_cast<detail::u128>(a.limbs[i]) * b.limbs[j] + r.limbs[i + j] + carry;
            r.limbs[i + j] = static_cast<std::uint64_t>(t);
            carry = static_cast<std::uint64_t>(t >> 64);
        }
    }
    return r;
}

/// The product, and whether it needs more than 256 bits.
U256WithOverflow mul_overflow(const U256& a, const U256& b);

constexpr U256 operator<<(const U256& a, std::uint64_t shift) {
    if (shift >= 256) return {};
    const auto words = shift / 64;
    const auto bits = shift % 64;
    U256 r;
    for (int i = 3; i >= static_cast<int>(words); --i) {
        const auto from = static_cast<std::size_t>(i) - words;
        r.limbs[i] = a.limbs[from] << bits;
        if (bits != 0 && from > 0) r.limbs[i] |= a.limbs[from - 1] >> (64 - bits);
    }
    return r;
}

constexpr U256 operator>>(const U256& a, std::uint64_t shift) {
    if (shift >= 256) return {};
    const auto words = shift / 64;
    const auto bits = shift % 64;
    U256 r;
    for (std::size_t i = 0; i + words < 4; ++i) {
        const auto from = i + words;
        r.limbs[i] = a.limbs[from] >> bits;
        if (bits != 0 && from < 3) r.limbs[i] |= a.limbs[from + 1] << (64 - bits);
    }
    return r;
}

/// SAR: shifts in copies of the sign.
constexpr U256 shift_right_arithmetic(const U256& a, std::uint64_t shift) {
    if (!a.is_negative()) return a >> shift;
    return ~(~a >> shift);
}

/// a < b, by one chain of borrows rather than limb by limb.
constexpr bool less(const U256& a, const U256& b) { return sub_overflow(a, b).overflow; }

constexpr U256& operator+=(U256& a, const U256& b) { return a = a + b; }
constexpr U256& operator-=(U256& a, const U256& b) { return a = a - b; }
constexpr U256& operator*=(U256& a, const U256& b) { return a = a * b; }

struct U256Division {
    U256 quotient;
    U256 remainder;
};

/// Quotient and remainder; both 0 when the divisor is 0, as the EVM's DIV and MOD have it.
U256Division div_mod(const U256& dividend, const U256& divisor);
inline U256 operator/(const U256& a, const U256& b) { return div_mod(a, b).quotient; }
inline U256 operator%(const U256& a, const U256& b) { return div_mod(a, b).remainder; }

/// Two's complement division and remainder (the remainder has the dividend's sign); 0 when the divisor is 0.
U256 signed_div(const U256& a, const U256& b);
U256 signed_mod(const U256& a, const U256& b);
/// a < b as two's complement numbers.
constexpr bool signed_less(const U256& a, const U256& b) {
    return (a.is_negative() != b.is_negative()) != less(a, b);
}
/// (a + b) mod m and (a × b) mod m without losing the high bits; 0 when m is 0.
U256 add_mod(const U256& a, const U256& b, const U256& m);
U256 mul_mod(const U256& a, const U256& b, const U256& m);
/// base^exponent mod 2^256.
U256 power(const U256& base, const U256& exponent);

}  // namespace valence::base

template <>
struct std::hash<valence::base::U256> {
    using is_avalanching = void;
    std::size_t operator()(const valence::base::U256& v) const noexcept {
        return valence::base::mix(valence::base::mix(v.limbs[0], v.limbs[1]),
                                  valence::base::mix(v.limbs[2], v.limbs[3]));
    }
};

namespace valence {
using base::U256;
}  // namespace valence
