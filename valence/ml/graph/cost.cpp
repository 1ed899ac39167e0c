#include "valence/ml/graph/cost.hpp"

#include <bit>

#include "valence/base/bytes.hpp"
#include "valence/ml/graph/describe.hpp"

namespace valence::ml {
namespace {

constexpr std::uint64_t kMost = std::uint64_t{1} << 63;

std::uint64_t add(std::uint64_t a, std::uint64_t b) {
    const base::UInt128 sum = static_cast<base::UInt128>(a) + b;
    return sum > kMost ? kMost : static_cast<std::uint64_t>(sum);
}
std::uint64_t multiply(std::uint64_t a, std::uint64_t b) {
    const base::UInt128 product = static_cast<base::UInt128>(a) * b;
    return product > kMost ? kMost : static_cast<std::uint64_t>(product);
}

std::uint64_t bytes_of(const Tensor& tensor) {
    return tensor.shape.elements() * (tensor.type == ElementType::index ? 4 : 2);
}

std::uint64_t bytes_of(const Weight& weight) { return weight.shape.elements() * width(weight.type); }

/// Work of one node beside the bytes it moves.
struct Work {
    const Graph& graph;
    const Subgraph& part;
    const Node& node;
    std::span<const Cost> bodies;

    const Shape& input(std::size_t i) const { return part.tensors[node.inputs[i]].shape; }
    const Shape& output() const { return part.tensors[node.outputs[0]].shape; }
    std::uint64_t row_of(WeightId id) const {
        const Shape& shape = graph.weights[id].shape;
        return shape.product(1, shape.rank());
    }
    Cost per_output(std::uint64_t count) const { return {multiply(output().elements(), count), 0, 0}; }
    Cost per_input(std::uint64_t count) const { return {multiply(input(0).elements(), count), 0, 0}; }

    Cost operator()(const Linear& op) const { return per_output(row_of(op.weight)); }
    Cost operator()(const Convolution& op) const { return per_output(row_of(op.weight)); }
    Cost operator()(const TransposedConvolution& op) const {
        // Each input element meets each tap of the output channels of its group.
        return per_input(
            multiply(output()[1] / op.groups, std::uint64_t{op.window.size[0]} * op.window.size[1]));
    }
    Cost operator()(const MatrixProduct&) const { return per_output(input(0).back()); }
    Cost operator()(const Combination& op) const { return per_output(op.coefficients.size()); }
    Cost operator()(const AveragePool& op) const {
        return per_output(std::uint64_t{op.window.size[0]} * op.window.size[1]);
    }
    Cost operator()(const MaxPool& op) const {
        return per_output(std::uint64_t{op.window.size[0]} * op.window.size[1]);
    }
    Cost operator()(const Sum&) const { return per_input(1); }
    Cost operator()(const ReduceExtremum&) const { return per_input(1); }
    Cost operator()(const ArgExtremum&) const { return per_input(1); }
    Cost operator()(const TopK& op) const {
        return per_input(1 + static_cast<std::uint64_t>(std::bit_width(input(0)[op.axis])));
    }
    Cost operator()(const Softmax&) const {
        return {multiply(input(0).elements(), 3), input(0).elements(), 0};
    }
    Cost operator()(const Normalise&) const { return per_input(4); }
    Cost operator()(const Lookup&) const { return {0, output().elements(), 0}; }
    Cost operator()(const IndexMap& op) const {
        const std::uint32_t keys = graph.weights[op.keys].shape[0];
        return {0, multiply(output().elements(), static_cast<std::uint64_t>(std::bit_width(keys))), 0};
    }
    Cost operator()(const TreeEnsemble& op) const {
        return {multiply(output().elements(), graph.weights[op.roots].shape[0]),
                multiply(output()[0], op.steps), 0};
    }
    Cost operator()(const Scan& op) const { return bodies[op.body].times(input(op.states)[0]); }
    /// Whatever does one step for each element it writes, or only moves it.
    template <typename T>
    Cost operator()(const T&) const {
        return per_output(1);
    }
};

Cost cost_of_node(const Graph& graph, const Subgraph& part, const Node& node, std::span<const Cost> bodies) {
    Cost cost = std::visit(Work{graph, part, node, bodies}, node.operation);
    for (const TensorId id : node.inputs)
        cost.bytes = add(cost.bytes, bytes_of(part.tensors[id]));
    for (const TensorId id : node.outputs)
        cost.bytes = add(cost.bytes, bytes_of(part.tensors[id]));
    for (const WeightId id : weights_of(node.operation))
        cost.bytes = add(cost.bytes, bytes_of(graph.weights[id]));
    return cost;
}

}  // namespace

Cost& Cost::operator+=(const Cost& other) {
    multiply_accumulates = add(multiply_accumulates, other.multiply_accumulates);
    lookups = add(lookups, other.lookups);
    bytes = add(bytes, other.bytes);
    return *this;
}

Cost Cost::times(std::uint64_t count) const {
    return {multiply(multiply_accumulates, count), multiply(lookups, count), multiply(bytes, count)};
}

GraphCost cost_of(const Graph& graph) {
    std::vector<Cost> bodies;
    for (const Subgraph& body : graph.bodies) {
        Cost sum;
        for (const Node& node : body.nodes)
            sum += cost_of_node(graph, body, node, {});
        bodies.push_back(sum);
    }
    GraphCost result;
    for (const Node& node : graph.main.nodes) {
        result.nodes.push_back(cost_of_node(graph, graph.main, node, bodies));
        result.total += result.nodes.back();
    }
    for (const Weight& weight : graph.weights) {
        result.parameters += weight.shape.elements();
        result.weight_bytes += bytes_of(weight);
    }
    for (const Tensor& tensor : graph.main.tensors)
        result.activation_bytes += bytes_of(tensor);
    return result;
}

}  // namespace valence::ml
