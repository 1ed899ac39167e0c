#include "valence/ml/onnx/node_order.hpp"

#include <numeric>
#include <queue>
#include <string_view>
#include <unordered_map>

namespace valence::ml::onnx_import {
namespace {

/// Calls `visit` with every name the node reads, and those that graphs inside it read: theirs may be the
/// outer graph's. The parser bounds how deep graphs nest.
template <typename Visit>
void for_each_name(const ::onnx::NodeProto& node, const Visit& visit) {
    for (const auto& name : node.input())
        if (!name.empty()) visit(name);
    const auto walk = [&](const ::onnx::GraphProto& graph) {
        for (const auto& inner : graph.node())
            for_each_name(inner, visit);
        for (const auto& output : graph.output())
            visit(output.name());
    };
    for (const auto& attribute : node.attribute()) {
        if (attribute.has_g()) walk(attribute.g());
        for (const auto& graph : attribute.graphs())
            walk(graph);
    }
}

}  // namespace

std::vector<int> computing_order(const NodeList& nodes) {
    std::vector<int> order(static_cast<std::size_t>(nodes.size()));
    std::iota(order.begin(), order.end(), 0);
    std::unordered_map<std::string_view, int> writer;
    for (const int place : order)
        for (const auto& name : nodes[place].output())
            if (!name.empty()) writer.emplace(name, place);

    std::vector<std::vector<int>> readers(order.size());
    std::vector<int> waits_for(order.size(), 0);
    bool sorted = true;
    for (const int place : order)
        for_each_name(nodes[place], [&](const std::string& name) {
            const auto found = writer.find(name);
            if (found == writer.end()) return;
            readers[static_cast<std::size_t>(found->second)].push_back(place);
            ++waits_for[static_cast<std::size_t>(place)];
            sorted = sorted && found->second < place;
        });
    if (sorted) return order;

    std::priority_queue<int, std::vector<int>, std::greater<>> ready;
    for (const int place : order)
        if (waits_for[static_cast<std::size_t>(place)] == 0) ready.push(place);
    std::vector<int> result;
    result.reserve(order.size());
    std::vector<bool> done(order.size(), false);
    while (!ready.empty()) {
        const int place = ready.top();
        ready.pop();
        result.push_back(place);
        done[static_cast<std::size_t>(place)] = true;
        for (const int reader : readers[static_cast<std::size_t>(place)])
            if (--waits_for[static_cast<std::size_t>(reader)] == 0) ready.push(reader);
    }
    for (const int place : order)
        if (!done[static_cast<std::size_t>(place)]) result.push_back(place);
    return result;
}

}  // namespace valence::ml::onnx_import
