// ln v and v^a, from the logarithms of integers.
#include "valence/ml/functions/families.hpp"

namespace valence::ml::families {
namespace {

using namespace fixed;

/// ln(x·2^−in) for x > 0 that logarithm_of() covers, or 64 times such an x.
Real logarithm(const Table& table, std::int32_t x) {
    const bool large = x > 4096;
    const Real& mantissa = logarithm_of(static_cast<std::uint32_t>(large ? x / 64 : x));
    return mantissa + ((large ? 6 : 0) - table.in) * ln2();
}

Real power(const Table& table, std::int32_t x) {
    constexpr std::int32_t kUnit = 1 << 20;  // of the parameters
    const bool integer = table.a % kUnit == 0;
    if (table.a == 0) return one();
    if (x == 0) return table.a < 0 ? huge() : Real{0};
    if (x < 0 && !integer) return 0;
    const Real magnitude = exponential(multiply(parameter(table.a), logarithm(table, x < 0 ? -x : x)));
    const bool odd = integer && (table.a / kUnit) % 2 != 0;
    return x < 0 && odd ? Real{-magnitude} : magnitude;
}

}  // namespace

std::optional<Real> logarithmic(const Table& table, std::int32_t x) {
    if (table.function == Function::logarithm) return x <= 0 ? Real{-huge()} : logarithm(table, x);
    if (table.function == Function::power) return power(table, x);
    return std::nullopt;
}

}  // namespace valence::ml::families
