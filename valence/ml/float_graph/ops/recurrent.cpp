// LSTM, GRU and plain recurrent layers, one direction (ONNX's equations; gates in ONNX's order).
#include <cmath>

#include "valence/ml/float_graph/ops/families.hpp"
#include "valence/ml/float_graph/ops/gemm.hpp"
#include "valence/ml/float_graph/ops/typing.hpp"

namespace valence::ml::real {
namespace {

float activate(Activation activation, float x) {
    switch (activation) {
        case Activation::sigmoid:
            return 1 / (1 + std::exp(-x));
        case Activation::tanh:
            return std::tanh(x);
        case Activation::relu:
            return std::max(x, 0.0F);
    }
    return x;
}

std::int64_t gates_of(Op op) { return op == Op::lstm ? 4 : op == Op::gru ? 3 : 1; }

/// The places of the optional inputs.
struct Optional {
    std::size_t bias = 3;
    std::size_t recurrent_bias = 4;  // GRU
    std::size_t hidden = 4;
    std::size_t cell = 5;       // LSTM
    std::size_t peepholes = 6;  // LSTM
};

Optional optional_inputs(Op op) {
    Optional places;
    if (op == Op::gru) places.hidden = 5;
    return places;
}

const Tensor* at(InputTensors inputs, std::size_t place) {
    return place < inputs.size() ? inputs[place] : nullptr;
}

std::vector<float> transposed(const Tensor& matrix) {
    const auto rows = matrix.shape()[0];
    const auto columns = matrix.shape()[1];
    std::vector<float> turned(matrix.f32().size());
    transpose_matrix(rows, columns, matrix.f32().data(), turned.data());
    return turned;
}

/// Buffers of one step for the whole batch.
struct Step {
    std::int64_t batch;
    std::int64_t hidden;
    std::vector<float> h;      // [B, H]
    std::vector<float> c;      // [B, H], LSTM
    std::vector<float> gates;  // [B, gates·H]: input's part, then the recurrent part added
};

void lstm_step(const RecurrentAttributes& a, const Tensor* peepholes, Step& s) {
    const auto n = s.hidden;
    for (std::int64_t b = 0; b < s.batch; ++b)
        for (std::int64_t j = 0; j < n; ++j) {
            const float* g = s.gates.data() + b * 4 * n + j;
            float& c = s.c[static_cast<std::size_t>(b * n + j)];
            const auto peep = [&](std::int64_t which, float cell) {
                return peepholes == nullptr ? 0 : peepholes->f32()[which * n + j] * cell;
            };
            const float i = activate(a.f, g[0] + peep(0, c));
            const float f = activate(a.f, g[2 * n] + peep(2, c));
            const float candidate = activate(a.g, g[3 * n]);
            c = f * c + i * candidate;
            const float o = activate(a.f, g[n] + peep(1, c));
            s.h[static_cast<std::size_t>(b * n + j)] = o * activate(a.h, c);
        }
}

/// `recurrent` [B, 3H] is h·Rᵀ with its bias, `r_turned` Rᵀ as [H, 3H].
void gru_step(const RecurrentAttributes& a, const std::vector<float>& recurrent,
              const std::vector<float>& r_turned, const Tensor* recurrent_bias, Step& s) {
    const auto n = s.hidden;
    std::vector<float> z(static_cast<std::size_t>(n));
    std::vector<float> reset(static_cast<std::size_t>(n));
    std::vector<float> candidate(static_cast<std::size_t>(n));
    for (std::int64_t b = 0; b < s.batch; ++b) {
        const float* x = s.gates.data() + b * 3 * n;
        const float* h_part = recurrent.data() + b * 3 * n;
        float* h = s.h.data() + b * n;
        for (std::int64_t j = 0; j < n; ++j) {
            z[static_cast<std::size_t>(j)] = activate(a.f, x[j] + h_part[j]);
            reset[static_cast<std::size_t>(j)] = activate(a.f, x[n + j] + h_part[n + j]);
        }
        for (std::int64_t j = 0; j < n; ++j) {
            float part = 0;
            if (a.linear_before_reset) {
                part = reset[static_cast<std::size_t>(j)] * h_part[2 * n + j];
            } else {
                part = recurrent_bias == nullptr ? 0 : recurrent_bias->f32()[2 * n + j];
                for (std::int64_t k = 0; k < n; ++k)
                    part += reset[static_cast<std::size_t>(k)] * h[k] *
                            r_turned[static_cast<std::size_t>(k * 3 * n + 2 * n + j)];
            }
            candidate[static_cast<std::size_t>(j)] = activate(a.g, x[2 * n + j] + part);
        }
        for (std::size_t j = 0; j < static_cast<std::size_t>(n); ++j)
            h[j] = (1 - z[j]) * candidate[j] + z[j] * h[j];
    }
}

/// to[B, width] = the bias in every row, or zeros.
void fill_rows(std::vector<float>& to, const Tensor* bias, std::int64_t rows, std::int64_t width) {
    for (std::int64_t b = 0; b < rows; ++b)
        if (bias == nullptr)
            std::fill_n(to.data() + b * width, width, 0.0F);
        else
            std::copy_n(bias->f32().data(), width, to.data() + b * width);
}

}  // namespace

OutputTypes infer_recurrent(Op op, const Attributes& attributes, InputTypes inputs) {
    const auto& recurrent = std::get<RecurrentAttributes>(attributes);
    for (const auto* input : inputs)
        if (input != nullptr) {
            BOOST_OUTCOME_TRYV(expect(*input, ElementType::f32, "input"));
        }
    const auto& x = inputs[0]->shape;
    const auto n = recurrent.hidden;
    if (x.size() != 3 || n < 1 || n > kMaxElements / 8)
        return Error{GraphError::shape_invalid,
                     "input " + to_string(x) + ", hidden size " + std::to_string(n)};
    const auto rows = gates_of(op) * n;
    const auto places = optional_inputs(op);
    BOOST_OUTCOME_TRYV(expect_equal(inputs[1]->shape, {rows, x[2]}, "weight"));
    BOOST_OUTCOME_TRYV(expect_equal(inputs[2]->shape, {rows, n}, "recurrent weight"));
    for (std::size_t i = 3; i < inputs.size(); ++i) {
        if (inputs[i] == nullptr) continue;
        const Shape wanted = i == places.bias                              ? Shape{rows}
                             : op == Op::gru && i == places.recurrent_bias ? Shape{rows}
                             : op == Op::lstm && i == places.peepholes     ? Shape{3 * n}
                                                                           : Shape{x[1], n};
        BOOST_OUTCOME_TRYV(expect_equal(inputs[i]->shape, wanted, "optional input"));
    }
    std::vector<TensorType> types{{ElementType::f32, {x[0], x[1], n}}, {ElementType::f32, {x[1], n}}};
    if (op == Op::lstm) types.push_back(types[1]);
    for (const auto& type : types) {
        BOOST_OUTCOME_TRYV(checked_element_count(type.shape));
    }
    return types;
}

Result<void> compute_recurrent(Op op, const Attributes& attributes, InputTensors inputs,
                               std::span<Tensor> outputs) {
    const auto& a = std::get<RecurrentAttributes>(attributes);
    const auto places = optional_inputs(op);
    const auto& shape = inputs[0]->shape();
    const auto steps = shape[0];
    const auto width = gates_of(op) * a.hidden;
    Step s{shape[1], a.hidden, std::vector<float>(static_cast<std::size_t>(shape[1] * a.hidden)), {}, {}};
    s.c.resize(op == Op::lstm ? s.h.size() : 0);
    s.gates.resize(static_cast<std::size_t>(s.batch * width));
    if (const auto* h = at(inputs, places.hidden)) std::copy(h->f32().begin(), h->f32().end(), s.h.begin());
    if (op == Op::lstm)
        if (const auto* c = at(inputs, places.cell)) std::copy(c->f32().begin(), c->f32().end(), s.c.begin());
    const auto w = transposed(*inputs[1]);
    const auto r = transposed(*inputs[2]);
    const auto* recurrent_bias = op == Op::gru ? at(inputs, places.recurrent_bias) : nullptr;
    std::vector<float> from_hidden(op == Op::gru ? s.gates.size() : 0);

    for (std::int64_t step = 0; step < steps; ++step) {
        const auto t = a.reverse ? steps - 1 - step : step;
        fill_rows(s.gates, at(inputs, places.bias), s.batch, width);
        multiply_add(s.batch, width, shape[2], inputs[0]->f32().data() + t * s.batch * shape[2], w.data(),
                     s.gates.data());
        if (op == Op::gru) {
            fill_rows(from_hidden, recurrent_bias, s.batch, width);
            multiply_add(s.batch, width, a.hidden, s.h.data(), r.data(), from_hidden.data());
            gru_step(a, from_hidden, r, recurrent_bias, s);
        } else {
            multiply_add(s.batch, width, a.hidden, s.h.data(), r.data(), s.gates.data());
            if (op == Op::lstm)
                lstm_step(a, at(inputs, places.peepholes), s);
            else
                std::transform(s.gates.begin(), s.gates.end(), s.h.begin(),
                               [&](float v) { return activate(a.f, v); });
        }
        std::copy(s.h.begin(), s.h.end(), outputs[0].f32().begin() + t * s.batch * a.hidden);
    }
    std::copy(s.h.begin(), s.h.end(), outputs[1].f32().begin());
    if (op == Op::lstm) std::copy(s.c.begin(), s.c.end(), outputs[2].f32().begin());
    return success();
}

}  // namespace valence::ml::real
