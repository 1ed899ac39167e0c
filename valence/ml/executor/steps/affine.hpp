// What Linear and the convolutions have in common: weights, biases and exponents per output channel.
#pragma once

#include "valence/ml/executor/kernels/packed_matrix.hpp"

namespace valence::ml::executor {

/// `count` elements of an int8 or int16 weight from row-major position `first` on.
inline void copy_weights(const Weight& weight, std::size_t first, std::size_t count, std::int16_t* to) {
    if (weight.type == WeightType::int8) {
        const auto* from = reinterpret_cast<const std::int8_t*>(weight.data.data()) + first;
        std::copy_n(from, count, to);
        return;
    }
    for (std::size_t k = 0; k < count; ++k)
        to[k] = static_cast<std::int16_t>(weight[first + k]);
}

/// The parts of a matrix that follow from an operation's weights alone, for the output channels from `first`
/// on.
template <typename Affine>
MatrixSpec affine_spec(const Graph& graph, const Affine& operation, std::size_t first = 0) {
    MatrixSpec spec;
    spec.bytes = graph.weights[operation.weight].type == WeightType::int8;
    spec.bias = [&graph, id = operation.bias, first](std::size_t n) {
        return id ? graph.weights[*id][first + n] : 0;
    };
    spec.exponent = [&graph, id = operation.channel, first](std::size_t n) {
        return id ? static_cast<unsigned>(graph.weights[*id][first + n]) : 0U;
    };
    spec.out = operation.out;
    return spec;
}

}  // namespace valence::ml::executor
