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
#include "valence/base/limbs.hpp"

namespace valence::base {

struct U256 {
    /// Least significant first.
    std::array<std::uint64_t, 4> limbs{};

    constexpr U256() = default;
    constexpr U256(std::uint64_t low) : limbs{low, 0, 0, 0} {}  // NOLINT: integers convert freely
    constexpr U256(std::uint64_t l0, std::uint64_t l1, std::uint64_t l2, std::uint64_t l3)
        : limbs{l0, l1, l2, l3} {}

    constexpr explicit U256(const limbs::Four& l) : limbs(l) {}

    constexpr bool operator==(const U256& other) const {
        return ((limbs[0] ^ other.limbs[0]) | (limbs[1] ^ other.limbs[1]) | (limbs[2] ^ other.limbs[2]) |
                (limbs[3] ^ other.limbs[3])) == 0;
    }
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
    [[gnu::always_inline]] static U256 from_be32(const std::uint8_t* bytes) {
        const auto limb = [bytes](std::size_t at) {
            std::uint64_t l = 0;
            std::memcpy(&l, bytes + at, 8);
            return __builtin_bswap64(l);
        };
        return {limb(24), limb(16), limb(8), limb(0)};
    }
    static U256 from_hash(const Hash& h) { return from_be32(h.data()); }
    static U256 from_address(const Address& a) { return from_be(a); }

    /// Writes 32 big-endian bytes.
    [[gnu::always_inline]] void store_be32(std::uint8_t* to) const {
        const auto store = [to](std::size_t at, std::uint64_t l) {
            const auto swapped = __builtin_bswap64(l);
            std::memcpy(to + at, &swapped, 8);
        };
        store(0, limbs[3]);
        store(8, limbs[2]);
        store(16, limbs[1]);
        store(24, limbs[0]);
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

struct U256WithOverflow {
    U256 value;
    bool overflow;
};

constexpr U256WithOverflow add_overflow(const U256& a, const U256& b) {
    const U256 sum{limbs::add(a.limbs, b.limbs)};
    return {sum, limbs::less(sum.limbs, a.limbs)};
}

constexpr U256WithOverflow sub_overflow(const U256& a, const U256& b) {
    return {U256{limbs::sub(a.limbs, b.limbs)}, limbs::less(a.limbs, b.limbs)};
}

constexpr U256 operator+(const U256& a, const U256& b) { return U256{limbs::add(a.limbs, b.limbs)}; }
constexpr U256 operator-(const U256& a, const U256& b) { return U256{limbs::sub(a.limbs, b.limbs)}; }
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

constexpr U256 operator*(const U256& a, const U256& b) { return U256{limbs::mul(a.limbs, b.limbs)}; }

/// The product, and whether it needs more than 256 bits.
U256WithOverflow mul_overflow(const U256& a, const U256& b);

constexpr U256 operator<<(const U256& a, std::uint64_t shift) {
    return shift < 256 ? U256{limbs::shift_left(a.limbs, static_cast<unsigned>(shift))} : U256{};
}

constexpr U256 operator>>(const U256& a, std::uint64_t shift) {
    return shift < 256 ? U256{limbs::shift_right(a.limbs, static_cast<unsigned>(shift))} : U256{};
}

/// SAR: shifts in copies of the sign.
constexpr U256 shift_right_arithmetic(const U256& a, std::uint64_t shift) {
    const std::uint64_t sign = a.is_negative() ? ~std::uint64_t{0} : 0;
    const U256 flip{sign, sign, sign, sign};
    return ((a ^ flip) >> shift) ^ flip;
}

/// a < b, by one chain of borrows rather than limb by limb.
constexpr bool less(const U256& a, const U256& b) { return limbs::less(a.limbs, b.limbs); }

constexpr U256& operator+=(U256& a, const U256& b) { return a = a + b; }
constexpr U256& operator-=(U256& a, const U256& b) { return a = a - b; }
constexpr U256& operator*=(U256& a, const U256& b) { return a = a * b; }

struct U256Division {
    U256 quotient;
    U256 remainder;
};

/// Quotient and remainder; both 0 when the divisor is 0, as the EVM's DIV and MOD have it.
U256Division div_mod(const U256& dividend, const U256& divisor);
U256 operator/(const U256& dividend, const U256& divisor);
U256 operator%(const U256& dividend, const U256& divisor);

/// Two's complement division and remainder (the remainder has the dividend's sign); 0 when the divisor is 0.
U256 signed_div(const U256& a, const U256& b);
U256 signed_mod(const U256& a, const U256& b);
/// a < b as two's complement numbers.
constexpr bool signed_less(const U256& a, const U256& b) { return limbs::signed_less(a.limbs, b.limbs); }
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
