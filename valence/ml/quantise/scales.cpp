#include "valence/ml/quantise/scales.hpp"

#include <algorithm>
#include <cmath>

namespace valence::ml {

int exponent_for(double reach, double headroom) {
    const double wanted = reach * headroom;
    if (!(wanted > 0)) return 15;
    int exponent = 0;
    std::frexp(wanted, &exponent);  // wanted < 2^exponent
    return std::clamp(15 - exponent, -kMaxExponent, kMaxExponent);
}

std::int64_t to_integer(double value, int exponent, std::int64_t limit) {
    const double scaled = std::nearbyint(std::ldexp(value, exponent));
    if (!(scaled > -static_cast<double>(limit))) return -limit;
    if (scaled >= static_cast<double>(limit)) return limit;
    return static_cast<std::int64_t>(scaled);
}

Ratio to_ratio(double ratio, int bits) {
    if (ratio == 0) return {};
    int exponent = 0;
    std::frexp(ratio, &exponent);  // |ratio| < 2^exponent
    const int shift = std::clamp(bits - exponent, 0, kMaxShift);
    const std::int64_t limit = std::int64_t{1} << bits;
    std::int64_t multiplier = to_integer(ratio, shift, limit);
    int least = shift;
    while (least > 0 && multiplier % 2 == 0 && multiplier != 0) {
        multiplier /= 2;
        --least;
    }
    return {static_cast<std::int32_t>(multiplier), least};
}

QuantisedRows quantise_rows(std::span<const double> rows, std::size_t count, int bits, int largest) {
    QuantisedRows result;
    result.bits = bits;
    result.integers.resize(rows.size());
    result.channel.resize(count, 0);
    const std::size_t width = count == 0 ? 0 : rows.size() / count;
    const std::int64_t limit = (std::int64_t{1} << (bits - 1)) - 1;
    std::vector<int> exponents(count, largest);
    int most = -1000;
    for (std::size_t row = 0; row < count; ++row) {
        double reach = 0;
        for (std::size_t k = 0; k < width; ++k)
            reach = std::max(reach, std::abs(rows[row * width + k]));
        if (reach > 0) {
            int exponent = 0;
            const double mantissa = std::frexp(reach, &exponent);
            exponents[row] = bits - 1 - exponent;
            // The largest weight rounds up to 2^(bits−1) only if its mantissa does.
            if (std::nearbyint(std::ldexp(mantissa, bits - 1)) > static_cast<double>(limit)) --exponents[row];
            exponents[row] = std::min(exponents[row], largest);
            most = std::max(most, exponents[row]);
        }
    }
    result.exponent = most == -1000 ? std::min(largest, bits - 1) : most;
    int least = result.exponent;
    for (std::size_t row = 0; row < count; ++row) {
        exponents[row] = std::min(exponents[row], result.exponent);
        least = std::min(least, exponents[row]);
    }
    result.exponent = std::min(result.exponent, least + 15);
    for (std::size_t row = 0; row < count; ++row) {
        const int exponent = std::min(exponents[row], result.exponent);
        result.channel[row] = static_cast<std::uint8_t>(result.exponent - exponent);
        for (std::size_t k = 0; k < width; ++k)
            result.integers[row * width + k] =
                static_cast<std::int16_t>(to_integer(rows[row * width + k], exponent, limit));
    }
    return result;
}

}  // namespace valence::ml
