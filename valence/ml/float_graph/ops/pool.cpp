// Max and average pooling over any number of spatial axes.
#include <limits>

#include "valence/ml/float_graph/ops/families.hpp"
#include "valence/ml/float_graph/ops/typing.hpp"
#include "valence/ml/float_graph/ops/windows.hpp"

namespace valence::ml::real {
namespace {

/// Taps of one window place that fall into the input, as offsets; and how many fall into input or padding.
struct Covered {
    std::vector<std::int64_t> offsets;
    std::int64_t with_padding = 0;
};

Covered covered_by(const Window& window, const Shape& spatial, const Shape& place) {
    Covered covered;
    for_each_index(window.kernel, [&](const Shape& tap) {
        std::int64_t offset = 0;
        bool inside = true;
        bool padded = true;
        for (std::size_t d = 0; d < spatial.size(); ++d) {
            const auto in = place[d] * window.strides[d] + tap[d] * window.dilations[d] - window.before[d];
            inside = inside && in >= 0 && in < spatial[d];
            padded = padded && in < spatial[d] + window.after[d];
            offset = offset * spatial[d] + in;
        }
        if (inside) covered.offsets.push_back(offset);
        if (padded) ++covered.with_padding;
    });
    return covered;
}

}  // namespace

OutputTypes infer_pool(Op, const Attributes& attributes, InputTypes inputs) {
    const auto& window = std::get<Window>(attributes);
    BOOST_OUTCOME_TRYV(expect(*inputs[0], ElementType::f32, "input"));
    const auto& x = inputs[0]->shape;
    if (x.size() < 3) return Error{GraphError::shape_invalid, "input " + to_string(x)};
    BOOST_OUTCOME_TRYV(check_window(window, Shape(x.begin() + 2, x.end())));
    BOOST_OUTCOME_TRYV(checked_element_count(window.kernel));
    Shape shape{x[0], x[1]};
    shape.insert(shape.end(), window.output.begin(), window.output.end());
    return one_output({ElementType::f32, std::move(shape)});
}

Result<void> compute_pool(Op op, const Attributes& attributes, InputTensors inputs,
                          std::span<Tensor> outputs) {
    const auto& window = std::get<Window>(attributes);
    const auto& x_shape = inputs[0]->shape();
    const Shape spatial(x_shape.begin() + 2, x_shape.end());
    const auto area_in = element_count(spatial);
    const auto area_out = element_count(window.output);
    const auto planes = x_shape[0] * x_shape[1];
    const auto x = inputs[0]->f32();
    const auto y = outputs[0].f32();
    std::int64_t place_number = 0;
    for_each_index(window.output, [&](const Shape& place) {
        const auto covered = covered_by(window, spatial, place);
        const auto divisor =
            window.count_padding ? covered.with_padding : static_cast<std::int64_t>(covered.offsets.size());
        for (std::int64_t p = 0; p < planes; ++p) {
            const float* plane = x.data() + p * area_in;
            float& out = y[p * area_out + place_number];
            if (op == Op::max_pool) {
                float best = -std::numeric_limits<float>::infinity();
                for (const auto offset : covered.offsets)
                    best = plane[offset] > best ? plane[offset] : best;
                out = best;
            } else {
                double sum = 0;
                for (const auto offset : covered.offsets)
                    sum += static_cast<double>(plane[offset]);
                out = divisor == 0 ? 0 : static_cast<float>(sum / static_cast<double>(divisor));
            }
        }
        ++place_number;
    });
    return success();
}

}  // namespace valence::ml::real
