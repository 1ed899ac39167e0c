// A small graph whose functionals multiply: for tests of what bounds them.
#pragma once

#include <numeric>

#include "valence/ml/testing/random.hpp"
#include "valence/ml/testing/small_graphs.hpp"

namespace valence::zk::testing {

/// Who says in which order.
enum class OrderedBy { weights, inputs };

/// Each layer puts a matrix and the same with its rows, or columns, in another order one after the other, so
/// that a product of two vectors becomes two such products, of other vectors. Nothing of it is committed
/// until the end, where 2^(layers + 2) elements are.
class MultiplyingGraph {
public:
    explicit MultiplyingGraph(std::uint32_t layers, OrderedBy by = OrderedBy::weights) : by_(by) {
        ml::TensorId x = input(ml::testing::kActivation, shape_);
        for (std::uint32_t layer = 0; layer < layers; ++layer)
            x = lengthened(x, static_cast<std::uint8_t>(layer % 2));
        const ml::TensorId y = tensor(ml::testing::kActivation, shape_);
        graph.main.nodes.push_back({ml::Combination{{1}, {}, {}}, {x}, {y}, ""});
        const ml::TensorId sum = tensor(ml::testing::kActivation, {1, 1});
        graph.main.nodes.push_back({ml::Sum{{0, 1}, 1, {.shift = 8}}, {y}, {sum}, ""});
        graph.main.outputs = {sum};
        graph.outputs = {{"y", "", sum, {}}};
    }

    ml::Graph graph;
    /// Of the inputs: an activation's, and the orders.
    std::vector<ml::Values> inputs;

private:
    ml::TensorId tensor(ml::ElementType type, const ml::Shape& of) {
        graph.main.tensors.push_back(
            {type, of, type == ml::ElementType::index ? std::int8_t{0} : std::int8_t{8}});
        return static_cast<ml::TensorId>(graph.main.tensors.size() - 1);
    }
    ml::TensorId input(ml::ElementType type, const ml::Shape& of) {
        const ml::TensorId id = tensor(type, of);
        graph.main.inputs.push_back(id);
        graph.inputs.push_back({"x" + std::to_string(id), "", id, {}});
        inputs.push_back({type, of, std::vector<std::int64_t>(of.elements())});
        return id;
    }
    std::vector<std::int64_t> order(std::uint32_t count) {
        std::vector<std::int64_t> order(count);
        std::iota(order.begin(), order.end(), std::int64_t{0});
        for (std::size_t k = order.size(); k-- > 1;)
            std::swap(order[k], order[random_.below(k + 1)]);
        return order;
    }
    ml::TensorId lengthened(ml::TensorId x, std::uint8_t axis) {
        const auto other = static_cast<std::uint8_t>(1 - axis);
        const std::uint32_t count = shape_[other];
        const ml::Shape before = shape_;
        if (by_ == OrderedBy::weights) {
            const auto indices = static_cast<ml::WeightId>(graph.weights.size());
            graph.weights.push_back(ml::testing::weight(ml::WeightType::int32, {count}, order(count)));
            const ml::TensorId reordered = tensor(ml::testing::kActivation, before);
            graph.main.nodes.push_back({ml::Selection{other, indices}, {x}, {reordered}, ""});
        } else {
            const ml::TensorId indices = input(ml::ElementType::index, {count});
            inputs.back().data = order(count);
            const ml::TensorId reordered = tensor(ml::testing::kActivation, before);
            graph.main.nodes.push_back({ml::Gather{other, {}}, {x, indices}, {reordered}, ""});
        }
        const auto reordered = static_cast<ml::TensorId>(graph.main.tensors.size() - 1);
        shape_[axis] *= 2;
        const ml::TensorId both = tensor(ml::testing::kActivation, shape_);
        graph.main.nodes.push_back({ml::Concatenation{axis}, {x, reordered}, {both}, ""});
        return both;
    }

    OrderedBy by_;
    ml::testing::Random random_{1};
    ml::Shape shape_{2, 2};
};

inline ml::Graph multiplying_graph(std::uint32_t layers) { return MultiplyingGraph(layers).graph; }

}  // namespace valence::zk::testing
