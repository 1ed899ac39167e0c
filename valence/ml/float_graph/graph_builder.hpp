// Builds a float graph node by node: infers each node's types, computes at once what has only constant
// inputs, and keeps within bounds before anything is allocated.
#pragma once

#include "valence/ml/float_graph/graph.hpp"

namespace valence::ml::real {

struct BuildLimits {
    /// Over all values together.
    std::size_t max_tensor_bytes = std::size_t{4} << 30;
    /// Elementary steps to fold constants with.
    std::uint64_t max_folding_work = std::uint64_t{1} << 33;
    /// Elementary steps of one run of the graph.
    std::uint64_t max_run_work = std::uint64_t{1} << 46;
    std::size_t max_nodes = 200'000;
};

class GraphBuilder {
public:
    explicit GraphBuilder(const BuildLimits& limits) : limits_(limits) {}

    /// What the nodes and values added next are named after.
    void set_origin(std::string name) { origin_ = std::move(name); }

    /// Adds a node, or its results if every input is constant. Errors: those of type inference and of the
    /// folded computation, too_large.
    Result<std::vector<ValueId>> add(Op op, Attributes attributes, std::vector<ValueId> inputs);
    /// The first result of a node with one result that matters.
    Result<ValueId> add_one(Op op, Attributes attributes, std::vector<ValueId> inputs);

    Result<ValueId> add_constant(Tensor tensor);
    Result<ValueId> add_constant(std::string name, Tensor tensor);
    Result<ValueId> add_input(std::string name, TensorType type, std::string file_type);

    // Steps that many operators need; they answer their input where nothing is to do.
    Result<ValueId> reshape(ValueId x, Shape shape);
    Result<ValueId> transpose(ValueId x, Shape axes);
    Result<ValueId> cast(ValueId x, ElementType element);
    Result<ValueId> expand(ValueId x, Shape shape);
    /// An f32 or i64 constant of rank 0, of the element type of `like`.
    Result<ValueId> scalar(double value, ElementType element);
    /// x ∘ value with a scalar constant of x's type.
    Result<ValueId> with_scalar(Op op, ValueId x, double value);

    const TensorType& type(ValueId id) const { return graph_.type(id); }
    const Shape& shape(ValueId id) const { return graph_.shape(id); }
    const Tensor* constant(ValueId id) const { return graph_.constant(id); }

    Graph& graph() { return graph_; }
    Graph take() { return std::move(graph_); }

private:
    Result<void> reserve(const TensorType& type);

    BuildLimits limits_;
    Graph graph_;
    std::string origin_;
    std::size_t tensor_bytes_ = 0;
    std::uint64_t folding_work_ = 0;
    std::uint64_t run_work_ = 0;
};

}  // namespace valence::ml::real
