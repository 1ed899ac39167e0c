// What is known of each operator of a float graph: how many inputs, which types come out, how to compute it.
#pragma once

#include <span>

#include "valence/ml/float_graph/graph.hpp"

namespace valence::ml::real {

/// Types of a node's inputs; null where an optional input is not given.
using InputTypes = std::span<const TensorType* const>;
/// A node's input tensors; null where an optional input is not given.
using InputTensors = std::span<const Tensor* const>;

/// Types of the outputs, from attributes and input types alone. Total: any combination gives types whose
/// sizes are within bounds, or an error.
using Infer = Result<std::vector<TensorType>> (*)(Op op, const Attributes& attributes, InputTypes inputs);
/// Computes the outputs, which are zero-filled and of the inferred types. Only what depends on elements can
/// fail.
using Compute = Result<void> (*)(Op op, const Attributes& attributes, InputTensors inputs,
                                 std::span<Tensor> outputs);

inline constexpr std::uint8_t kAnyNumber = 255;

struct Operator {
    Op op;
    std::string_view name;
    std::uint8_t least_inputs;
    std::uint8_t most_inputs;  // kAnyNumber for variadic ones
    /// Place in the variant Attributes of the struct it takes.
    std::size_t attributes;
    Infer infer;
    Compute compute;
};

const Operator& facts(Op op);

/// Checks the number of inputs and the kind of the attributes, then infers.
Result<std::vector<TensorType>> infer_types(Op op, const Attributes& attributes, InputTypes inputs);

/// About how many elementary steps computing this takes; saturates.
std::uint64_t work_of(Op op, const Attributes& attributes, InputTypes inputs,
                      std::span<const TensorType> outputs);

}  // namespace valence::ml::real
