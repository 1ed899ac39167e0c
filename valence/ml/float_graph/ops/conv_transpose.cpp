// Transposed convolution: every input element adds its multiple of the kernel to the output.
#include "valence/ml/float_graph/ops/families.hpp"
#include "valence/ml/float_graph/ops/typing.hpp"
#include "valence/ml/float_graph/ops/windows.hpp"

namespace valence::ml::real {

OutputTypes infer_conv_transpose(Op, const Attributes& attributes, InputTypes inputs) {
    const auto& window = std::get<Window>(attributes);
    BOOST_OUTCOME_TRYV(check_operands(window, inputs));
    const auto& x = inputs[0]->shape;
    const auto& w = inputs[1]->shape;
    const auto groups = window.groups;
    if (groups < 1 || x[1] % groups != 0 || w[0] != x[1] || w[1] > kMaxElements / groups)
        return Error{GraphError::shape_invalid, "input " + to_string(x) + ", weight " + to_string(w) + ", " +
                                                    std::to_string(groups) + " groups"};
    const auto out_channels = w[1] * groups;
    if (inputs.size() > 2 && inputs[2] != nullptr) {
        BOOST_OUTCOME_TRYV(expect_equal(inputs[2]->shape, {out_channels}, "bias"));
    }
    Shape shape{x[0], out_channels};
    shape.insert(shape.end(), window.output.begin(), window.output.end());
    return one_output({ElementType::f32, std::move(shape)});
}

Result<void> compute_conv_transpose(Op, const Attributes& attributes, InputTensors inputs,
                                    std::span<Tensor> outputs) {
    const auto& window = std::get<Window>(attributes);
    const auto& x_shape = inputs[0]->shape();
    const Shape spatial(x_shape.begin() + 2, x_shape.end());
    const auto x = inputs[0]->f32();
    const auto w = inputs[1]->f32();
    const auto y = outputs[0].f32();
    if (y.empty()) return success();
    const auto channels = x_shape[1] / window.groups;
    const auto outs = inputs[1]->shape()[1];
    const auto taps = element_count(window.kernel);
    const auto area_in = element_count(spatial);
    const auto area_out = element_count(window.output);

    if (inputs.size() > 2 && inputs[2] != nullptr) {
        const auto bias = inputs[2]->f32();
        for (std::size_t i = 0; i < y.size(); ++i)
            y[i] = bias[i / static_cast<std::size_t>(area_out) % bias.size()];
    }
    // For one tap the pairs (input place, output place) are the same in every channel.
    std::vector<std::pair<std::int64_t, std::int64_t>> pairs;
    std::int64_t tap_number = 0;
    for_each_index(window.kernel, [&](const Shape& tap) {
        pairs.clear();
        std::int64_t from = 0;
        for_each_index(spatial, [&](const Shape& at) {
            std::int64_t to = 0;
            bool inside = true;
            for (std::size_t d = 0; d < at.size(); ++d) {
                const auto out = at[d] * window.strides[d] + tap[d] * window.dilations[d] - window.before[d];
                inside = inside && out >= 0 && out < window.output[d];
                to = to * window.output[d] + out;
            }
            if (inside) pairs.emplace_back(from, to);
            ++from;
        });
        for (std::int64_t n = 0; n < x_shape[0]; ++n)
            for (std::int64_t c = 0; c < x_shape[1]; ++c)
                for (std::int64_t o = 0; o < outs; ++o) {
                    const float factor = w[(c * outs + o) * taps + tap_number];
                    const float* in = x.data() + (n * x_shape[1] + c) * area_in;
                    float* out = y.data() + ((n * window.groups + c / channels) * outs + o) * area_out;
                    for (const auto& [i, j] : pairs)
                        out[j] += factor * in[i];
                }
        ++tap_number;
    });
    return success();
}

}  // namespace valence::ml::real
