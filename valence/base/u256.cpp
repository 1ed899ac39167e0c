#include "valence/base/u256.hpp"

#include <algorithm>

#include "valence/base/division.hpp"

namespace valence::base {
namespace {

using division::divide_2_by_1;
using division::divide_word;

/// Divides `u` by `v` (not 0); the quotient goes to `quotient` unless that is null.
template <std::size_t N>
U256 divide(const std::array<std::uint64_t, N>& u, const U256& v, std::array<std::uint64_t, N>* quotient) {
    std::size_t n = 4;
    while (n > 1 && v.limbs[n - 1] == 0)
        --n;
    std::size_t m = N;
    while (m > 0 && u[m - 1] == 0)
        --m;
    if (quotient != nullptr) quotient->fill(0);
    if (m < n) {
        U256 r;
        std::copy_n(u.begin(), std::min<std::size_t>(N, 4), r.limbs.begin());
        return r;
    }

    if (n == 1 && m <= 3) {
        // Below that many digits the processor's division beats making a reciprocal.
        std::uint64_t rest = 0;
        for (std::size_t i = m; i-- > 0;) {
            const auto digit = divide_word(rest, u[i], v.limbs[0]);
            if (quotient != nullptr) (*quotient)[i] = digit.quotient;
            rest = digit.remainder;
        }
        return rest;
    }

    const auto shift = static_cast<unsigned>(std::countl_zero(v.limbs[n - 1]));
    const auto d = v << shift;
    // One limb more, for what the shift pushes out.
    std::array<std::uint64_t, N + 1> w{};
    const auto rest = 63 - shift;
    w[m] = (u[m - 1] >> 1) >> rest;
    for (std::size_t i = m - 1; i > 0; --i)
        w[i] = u[i] << shift | (u[i - 1] >> 1) >> rest;
    w[0] = u[0] << shift;

    auto* const digits = quotient == nullptr ? nullptr : quotient->data();
    const auto count = m - n + 1;
    if (n == 1) {
        const auto reciprocal = division::reciprocal(d.limbs[0]);
        auto r = w[m];
        for (std::size_t i = m; i-- > 0;) {
            const auto digit = divide_2_by_1(r, w[i], d.limbs[0], reciprocal);
            if (digits != nullptr) digits[i] = digit.quotient;
            r = digit.remainder;
        }
        return r >> shift;
    }
    switch (n) {
        case 2:
            division::divide_normalised<2>(w.data(), count, d.limbs.data(), digits);
            break;
        case 3:
            division::divide_normalised<3>(w.data(), count, d.limbs.data(), digits);
            break;
        default:
            division::divide_normalised<4>(w.data(), count, d.limbs.data(), digits);
            break;
    }
    U256 r;
    std::copy_n(w.begin(), n, r.limbs.begin());
    return r >> shift;
}

bool is_power_of_two(const U256& v) {
    return std::popcount(v.limbs[0]) + std::popcount(v.limbs[1]) + std::popcount(v.limbs[2]) +
               std::popcount(v.limbs[3]) ==
           1;
}

std::array<std::uint64_t, 8> full_product(const U256& a, const U256& b) {
    std::array<std::uint64_t, 8> r{};
    for (std::size_t i = 0; i < 4; ++i) {
        std::uint64_t carry = 0;
        for (std::size_t j = 0; j < 4; ++j) {
            const auto t = static_cast<UInt128>(a.limbs[i]) * b.limbs[j] + r[i + j] + carry;
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
    if (less(dividend, divisor)) return {0, dividend};
    U256Division result;
    result.remainder = divide<4>(dividend.limbs, divisor, &result.quotient.limbs);
    return result;
}

U256 operator/(const U256& dividend, const U256& divisor) {
    if (less(dividend, divisor) || divisor.is_zero()) return {};
    if (dividend.fits_u64()) return dividend.limbs[0] / divisor.limbs[0];
    // Contracts from before the shift opcodes divide by powers of two throughout.
    if (is_power_of_two(divisor)) return dividend >> (divisor.bit_width() - 1);
    U256 quotient;
    divide<4>(dividend.limbs, divisor, &quotient.limbs);
    return quotient;
}

U256 operator%(const U256& dividend, const U256& divisor) {
    if (divisor.is_zero()) return {};
    if (less(dividend, divisor)) return dividend;
    if (dividend.fits_u64()) return dividend.limbs[0] % divisor.limbs[0];
    if (is_power_of_two(divisor)) return dividend & (divisor - U256{1});
    return divide<4>(dividend.limbs, divisor, nullptr);
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
    const auto [sum, carry] = add_overflow(a, b);
    if (less(a, m) && less(b, m)) [[likely]]
        return carry || !less(sum, m) ? sum - m : sum;
    if (m.is_zero()) return {};
    if (!carry) return sum % m;
    const std::array<std::uint64_t, 5> wide{sum.limbs[0], sum.limbs[1], sum.limbs[2], sum.limbs[3], 1};
    return divide<5>(wide, m, nullptr);
}

U256 mul_mod(const U256& a, const U256& b, const U256& m) {
    if (m.is_zero()) return {};
    return divide<8>(full_product(a, b), m, nullptr);
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
    for (unsigned i = digits; i-- > 0;)
        out.push_back(kDigits[limbs[i / 16] >> (4 * (i % 16)) & 15]);
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
