// Batch, layer, root-mean-square and group normalisation, local response normalisation.
#include <cmath>

#include "valence/ml/float_graph/ops/families.hpp"
#include "valence/ml/float_graph/ops/typing.hpp"

namespace valence::ml::real {
namespace {

Shape tail(const Shape& shape, std::int64_t axis) { return {shape.begin() + axis, shape.end()}; }

/// mean and 1/√(variance + epsilon) of some elements; the mean is 0 and the variance that about 0 for
/// `centred` false.
struct Moments {
    double mean = 0;
    double scale = 0;
};

Moments moments(const float* x, std::int64_t n, double epsilon, bool centred) {
    Moments m;
    if (centred) {
        for (std::int64_t i = 0; i < n; ++i)
            m.mean += static_cast<double>(x[i]);
        m.mean /= static_cast<double>(n);
    }
    double squares = 0;
    for (std::int64_t i = 0; i < n; ++i) {
        const double d = static_cast<double>(x[i]) - m.mean;
        squares += d * d;
    }
    m.scale = 1 / std::sqrt(squares / static_cast<double>(n) + epsilon);
    return m;
}

void normalise_tails(const NormAttributes& norm, InputTensors inputs, std::span<float> y, bool centred) {
    const auto& shape = inputs[0]->shape();
    const auto x = inputs[0]->f32();
    const auto length = product(shape, static_cast<std::size_t>(norm.axis), shape.size());
    const auto* scale = inputs.size() > 1 ? inputs[1] : nullptr;
    const auto* bias = inputs.size() > 2 ? inputs[2] : nullptr;
    if (length == 0) return;
    for (std::int64_t at = 0; at < inputs[0]->count(); at += length) {
        const auto m = moments(x.data() + at, length, static_cast<double>(norm.epsilon), centred);
        for (std::int64_t i = 0; i < length; ++i) {
            double v = (static_cast<double>(x[at + i]) - m.mean) * m.scale;
            if (scale != nullptr) v *= static_cast<double>(scale->f32()[i]);
            if (bias != nullptr) v += static_cast<double>(bias->f32()[i]);
            y[at + i] = static_cast<float>(v);
        }
    }
}

void normalise_groups(const NormAttributes& norm, InputTensors inputs, std::span<float> y) {
    const auto& shape = inputs[0]->shape();
    const auto x = inputs[0]->f32();
    const auto area = product(shape, 2, shape.size());
    const auto channels = shape[1] / norm.groups;
    const auto length = channels * area;
    if (length == 0) return;
    for (std::int64_t block = 0; block < shape[0] * norm.groups; ++block) {
        const auto at = block * length;
        const auto m = moments(x.data() + at, length, static_cast<double>(norm.epsilon), true);
        for (std::int64_t i = 0; i < length; ++i) {
            const auto c = static_cast<std::size_t>(block % norm.groups * channels + i / area);
            const double v = (static_cast<double>(x[at + i]) - m.mean) * m.scale;
            y[at + i] = static_cast<float>(v * static_cast<double>(inputs[1]->f32()[c]) +
                                           static_cast<double>(inputs[2]->f32()[c]));
        }
    }
}

void normalise_batch(const NormAttributes& norm, InputTensors inputs, std::span<float> y) {
    const auto& shape = inputs[0]->shape();
    const auto x = inputs[0]->f32();
    const auto area = product(shape, 2, shape.size());
    const auto parameter = [&](std::size_t which, std::int64_t c) {
        return static_cast<double>(inputs[which]->f32()[c]);
    };
    for (std::int64_t plane = 0; plane < shape[0] * shape[1]; ++plane) {
        const auto c = plane % shape[1];
        const double scale = parameter(1, c) / std::sqrt(parameter(4, c) + static_cast<double>(norm.epsilon));
        for (auto i = plane * area; i < (plane + 1) * area; ++i)
            y[i] =
                static_cast<float>((static_cast<double>(x[i]) - parameter(3, c)) * scale + parameter(2, c));
    }
}

}  // namespace

OutputTypes infer_norm(Op op, const Attributes& attributes, InputTypes inputs) {
    const auto& norm = std::get<NormAttributes>(attributes);
    const auto& x = *inputs[0];
    for (const auto* input : inputs)
        if (input != nullptr) {
            BOOST_OUTCOME_TRYV(expect(*input, ElementType::f32, "input"));
        }
    Shape parameters;
    if (op == Op::layer_norm || op == Op::rms_norm) {
        BOOST_OUTCOME_TRYV(expect_axis(norm.axis, x.shape));
        parameters = tail(x.shape, norm.axis);
    } else {
        if (x.shape.size() < 2 || norm.groups < 1 || x.shape[1] % norm.groups != 0)
            return Error{GraphError::shape_invalid,
                         "input " + to_string(x) + " in " + std::to_string(norm.groups) + " groups"};
        parameters = {x.shape[1]};
    }
    for (std::size_t i = 1; i < inputs.size(); ++i) {
        if (inputs[i] != nullptr) {
            BOOST_OUTCOME_TRYV(expect_equal(inputs[i]->shape, parameters, "parameter"));
        } else if (op == Op::group_norm || op == Op::batch_norm)
            return Error{GraphError::malformed, "a parameter is missing"};
    }
    return one_output(x);
}

Result<void> compute_norm(Op op, const Attributes& attributes, InputTensors inputs,
                          std::span<Tensor> outputs) {
    const auto& norm = std::get<NormAttributes>(attributes);
    if (op == Op::batch_norm)
        normalise_batch(norm, inputs, outputs[0].f32());
    else if (op == Op::group_norm)
        normalise_groups(norm, inputs, outputs[0].f32());
    else
        normalise_tails(norm, inputs, outputs[0].f32(), op == Op::layer_norm);
    return success();
}

OutputTypes infer_lrn(Op, const Attributes& attributes, InputTypes inputs) {
    const auto& lrn = std::get<LrnAttributes>(attributes);
    BOOST_OUTCOME_TRYV(expect(*inputs[0], ElementType::f32, "input"));
    if (inputs[0]->shape.size() < 2 || lrn.size < 1)
        return Error{GraphError::shape_invalid, "input " + to_string(*inputs[0])};
    return one_output(*inputs[0]);
}

Result<void> compute_lrn(Op, const Attributes& attributes, InputTensors inputs, std::span<Tensor> outputs) {
    const auto& lrn = std::get<LrnAttributes>(attributes);
    const auto& shape = inputs[0]->shape();
    const auto area = product(shape, 2, shape.size());
    const auto channels = shape[1];
    const auto x = inputs[0]->f32();
    const auto y = outputs[0].f32();
    const auto below = (lrn.size - 1) / 2;
    const auto above = lrn.size - 1 - below;
    for (std::int64_t n = 0; n < shape[0]; ++n)
        for (std::int64_t c = 0; c < channels; ++c)
            for (std::int64_t i = 0; i < area; ++i) {
                double squares = 0;
                const auto last = above < channels - 1 - c ? c + above : channels - 1;
                for (auto k = std::max<std::int64_t>(0, c - below); k <= last; ++k) {
                    const auto v = static_cast<double>(x[(n * channels + k) * area + i]);
                    squares += v * v;
                }
                const double base = static_cast<double>(lrn.bias) +
                                    static_cast<double>(lrn.alpha) / static_cast<double>(lrn.size) * squares;
                const auto at = (n * channels + c) * area + i;
                y[at] = static_cast<float>(static_cast<double>(x[at]) /
                                           std::pow(base, static_cast<double>(lrn.beta)));
            }
    return success();
}

}  // namespace valence::ml::real
