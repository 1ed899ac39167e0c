// What the passes share: looking backwards from a node, and putting something in its place.
#pragma once

#include <optional>

#include "valence/ml/float_graph/graph.hpp"

namespace valence::ml::real {

/// A graph under rewriting: who computes and who reads each value, kept up to date by replace().
class Rewrite {
public:
    explicit Rewrite(Graph& graph) : graph_(graph), producers_(producers(graph)), uses_(use_counts(graph)) {}

    Graph& graph() { return graph_; }
    /// The node that computes the value if it is of that operator, else null.
    Node* source(ValueId id, Op op);
    /// Whether nothing but one reader mentions the value.
    bool used_once(ValueId id) const { return uses_[static_cast<std::size_t>(id)] == 1; }
    /// The element of a constant f32 scalar (of any rank, one element).
    std::optional<double> scalar(ValueId id) const;
    /// For a commutative node: the input for which `wanted` holds comes first, the other second.
    template <typename Wanted>
    std::optional<std::pair<ValueId, ValueId>> either(const Node& node, Wanted&& wanted) const {
        if (wanted(node.inputs[0])) return std::pair{node.inputs[0], node.inputs[1]};
        if (wanted(node.inputs[1])) return std::pair{node.inputs[1], node.inputs[0]};
        return std::nullopt;
    }
    /// A commutative node with a scalar constant: the other input and the scalar.
    std::optional<std::pair<ValueId, double>> with_scalar(const Node& node) const;

    /// Makes the node compute its output by another operator from other inputs; the output's type must stay.
    void replace(Node& node, Op op, Attributes attributes, std::vector<ValueId> inputs);

private:
    Graph& graph_;
    std::vector<std::int32_t> producers_;
    std::vector<std::int32_t> uses_;
};

/// Whether two numbers agree to about single precision.
bool about(double a, double b);

}  // namespace valence::ml::real
