#include "valence/base/u256.hpp"

#include <algorithm>

namespace valence::base {
namespace {

using detail::u128;

/// Knuth's algorithm D (TAOCP 4.3.1) on little-endian limbs: divides `u` (N limbs) by `v` (4 limbs, not 0).
template <std::size_t N>
U256 remainder_and_quotient(std::array<std::uint64_t, N> u, const U256& v, std::array<std::uint64_t, N>* quotient) {
    std::size_t n = 4;
    while (n > 1 && v.limbs[n - 1] == 0) --n;
    std::size_t m = N;
    while (m > 0 && u[m - 1] == 0) --m;
    if (quotient != nullptr) quotient->fill(0);
    if (n == 1) {
        const auto d = v.limbs[0];
        u128 rest = 0;
        for (std::size_t i = m; i-- > 0;) {
            const u128 current = rest << 64 | u[i];
            if (quotient != nullptr) (*quotient)[i] = static_cast<std::uint64_t>(current / d);
            rest = current % d;
        }
        return static_cast<std::uint64_t>(rest);
    }
    if (m < n) {
        U256 r;
        std::copy_n(u.begin(), std::min<std::size_t>(N, 4), r.limbs.begin());
        return r;
    }

    const auto shift = static_cast<unsigned>(std::countl_zero(v.limbs[n - 1]));
    const U256 d = v << shift;
    std::array<std::uint64_t, N + 1> w{};
    w[m] = shift == 0 ? 0 : u[m - 1] >> (64 - shift);
    for (std::size_t i = m - 1; i > 0; --i) {
        w[i] = shift == 0 ? u[i] : u[i] << shift | u[i - 1] >> (64 - shift);
    }
    w[0] = u[0] << shift;

    for (std::size_t j = m - n + 1; j-- > 0;) {
        const u128 numerator = static_cast<u128>(w[j + n]) << 64 | w[j + n - 1];
        u128 q = 0;
        u128 r = 0;
        if (w[j + n] >= d.limbs[n - 1]) {
            q = ~std::uint64_t{0};
            r = numerator - q * d.limbs[n - 1];
        } else {
            q = numerator / d.limbs[n - 1];
            r = numerator % d.limbs[n - 1];
        }
        while ((r >> 64) == 0 && q * d.limbs[n - 2] > (r << 64 | w[j + n - 2])) {
            --q;
            r += d.limbs[n - 1];
        }
        std::uint64_t borrow = 0;
        std::uint64_t carry = 0;
        for (std::size_t i = 0; i < n; ++i) {
            const u128 product = q * d.limbs[i] + carry;
            carry = static_cast<std::uint64_t>(product >> 64);
            const u128 t = static_cast<u128>(w[i + j]) - static_cast<std::uint64_t>(product) - borrow;
            w[i + j] = static_cast<std::uint64_t>(t);
            borrow = static_cast<std::uint64_t>(t >> 64) & 1;
        }
        const u128 t = static_cast<u128>(w[j + n]) - carry - borrow;
        w[j + n] = static_cast<std::uint64_t>(t);
        if (static_cast<std::uint64_t>(t >> 64) != 0) {
            --q;
            bool c = false;
            for (std::size_t i = 0; i < n; ++i) w[i + j] = detail::add_with_carry(w[i + j], d.limbs[i], c);
            w[j + n] += c;
        }
        if (quotient != nullptr) (*quotient)[j] = static_cast<std::uint64_t>(q);
    }
    U256 r;
    std::copy_n(w.begin(), n, r.limbs.begin());
    return r >> shift;
}

std::array<std::uint64_t, 8> full_product(const U256& a, const U256& b) {
    std::array<std::uint64_t, 8> r{};
    for (std::size_t i = 0; i < 4; ++i) {
        std::uint64_t carry = 0;
        for (std::size_t j = 0; j < 4; ++j) {
            const auto t = static_cast<u128>(a.limbs[i]) * b.limbs[j] + r[i + j] + carry;
            r[i + j] = static_cast<std::uint64_t>(t);
            carry = static_cast<std::uint64_t>(t >> 64);
        }
        r[i + 4] = carry;
    }
    return r;
}

U256 magnitude(const U256& a) { return a.is_negative() ? -a : a; }

}  // namespace

U256WithOverflow mul_overflow(const U256& a, const U256& b) {
    const auto p = full_product(a, b);
    return {{p[0], p[1], p[2], p[3]}, (p[4] | p[5] | p[6] | p[7]) != 0};
}

U256Division div_mod(const U256& dividend, const U256& divisor) {
    if (divisor.is_zero()) return {};
    if (dividend < divisor) return {0, dividend};
    if (dividend.fits_u64()) return {dividend.limbs[0] / divisor.limbs[0], dividend.limbs[0] % divisor.limbs[0]};
    U256Division result;
    result.remainder = remainder_and_quotient<4>(dividend.limbs, divisor, &result.quotient.limbs);
    return result;
}

U256 signed_div(const U256& a, const U256& b) {
    const auto q = magnitude(a) / magnitude(b);
    return a.is_negative() != b.is_negative() ? -q : q;
}

U256 signed_mod(const U256& a, const U256& b) {
    const auto r = magnitude(a) % magnitude(b);
    return a.is_negative() ? -r : r;
}

U256 add_mod(const U256& a, const U256& b, const U256& m) {
    if (m.is_zero()) return {};
    const auto [sum, carry] = add_overflow(a, b);
    if (!carry) return sum % m;
    const std::array<std::uint64_t, 5> wide{sum.limbs[0], sum.limbs[1], sum.limbs[2], sum.limbs[3], 1};
    return remainder_and_quotient<5>(wide, m, nullptr);
}

U256 mul_mod(const U256& a, const U256& b, const U256& m) {
    if (m.is_zero()) return {};
    return remainder_and_quotient<8>(full_product(a, b), m, nullptr);
}

U256 power(const U256& base, const U256& exponent) {
    U256 result = 1;
    U256 square = base;
    const auto bits = exponent.bit_width();
    for (unsigned i = 0; i < bits; ++i) {
        if ((exponent.limbs[i / 64] >> (i % 64) & 1) != 0) result *= square;
        square *= square;
    }
    return result;
}

std::string U256::to_hex() const {
    constexpr std::string_view kDigits = "0123456789abcdef";
    const auto digits = std::max(1U, (bit_width() + 3) / 4);
    std::string out = "0x";
    for (unsigned i = digits; i-- > 0;) out.push_back(kDigits[limbs[i / 16] >> (4 * (i % 16)) & 15]);
    return out;
}

std::string U256::to_decimal() const {
    constexpr std::uint64_t kChunk = 10'000'000'000'000'000'000ULL;
    if (is_zero()) return "0";
    std::string out;
    for (U256 rest = *this; !rest.is_zero();) {
        const auto [quotient, remainder] = div_mod(rest, kChunk);
        auto part = std::to_string(remainder.limbs[0]);
        if (!quotient.is_zero()) part.insert(0, 19 - part.size(), '0');
        out.insert(0, part);
        rest = quotient;
    }
    return out;
}

std::optional<U256> U256::from_hex(std::string_view text) {
    if (text.starts_with("0x") || text.starts_with("0X")) text.remove_prefix(2);
    if (text.empty()) return std::nullopt;
    U256 value;
    for (const char c : text) {
        unsigned digit = 0;
        if (c >= '0' && c <= '9') {
            digit = static_cast<unsigned>(c - '0');
        } else if (c >= 'a' && c <= 'f') {
            digit = static_cast<unsigned>(c - 'a' + 10);
        } else if (c >= 'A' && c <= 'F') {
            digit = static_cast<unsigned>(c - 'A' + 10);
        } else {
            return std::nullopt;
        }
        if ((value.limbs[3] >> 60) != 0) return std::nullopt;
        value = value << 4 | U256{digit};
    }
    return value;
}

std::optional<U256> U256::from_decimal(std::string_view text) {
    if (text.empty()) return std::nullopt;
    U256 value;
    for (const char c : text) {
        if (c < '0' || c > '9') return std::nullopt;
        const auto scaled = mul_overflow(value, 10);
        const auto next = add_overflow(scaled.value, static_cast<std::uint64_t>(c - '0'));
        if (scaled.overflow || next.overflow) return std::nullopt;
        value = next.value;
    }
    return value;
}

}  // namespace valence::base
