// Softmax, its logarithm, and the hard maximum, along one axis.
#include <cmath>

#include "valence/ml/float_graph/ops/families.hpp"
#include "valence/ml/float_graph/ops/typing.hpp"

namespace valence::ml::real {
namespace {

void soften(Op op, const float* x, float* y, std::int64_t length, std::int64_t step) {
    std::int64_t best = 0;
    for (std::int64_t j = 1; j < length; ++j)
        if (x[j * step] > x[best * step]) best = j;
    if (op == Op::hardmax) {
        for (std::int64_t j = 0; j < length; ++j)
            y[j * step] = j == best ? 1 : 0;
        return;
    }
    const auto top = static_cast<double>(x[best * step]);
    double sum = 0;
    for (std::int64_t j = 0; j < length; ++j)
        sum += std::exp(static_cast<double>(x[j * step]) - top);
    const double log_sum = std::log(sum);
    for (std::int64_t j = 0; j < length; ++j) {
        const double v = static_cast<double>(x[j * step]) - top;
        y[j * step] = static_cast<float>(op == Op::softmax ? std::exp(v) / sum : v - log_sum);
    }
}

}  // namespace

OutputTypes infer_softmax(Op, const Attributes& attributes, InputTypes inputs) {
    BOOST_OUTCOME_TRYV(expect(*inputs[0], ElementType::f32, "input"));
    BOOST_OUTCOME_TRYV(expect_axis(std::get<Axis>(attributes).axis, inputs[0]->shape));
    return one_output(*inputs[0]);
}

Result<void> compute_softmax(Op op, const Attributes& attributes, InputTensors inputs,
                             std::span<Tensor> outputs) {
    const auto axis = static_cast<std::size_t>(std::get<Axis>(attributes).axis);
    const auto& shape = inputs[0]->shape();
    const auto outer = product(shape, 0, axis);
    const auto inner = product(shape, axis + 1, shape.size());
    const auto length = shape[axis];
    if (length == 0) return success();
    for (std::int64_t o = 0; o < outer; ++o)
        for (std::int64_t i = 0; i < inner; ++i) {
            const auto at = o * length * inner + i;
            soften(op, inputs[0]->f32().data() + at, outputs[0].f32().data() + at, length, inner);
        }
    return success();
}

}  // namespace valence::ml::real
