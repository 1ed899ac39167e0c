// The float graph: what import makes of an ONNX file, what calibration runs and the quantiser reads. Every
// shape is known, every constant computed; nodes are in the order in which they can run.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "valence/ml/float_graph/attributes.hpp"
#include "valence/ml/float_graph/graph_error.hpp"
#include "valence/ml/float_graph/op.hpp"
#include "valence/ml/float_graph/tensor.hpp"

namespace valence::ml::real {

/// Place of a value in Graph::values.
using ValueId = std::int32_t;
/// An optional input that is not given.
inline constexpr ValueId kAbsent = -1;

/// Something an operator reads or writes: a graph input, a constant, or the result of one node.
struct Value {
    /// From the file, or made up from the node's name; for messages, not unique.
    std::string name;
    TensorType type;
    /// The elements of a constant; null otherwise.
    std::shared_ptr<const Tensor> constant;
};

struct Node {
    Op op = Op::relu;
    /// Of the ONNX node it came from ("operator 'name'"), for messages.
    std::string name;
    std::vector<ValueId> inputs;
    std::vector<ValueId> outputs;
    Attributes attributes;

    /// The input at `place`; kAbsent if not given.
    ValueId input(std::size_t place) const { return place < inputs.size() ? inputs[place] : kAbsent; }
    /// The attributes as the struct that op.hpp names for the operator.
    template <typename T>
    const T& get() const {
        return std::get<T>(attributes);
    }
};

/// An input or output of the model.
struct Port {
    std::string name;
    ValueId value = kAbsent;
    /// The element type in the file: "float", "int64", "double" ….
    std::string file_type;
};

struct Graph {
    std::string name;
    std::vector<Value> values;
    std::vector<Node> nodes;
    std::vector<Port> inputs;
    /// A value may be behind several outputs, and may be an input or a constant.
    std::vector<Port> outputs;
    /// What import decided on its own and the user should know, one sentence each.
    std::vector<std::string> notes;

    const Value& value(ValueId id) const { return values[static_cast<std::size_t>(id)]; }
    const TensorType& type(ValueId id) const { return value(id).type; }
    const Shape& shape(ValueId id) const { return value(id).type.shape; }
    bool is_constant(ValueId id) const { return id >= 0 && value(id).constant != nullptr; }
    /// The elements of a constant, null for anything else.
    const Tensor* constant(ValueId id) const { return id >= 0 ? value(id).constant.get() : nullptr; }
};

/// Node numbers by the value they compute; −1 for inputs and constants.
std::vector<std::int32_t> producers(const Graph& graph);
/// How often each value is read, by nodes and as an output of the graph.
std::vector<std::int32_t> use_counts(const Graph& graph);

/// Checks everything this file promises: ids in range, one producer each, order, and each node's types
/// against what its operator infers. What import and every pass leave holds.
Result<void> check(const Graph& graph);

/// Adds a value and answers its id.
ValueId add_value(Graph& graph, std::string name, TensorType type);
ValueId add_constant(Graph& graph, std::string name, Tensor tensor);

/// Readable listing, one node a line.
std::string to_string(const Graph& graph);

}  // namespace valence::ml::real

namespace valence::ml {
using FloatGraph = real::Graph;
}  // namespace valence::ml
