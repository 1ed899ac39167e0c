#include "valence/ml/quantise/recurrent_ranges.hpp"

#include <cmath>

namespace valence::ml {
namespace {

double sigmoid(double v) { return 1 / (1 + std::exp(-v)); }

/// rows·vector + bias for `rows` of extent [count, width].
std::vector<double> affine_gates(std::span<const float> rows, const real::Tensor* bias,
                                 std::span<const double> vector) {
    const std::size_t width = vector.size();
    std::vector<double> result(width == 0 ? 0 : rows.size() / width, 0.0);
    for (std::size_t r = 0; r < result.size(); ++r) {
        double sum = bias != nullptr ? bias->f32()[r] : 0.0;
        for (std::size_t k = 0; k < width; ++k)
            sum += rows[r * width + k] * vector[k];
        result[r] = sum;
    }
    return result;
}

}  // namespace

void include_recurrent(const real::Graph& graph, const real::Node& node, const real::Tensor& x,
                       std::vector<Range>& ranges) {
    ranges.resize(static_cast<std::size_t>(Inside::count));
    const auto& attributes = node.get<real::RecurrentAttributes>();
    const real::Tensor* w = graph.constant(node.input(1));
    const real::Tensor* r = graph.constant(node.input(2));
    if (w == nullptr || r == nullptr || node.op == real::Op::rnn) return;
    const auto hidden = static_cast<std::size_t>(attributes.hidden);
    const auto steps = static_cast<std::size_t>(x.shape()[0]);
    const auto batch = static_cast<std::size_t>(x.shape()[1]);
    const auto width = static_cast<std::size_t>(x.shape()[2]);
    const auto widen = [&](Inside entry, double value) {
        ranges[static_cast<std::size_t>(entry)].include(value);
    };

    const real::Tensor* first = graph.constant(node.input(3));
    const real::Tensor* second = node.op == real::Op::gru ? graph.constant(node.input(4)) : nullptr;
    const std::size_t state_input = node.op == real::Op::gru ? 5 : 4;
    const real::Tensor* initial = graph.constant(node.input(state_input));
    const real::Tensor* initial_cell = node.op == real::Op::lstm ? graph.constant(node.input(5)) : nullptr;
    const real::Tensor* peepholes = node.op == real::Op::lstm ? graph.constant(node.input(6)) : nullptr;
    const auto peephole = [&](std::size_t gate, std::size_t k) {
        return peepholes != nullptr ? static_cast<double>(peepholes->f32()[gate * hidden + k]) : 0.0;
    };
    for (std::size_t b = 0; b < batch; ++b) {
        std::vector<double> h(hidden, 0.0);
        std::vector<double> c(hidden, 0.0);
        for (std::size_t k = 0; k < hidden; ++k) {
            if (initial != nullptr) h[k] = initial->f32()[b * hidden + k];
            if (initial_cell != nullptr) c[k] = initial_cell->f32()[b * hidden + k];
            widen(Inside::cell, c[k]);
        }
        for (std::size_t t = 0; t < steps; ++t) {
            const std::size_t step = attributes.reverse ? steps - 1 - t : t;
            std::vector<double> input(width);
            for (std::size_t k = 0; k < width; ++k)
                input[k] = x.f32()[(step * batch + b) * width + k];
            const auto from_input = affine_gates(w->f32(), first, input);
            if (node.op == real::Op::lstm) {
                const auto from_state = affine_gates(r->f32(), nullptr, h);
                for (std::size_t k = 0; k < hidden; ++k) {
                    const auto gate = [&](std::size_t g) {
                        return from_input[g * hidden + k] + from_state[g * hidden + k];
                    };
                    const double before = c[k];
                    c[k] = sigmoid(gate(2) + peephole(2, k) * before) * before +
                           sigmoid(gate(0) + peephole(0, k) * before) * std::tanh(gate(3));
                    widen(Inside::cell, c[k]);
                    h[k] = sigmoid(gate(1) + peephole(1, k) * c[k]) * std::tanh(c[k]);
                }
                continue;
            }
            auto from_state = affine_gates(r->f32(), second, h);
            std::vector<double> reset(hidden);
            for (std::size_t k = 0; k < hidden; ++k)
                reset[k] = sigmoid(from_input[hidden + k] + from_state[hidden + k]);
            if (!attributes.linear_before_reset) {
                std::vector<double> scaled(hidden);
                for (std::size_t k = 0; k < hidden; ++k)
                    scaled[k] = reset[k] * h[k];
                from_state = affine_gates(r->f32(), second, scaled);
            }
            const auto update_state = affine_gates(r->f32(), second, h);
            for (std::size_t k = 0; k < hidden; ++k) {
                const double in = from_input[2 * hidden + k];
                const double state = from_state[2 * hidden + k];
                widen(Inside::candidate_input, in);
                widen(Inside::candidate_hidden, state);
                const double candidate =
                    std::tanh(in + (attributes.linear_before_reset ? reset[k] * state : state));
                const double z = sigmoid(from_input[k] + update_state[k]);
                h[k] = (1 - z) * candidate + z * h[k];
            }
        }
    }
}

}  // namespace valence::ml
