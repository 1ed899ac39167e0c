#include "valence/zk/protocol/circuit/public_weights.hpp"

#include <fmt/format.h>

#include "valence/ml/graph/describe.hpp"
#include "valence/ml/graph/limits.hpp"
#include "valence/ml/graph/model_error.hpp"

namespace valence::zk {
namespace {

Result<void> check_within(const ml::Graph& graph, ml::WeightId id, std::int64_t low, std::int64_t high) {
    const ml::Weight& weight = graph.weights[id];
    const std::uint64_t elements = weight.data.size() / ml::width(weight.type);
    for (std::uint64_t k = 0; k < elements; ++k) {
        if (weight[k] < low || weight[k] > high)
            return Error{ml::ModelError::invalid_node,
                         fmt::format("weight {} holds {}, outside {} … {}", id, weight[k], low, high)};
    }
    return success();
}

Result<void> check_keys(const ml::Weight& keys) {
    const std::uint64_t elements = keys.data.size() / ml::width(keys.type);
    for (std::uint64_t k = 1; k < elements; ++k) {
        if (keys[k] <= keys[k - 1])
            return Error{ml::ModelError::invalid_node, fmt::format("key {} is not above the one before", k)};
    }
    return success();
}

Result<void> check_node(const ml::Graph& graph, const ml::Subgraph& part, const ml::Node& node) {
    return std::visit(
        [&](const auto& operation) -> Result<void> {
            if constexpr (requires { operation.channel; }) {
                if (operation.channel)
                    return check_within(graph, *operation.channel, 0, ml::kMaxChannelExponent);
            }
            if constexpr (requires { operation.multiplier_table; }) {
                if (operation.multiplier_table)
                    return check_within(graph, *operation.multiplier_table, -ml::kMaxCoefficient,
                                        ml::kMaxCoefficient);
            }
            if constexpr (requires { operation.indices; }) {
                const ml::Shape& shape = part.tensors[node.inputs[0]].shape;
                return check_within(graph, operation.indices, 0, std::int64_t{shape[operation.axis]} - 1);
            }
            if constexpr (requires { operation.keys; }) return check_keys(graph.weights[operation.keys]);
            return success();
        },
        node.operation);
}

Result<void> check_part(const ml::Graph& graph, const ml::Subgraph& part) {
    for (std::size_t number = 0; number < part.nodes.size(); ++number) {
        const auto checked = check_node(graph, part, part.nodes[number]);
        if (!checked)
            return Error{checked.error().code,
                         ml::label(part.nodes[number], number) + ": " + checked.error().context};
    }
    return success();
}

}  // namespace

std::vector<bool> public_weights(const ml::Graph& graph) {
    std::vector<bool> is_public(graph.weights.size(), false);
    const auto mark = [&](const std::optional<ml::WeightId>& weight) {
        if (weight) is_public[*weight] = true;
    };
    const auto visit = [&](const ml::Subgraph& part) {
        for (const ml::Node& node : part.nodes) {
            std::visit(
                [&](const auto& operation) {
                    if constexpr (requires { operation.channel; }) mark(operation.channel);
                    if constexpr (requires { operation.multiplier_table; }) mark(operation.multiplier_table);
                    if constexpr (requires { operation.indices; }) mark(operation.indices);
                    if constexpr (requires { operation.keys; }) {
                        mark(operation.keys);
                        mark(operation.values);
                    }
                },
                node.operation);
        }
    };
    visit(graph.main);
    for (const ml::Subgraph& body : graph.bodies)
        visit(body);
    return is_public;
}

Result<void> check_public_weights(const ml::Graph& graph) {
    for (const ml::Subgraph& body : graph.bodies) {
        BOOST_OUTCOME_TRY(check_part(graph, body));
    }
    return check_part(graph, graph.main);
}

}  // namespace valence::zk
