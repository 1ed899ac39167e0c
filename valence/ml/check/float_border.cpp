#include "valence/ml/check/float_border.hpp"

#include <algorithm>
#include <cmath>

namespace valence::ml {

QuantisedInputs quantise_inputs(const Graph& graph, const Sample& sample) {
    QuantisedInputs result;
    for (std::size_t k = 0; k < graph.inputs.size(); ++k) {
        const Port& port = graph.inputs[k];
        const Tensor& tensor = graph.main.tensors[port.tensor];
        const real::Tensor& source = sample[k];
        Values values{tensor.type, tensor.shape, {}};
        const auto put = [&](double value, int exponent, double low, double high) {
            const double scaled = std::nearbyint(std::ldexp(value, exponent));
            if (!(scaled >= low && scaled <= high)) ++result.saturated;
            values.data.push_back(
                std::isnan(scaled) ? 0 : static_cast<std::int64_t>(std::clamp(scaled, low, high)));
        };
        if (source.element() == real::ElementType::f32) {
            const auto elements = source.f32();
            for (std::size_t place = 0; place < elements.size(); ++place)
                put(elements[place],
                    port.exponents.empty() ? tensor.exponent : port.exponents[place % port.exponents.size()],
                    -32768, 32767);
        } else if (source.element() == real::ElementType::i64) {
            for (const std::int64_t element : source.i64())
                put(static_cast<double>(element), 0, -2147483648.0, 2147483647.0);
        } else {
            for (const std::uint8_t element : source.boolean())
                put(element, 0, 0, 1);
        }
        result.values.push_back(std::move(values));
    }
    return result;
}

real::Tensor dequantise(const Tensor& tensor, const Values& values) {
    real::Shape shape(tensor.shape.extents().begin(), tensor.shape.extents().end());
    if (tensor.type == ElementType::index) return {shape, values.data};
    std::vector<float> elements;
    elements.reserve(values.data.size());
    for (const std::int64_t value : values.data)
        elements.push_back(static_cast<float>(std::ldexp(static_cast<double>(value), -tensor.exponent)));
    return {shape, std::move(elements)};
}

}  // namespace valence::ml
