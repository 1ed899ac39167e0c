// A small graph whose functionals multiply: for tests of what bounds them.
#pragma once

#include <numeric>

#include "valence/ml/testing/random.hpp"
#include "valence/ml/testing/small_graphs.hpp"

namespace valence::zk::testing {

/// Each layer puts a matrix and the same with its rows, or columns, in another order one after the other, so
/// that a product of two vectors becomes two such products, of other vectors. Nothing of it is committed
/// until the end, where 2^(layers + 2) elements are.
inline ml::Graph multiplying_graph(std::uint32_t layers) {
    using ml::testing::kActivation;
    ml::Graph graph;
    ml::testing::Random random(1);
    ml::Shape shape{2, 2};
    const auto tensor = [&](const ml::Shape& of) {
        graph.main.tensors.push_back({kActivation, of, 8});
        return static_cast<ml::TensorId>(graph.main.tensors.size() - 1);
    };
    ml::TensorId x = tensor(shape);
    graph.main.inputs = {x};
    graph.inputs = {{"x", "", x, {}}};
    for (std::uint32_t layer = 0; layer < layers; ++layer) {
        const auto axis = static_cast<std::uint8_t>(layer % 2);
        const auto other = static_cast<std::uint8_t>(1 - axis);
        std::vector<std::int64_t> order(shape[other]);
        std::iota(order.begin(), order.end(), std::int64_t{0});
        for (std::size_t k = order.size(); k-- > 1;)
            std::swap(order[k], order[random.below(k + 1)]);
        const auto indices = static_cast<ml::WeightId>(graph.weights.size());
        graph.weights.push_back(ml::testing::weight(ml::WeightType::int32, {shape[other]}, order));
        const ml::TensorId reordered = tensor(shape);
        graph.main.nodes.push_back({ml::Selection{other, indices}, {x}, {reordered}, ""});
        shape[axis] *= 2;
        const ml::TensorId both = tensor(shape);
        graph.main.nodes.push_back({ml::Concatenation{axis}, {x, reordered}, {both}, ""});
        x = both;
    }
    const ml::TensorId y = tensor(shape);
    graph.main.nodes.push_back({ml::Combination{{1}, {}, {}}, {x}, {y}, ""});
    const ml::TensorId sum = tensor({1, 1});
    graph.main.nodes.push_back({ml::Sum{{0, 1}, 1, {.shift = 8}}, {y}, {sum}, ""});
    graph.main.outputs = {sum};
    graph.outputs = {{"y", "", sum, {}}};
    return graph;
}

}  // namespace valence::zk::testing
