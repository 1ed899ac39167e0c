// Convolution over any number of spatial axes: windows gathered into a matrix, block by block, then one
// product.
#include "valence/ml/float_graph/ops/families.hpp"
#include "valence/ml/float_graph/ops/gemm.hpp"
#include "valence/ml/float_graph/ops/typing.hpp"
#include "valence/ml/float_graph/ops/windows.hpp"

namespace valence::ml::real {
namespace {

/// Elements of gathered windows held at a time.
constexpr std::int64_t kGathered = std::int64_t{1} << 20;

using Places = std::vector<std::vector<std::int64_t>>;

/// One row of the gathered matrix: what tap `tap` of one channel sees at output places first … first + count
/// − 1, the rows before the last axis given by their number.
void gather_row(const float* x, const Shape& spatial, const Window& window, const Places& places,
                const Shape& tap, std::int64_t first_row, std::int64_t rows, float* to) {
    const auto last = spatial.size() - 1;
    const auto width = window.output[last];
    const auto* columns = places[last].data() + tap[last] * width;
    for (auto row = first_row; row < first_row + rows; ++row, to += width) {
        std::int64_t offset = 0;
        std::int64_t rest = row;
        std::int64_t stride = spatial[last];
        bool inside = true;
        for (auto d = last; d-- > 0;) {
            const auto at = rest % window.output[d];
            rest /= window.output[d];
            const auto in = places[d][static_cast<std::size_t>(tap[d] * window.output[d] + at)];
            inside = inside && in >= 0;
            offset += in * stride;
            stride *= spatial[d];
        }
        if (!inside) {
            std::fill_n(to, width, 0.0F);
            continue;
        }
        for (std::int64_t q = 0; q < width; ++q)
            to[q] = columns[q] < 0 ? 0 : x[offset + columns[q]];
    }
}

}  // namespace

OutputTypes infer_conv(Op, const Attributes& attributes, InputTypes inputs) {
    const auto& window = std::get<Window>(attributes);
    BOOST_OUTCOME_TRYV(check_operands(window, inputs));
    const auto& x = inputs[0]->shape;
    const auto& w = inputs[1]->shape;
    const auto groups = window.groups;
    if (groups < 1 || x[1] % groups != 0 || w[0] % groups != 0 || w[1] != x[1] / groups)
        return Error{GraphError::shape_invalid, "input " + to_string(x) + ", weight " + to_string(w) + ", " +
                                                    std::to_string(groups) + " groups"};
    if (inputs.size() > 2 && inputs[2] != nullptr) {
        BOOST_OUTCOME_TRYV(expect_equal(inputs[2]->shape, {w[0]}, "bias"));
    }
    Shape shape{x[0], w[0]};
    shape.insert(shape.end(), window.output.begin(), window.output.end());
    return one_output({ElementType::f32, std::move(shape)});
}

Result<void> compute_conv(Op, const Attributes& attributes, InputTensors inputs, std::span<Tensor> outputs) {
    const auto& window = std::get<Window>(attributes);
    const auto& x_shape = inputs[0]->shape();
    const Shape spatial(x_shape.begin() + 2, x_shape.end());
    const auto x = inputs[0]->f32();
    const auto w = inputs[1]->f32();
    const auto y = outputs[0].f32();
    if (y.empty()) return success();
    const auto out_channels = outputs[0].shape()[1];
    const auto channels = x_shape[1] / window.groups;
    const auto outs = out_channels / window.groups;
    const auto taps = element_count(window.kernel);
    const auto depth = channels * taps;
    const auto area_in = element_count(spatial);
    const auto area_out = element_count(window.output);
    const auto width = window.output.back();
    const auto all_rows = area_out / width;
    const auto block =
        std::clamp<std::int64_t>(kGathered / std::max<std::int64_t>(depth * width, 1), 1, all_rows);
    const auto places = window_places(window, spatial);
    std::vector<float> gathered(static_cast<std::size_t>(depth * block * width));
    std::vector<float> sums(static_cast<std::size_t>(outs * block * width));
    const bool biased = inputs.size() > 2 && inputs[2] != nullptr;

    for (std::int64_t n = 0; n < x_shape[0]; ++n)
        for (std::int64_t g = 0; g < window.groups; ++g)
            for (std::int64_t row = 0; row < all_rows; row += block) {
                const auto rows = std::min(block, all_rows - row);
                const auto count = rows * width;
                float* to = gathered.data();
                for (std::int64_t c = 0; c < channels; ++c) {
                    const float* plane = x.data() + (n * x_shape[1] + g * channels + c) * area_in;
                    for_each_index(window.kernel, [&](const Shape& tap) {
                        gather_row(plane, spatial, window, places, tap, row, rows, to);
                        to += count;
                    });
                }
                for (std::int64_t o = 0; o < outs; ++o)
                    std::fill_n(sums.data() + o * count, count,
                                biased ? inputs[2]->f32()[g * outs + o] : 0.0F);
                multiply_add(outs, count, depth, w.data() + g * outs * depth, gathered.data(), sums.data());
                for (std::int64_t o = 0; o < outs; ++o)
                    std::copy_n(sums.data() + o * count, count,
                                y.data() + (n * out_channels + g * outs + o) * area_out + row * width);
            }
    return success();
}

}  // namespace valence::ml::real
