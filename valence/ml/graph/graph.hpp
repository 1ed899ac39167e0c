// The integer graph: a model as the network sees it. A list of tensors, a table of weights, and nodes in the
// order in which they are computed. Built by the quantiser, stored in a .vmodel file, computed by
// ml/reference and ml/executor.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "valence/base/bytes.hpp"
#include "valence/ml/graph/operation.hpp"
#include "valence/ml/graph/shape.hpp"

namespace valence::ml {

enum class ElementType : std::uint8_t {
    activation,  // int16
    index,       // int32: token numbers, labels, places
};

/// A tensor that inputs or nodes give their value to; every tensor is written once.
struct Tensor {
    ElementType type = ElementType::activation;
    Shape shape;
    /// An activation q stands for the real number q·2^−exponent. For reading the model's borders; no
    /// operation uses it.
    std::int8_t exponent = 0;
    bool operator==(const Tensor&) const = default;
};

enum class WeightType : std::uint8_t { int8, int16, int32, int64, uint8 };

/// Bytes of one element of a weight.
constexpr std::size_t width(WeightType type) {
    switch (type) {
        case WeightType::int8:
        case WeightType::uint8:
            return 1;
        case WeightType::int16:
            return 2;
        case WeightType::int32:
            return 4;
        case WeightType::int64:
            return 8;
    }
    return 0;
}

/// One constant: its elements in row-major order, little endian.
struct Weight {
    WeightType type = WeightType::int8;
    Shape shape;
    Bytes data;
    /// The element at a row-major position; the caller keeps within shape.elements().
    std::int64_t operator[](std::size_t position) const;
    bool operator==(const Weight&) const = default;
};

struct Node {
    Operation operation;
    std::vector<TensorId> inputs;
    std::vector<TensorId> outputs;
    /// The node of the source model it came from, for messages; not part of the model's identity.
    std::string name;
    bool operator==(const Node&) const = default;
};

/// How one input or output of the model meets the outside.
struct Port {
    std::string name;  // plain text (text.hpp), as is the unit
    std::string unit;  // may be empty
    TensorId tensor = 0;
    /// Inputs: one exponent per element of the last axis, where features have scales of their own; else empty
    /// and the tensor's exponent holds. Outputs: always empty.
    std::vector<std::int8_t> exponents;
    bool operator==(const Port&) const = default;
};

/// Tensors and nodes without weights: the main graph and each Scan's body.
struct Subgraph {
    std::vector<Tensor> tensors;
    std::vector<Node> nodes;
    std::vector<TensorId> inputs;
    std::vector<TensorId> outputs;
    bool operator==(const Subgraph&) const = default;
};

struct Graph {
    Subgraph main;
    std::vector<Subgraph> bodies;  // of the Scan nodes; a body scans no further
    std::vector<Weight> weights;
    std::vector<Port> inputs;   // in the order of main.inputs
    std::vector<Port> outputs;  // in the order of main.outputs
    /// The source model's version of ONNX's default operator set, for information; 0 when it had none.
    std::uint32_t opset = 0;
    /// What proofs of runs open in place of the weights (zk/protocol/model_commitment.hpp), made of a
    /// finished graph and part of the model's identity; empty: there are no proofs of it.
    Bytes commitment;
    bool operator==(const Graph&) const = default;
};

}  // namespace valence::ml
