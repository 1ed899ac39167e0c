// Functions with steps or kinks, whose every entry is rounded by itself: in machine words, since each value
// is a fraction whose denominator is a power of two, or six times one. What fixed::round_to_16_bits() gives
// of the same value in 2^−256, fifteen times sooner.
#include <algorithm>
#include <optional>

#include "valence/ml/functions/families.hpp"

namespace valence::ml::families {
namespace {

__extension__ using Wide = __int128;

/// numerator/(divisor·2^bits). Numerators are below 2^80, and bits at most 64.
struct Fraction {
    Wide numerator;
    int bits = 0;
    int divisor = 1;
};

/// x·2^−in as an integer over 2^max(in, 0).
Wide numerator_of(const Table& table, std::int32_t x) {
    return table.in < 0 ? Wide{x} << -table.in : Wide{x};
}
int bits_of(const Table& table) { return std::max<int>(table.in, 0); }

/// ⌊v⌋
Wide floor_of(const Table& table, std::int32_t x) { return numerator_of(table, x) >> bits_of(table); }

Wide round_even(const Table& table, std::int32_t x) {
    const Wide below = floor_of(table, x);
    const Wide twice = 2 * (numerator_of(table, x) - (below << bits_of(table)));
    const Wide whole = Wide{1} << bits_of(table);
    const bool up = twice > whole || (twice == whole && (below & 1) != 0);
    return below + (up ? 1 : 0);
}

/// clamp(a·v + b, 0, 1), parameters in units of 2^−20.
Fraction hard_sigmoid(const Table& table, std::int32_t x) {
    const int bits = 20 + bits_of(table);
    const Wide sum = table.a * numerator_of(table, x) + (Wide{table.b} << bits_of(table));
    return {std::clamp<Wide>(sum, 0, Wide{1} << bits), bits};
}

/// v·clamp(v + 3, 0, 6)/6
Fraction hard_swish(const Table& table, std::int32_t x) {
    const Wide v = numerator_of(table, x);
    const Wide one = Wide{1} << bits_of(table);
    return {v * std::clamp<Wide>(v + 3 * one, 0, 6 * one), 2 * bits_of(table), 6};
}

std::optional<Fraction> value_of(const Table& table, std::int32_t x) {
    switch (table.function) {
        case Function::sign:
            return Fraction{x > 0 ? 1 : x < 0 ? -1 : 0};
        case Function::floor:
            return Fraction{floor_of(table, x)};
        case Function::ceiling:
            return Fraction{-floor_of(table, -x)};
        case Function::round:
            return Fraction{round_even(table, x)};
        case Function::hard_sigmoid:
            return hard_sigmoid(table, x);
        case Function::hard_swish:
            return hard_swish(table, x);
        default:
            return std::nullopt;
    }
}

/// a/b towards −∞, b > 0.
Wide floor_quotient(Wide a, Wide b) { return a / b - (a % b < 0 ? 1 : 0); }

}  // namespace

std::optional<std::int16_t> in_words(const Table& table, std::int32_t x) {
    const auto value = value_of(table, x);
    if (!value) return std::nullopt;
    Wide numerator = value->numerator;
    const Wide divisor = value->divisor;
    // Of the denominator, which is divisor·2^bits, once the result's exponent is taken off.
    const int bits = value->bits - table.out;
    if (bits <= 0) {
        numerator = floor_quotient((numerator << -bits) + divisor / 2, divisor);
    } else {
        // Half, and 2^−64 below a tie counts as one.
        const Wide tie = bits >= 64 ? divisor << (bits - 64) : divisor >> (64 - bits);
        numerator = floor_quotient(numerator + (divisor << (bits - 1)) + tie, divisor << bits);
    }
    return static_cast<std::int16_t>(std::clamp<Wide>(numerator, -32768, 32767));
}

}  // namespace valence::ml::families
