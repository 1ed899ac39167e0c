#include "valence/ml/model/border.hpp"

#include <fmt/format.h>

#include "valence/ml/graph/model_error.hpp"

namespace valence::ml {
namespace {

constexpr U256 kWad{1'000'000'000'000'000'000ULL};

struct Rounded {
    std::int64_t value;
    bool saturated;
};

/// |wad|·2^f / 10^18 to the nearest integer, half to even, with the sign of wad, in [low, high].
Rounded round_wad(const U256& wad, int f, std::int64_t low, std::int64_t high) {
    const bool negative = wad.is_negative();
    const U256 magnitude = negative ? -wad : wad;
    const Rounded limit{negative ? low : high, true};
    // 2^160·2^−32 / 2^60 is far above every range; below it, 2^160·2^32 fits.
    if (magnitude.bit_width() > 160) return limit;
    const U256 dividend = f > 0 ? magnitude << static_cast<std::uint64_t>(f) : magnitude;
    const U256 divisor = f < 0 ? kWad << static_cast<std::uint64_t>(-f) : kWad;
    auto [quotient, rest] = base::div_mod(dividend, divisor);
    const U256 twice = rest << 1;
    if (twice > divisor || (twice == divisor && (quotient.low_u64() & 1) != 0)) quotient += U256{1};
    if (quotient > U256{static_cast<std::uint64_t>(negative ? -low : high)}) return limit;
    const auto value = static_cast<std::int64_t>(quotient.low_u64());
    return {negative ? -value : value, false};
}

}  // namespace

Result<BorderInput> from_wad(const Graph& graph, std::size_t number, std::span<const U256> wad) {
    const Port& port = graph.inputs[number];
    const Tensor& tensor = graph.main.tensors[port.tensor];
    if (wad.size() != tensor.shape.elements())
        return Error{ModelError::invalid_input,
                     fmt::format("input \"{}\" of {} takes {} values, not {}", port.name,
                                 to_string(tensor.shape), tensor.shape.elements(), wad.size())};
    const bool index = tensor.type == ElementType::index;
    const std::int64_t low = index ? INT32_MIN : INT16_MIN;
    const std::int64_t high = index ? INT32_MAX : INT16_MAX;
    BorderInput result{{tensor.type, tensor.shape, {}}, 0};
    result.values.data.reserve(wad.size());
    for (std::size_t k = 0; k < wad.size(); ++k) {
        const int f = index                    ? 0
                      : port.exponents.empty() ? tensor.exponent
                                               : port.exponents[k % port.exponents.size()];
        const auto [value, saturated] = round_wad(wad[k], f, low, high);
        result.values.data.push_back(value);
        result.saturated += saturated ? 1 : 0;
    }
    return result;
}

std::vector<U256> to_wad(const Graph& graph, std::size_t number, const Values& values) {
    const Tensor& tensor = graph.main.tensors[graph.outputs[number].tensor];
    const int f = tensor.type == ElementType::index ? 0 : tensor.exponent;
    const U256 unit = f >= 0 ? kWad >> static_cast<std::uint64_t>(f) : kWad << static_cast<std::uint64_t>(-f);
    std::vector<U256> wad;
    wad.reserve(values.data.size());
    for (const std::int64_t value : values.data) {
        const U256 magnitude{static_cast<std::uint64_t>(value < 0 ? -value : value)};
        wad.push_back(value < 0 ? -(magnitude * unit) : magnitude * unit);
    }
    return wad;
}

}  // namespace valence::ml
