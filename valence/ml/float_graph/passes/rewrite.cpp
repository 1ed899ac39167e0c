#include "valence/ml/float_graph/passes/rewrite.hpp"

#include <cmath>

namespace valence::ml::real {

Node* Rewrite::source(ValueId id, Op op) {
    if (id == kAbsent) return nullptr;
    const auto n = producers_[static_cast<std::size_t>(id)];
    if (n < 0) return nullptr;
    auto& node = graph_.nodes[static_cast<std::size_t>(n)];
    return node.op == op ? &node : nullptr;
}

std::optional<double> Rewrite::scalar(ValueId id) const {
    const auto* tensor = graph_.constant(id);
    if (tensor == nullptr || tensor->element() != ElementType::f32 || tensor->count() != 1)
        return std::nullopt;
    return static_cast<double>(tensor->f32()[0]);
}

std::optional<std::pair<ValueId, double>> Rewrite::with_scalar(const Node& node) const {
    for (const std::size_t i : {std::size_t{1}, std::size_t{0}})
        if (const auto value = scalar(node.inputs[i])) return std::pair{node.inputs[1 - i], *value};
    return std::nullopt;
}

void Rewrite::replace(Node& node, Op op, Attributes attributes, std::vector<ValueId> inputs) {
    // Constants made for the rewrite have no entry yet.
    producers_.resize(graph_.values.size(), -1);
    uses_.resize(graph_.values.size(), 0);
    for (const auto id : node.inputs)
        if (id != kAbsent) --uses_[static_cast<std::size_t>(id)];
    for (const auto id : inputs)
        if (id != kAbsent) ++uses_[static_cast<std::size_t>(id)];
    node.op = op;
    node.attributes = std::move(attributes);
    node.inputs = std::move(inputs);
}

bool about(double a, double b) {
    return std::fabs(a - b) <= 1e-5 * std::max(std::fabs(a), std::fabs(b)) + 1e-12;
}

}  // namespace valence::ml::real
