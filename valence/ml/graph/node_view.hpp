// One node while its graph is validated: its tensors, their ranges, and the checks most operations share.
#pragma once

#include <initializer_list>
#include <span>
#include <string>

#include "valence/ml/graph/model_error.hpp"
#include "valence/ml/graph/weight_facts.hpp"

namespace valence::ml {

/// A breach of an operation's rules.
inline Error invalid(std::string what) { return {ModelError::invalid_node, std::move(what)}; }

struct NodeView {
    const Graph& graph;
    const Subgraph& part;
    const Node& node;
    WeightFacts& facts;
    /// Of every tensor of `part` written so far.
    std::span<const Range> ranges;
    /// Of the node's outputs; what their types allow unless the operation's check knows better.
    std::span<Range> results;
    bool in_body;

    const Tensor& input(std::size_t number) const { return part.tensors[node.inputs[number]]; }
    const Tensor& output(std::size_t number = 0) const { return part.tensors[node.outputs[number]]; }
    const Range& range(std::size_t number) const { return ranges[node.inputs[number]]; }
    const Weight& weight(WeightId id) const { return graph.weights[id]; }
    /// Whether the weights' values are there to be checked; else their types and shapes are all there is, and
    /// no range says anything.
    bool weighed() const { return facts.known(); }

    Result<void> arguments(std::size_t inputs, std::size_t outputs = 1) const;
    Result<void> input_type(std::size_t number, ElementType type) const;
    /// As arguments(), and every input an activation.
    Result<void> activations(std::size_t inputs, std::size_t outputs = 1) const;
    Result<void> output_is(ElementType type, const Shape& shape, std::size_t number = 0) const;
    /// A weight of one of these types.
    Result<void> weight_type(WeightId id, std::initializer_list<WeightType> types) const;
    Result<void> weight_is(WeightId id, std::initializer_list<WeightType> types, const Shape& shape) const;
    /// Every element of the weight in [low, high], as far as they are known.
    Result<void> weight_within(WeightId id, std::int64_t low, std::int64_t high) const;
    /// That `from` can be broadcast to `to`.
    Result<void> broadcasts(const Shape& from, const Shape& to) const;
    Result<void> axis(std::size_t axis, const Shape& shape) const;
    Result<void> axes(std::span<const std::uint8_t> axes, const Shape& shape) const;

    /// Checks the requantisation's own numbers; and where weights are known, proves it for sums in `sum` and
    /// takes its range as the output's.
    Result<void> requantises(const Range& sum, const Requantisation& to) const;
};

/// The shape to which all of `shapes` broadcast.
Result<Shape> broadcast_shape(std::span<const Shape> shapes);

// Arguments, types, shapes, parameters and ranges of a node; one overload for each operation.
Result<void> check(const Linear&, const NodeView&);
Result<void> check(const Convolution&, const NodeView&);
Result<void> check(const TransposedConvolution&, const NodeView&);
Result<void> check(const MatrixProduct&, const NodeView&);
Result<void> check(const Combination&, const NodeView&);
Result<void> check(const Product&, const NodeView&);
Result<void> check(const Scaling&, const NodeView&);
Result<void> check(const Sum&, const NodeView&);
Result<void> check(const AveragePool&, const NodeView&);
Result<void> check(const MaxPool&, const NodeView&);
Result<void> check(const ReduceExtremum&, const NodeView&);
Result<void> check(const ElementwiseExtremum&, const NodeView&);
Result<void> check(const Lookup&, const NodeView&);
Result<void> check(const Softmax&, const NodeView&);
Result<void> check(const Normalise&, const NodeView&);
Result<void> check(const Division&, const NodeView&);
Result<void> check(const Reshape&, const NodeView&);
Result<void> check(const Transpose&, const NodeView&);
Result<void> check(const Slice&, const NodeView&);
Result<void> check(const Concatenation&, const NodeView&);
Result<void> check(const Padding&, const NodeView&);
Result<void> check(const Broadcast&, const NodeView&);
Result<void> check(const Selection&, const NodeView&);
Result<void> check(const Gather&, const NodeView&);
Result<void> check(const Constant&, const NodeView&);
Result<void> check(const ArgExtremum&, const NodeView&);
Result<void> check(const TopK&, const NodeView&);
Result<void> check(const Comparison&, const NodeView&);
Result<void> check(const Choice&, const NodeView&);
Result<void> check(const IndexToActivation&, const NodeView&);
Result<void> check(const ActivationToIndex&, const NodeView&);
Result<void> check(const IndexMap&, const NodeView&);
Result<void> check(const TreeEnsemble&, const NodeView&);
Result<void> check(const Scan&, const NodeView&);

}  // namespace valence::ml
