#include "valence/zk/protocol/circuit/coverage.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "valence/ml/graph/describe.hpp"
#include "valence/zk/protocol/circuit/compile.hpp"
#include "valence/zk/protocol/circuit/public_weights.hpp"

namespace valence::zk {
namespace {

/// What is covered depends on no run.
class NoSaturation final : public SaturationSource {
public:
    Result<Saturation> saturation(const Circuit&, QuantityId, const ml::Requantisation&) override {
        return Saturation{};
    }
};

/// The graph with no nodes, and no weights but those that a circuit is made of.
ml::Graph without_nodes(const ml::Graph& graph) {
    ml::Graph empty;
    empty.main.tensors = graph.main.tensors;
    empty.bodies = graph.bodies;
    const auto is_public = public_weights(graph);
    for (std::size_t id = 0; id < graph.weights.size(); ++id) {
        const ml::Weight& weight = graph.weights[id];
        empty.weights.push_back({weight.type, weight.shape, is_public[id] ? weight.data : Bytes{}});
    }
    return empty;
}

}  // namespace

std::vector<OperationCoverage> proof_coverage(const ml::Graph& graph) {
    std::vector<OperationCoverage> coverage;
    ml::Graph single = without_nodes(graph);
    for (const ml::Node& node : graph.main.nodes) {
        const std::string_view operation = ml::name(node.operation);
        auto entry = std::find_if(coverage.begin(), coverage.end(),
                                  [&](const auto& each) { return each.operation == operation; });
        if (entry == coverage.end()) entry = coverage.insert(entry, {operation, 0, 0, {}});
        ++entry->nodes;
        single.main.nodes = {node};
        single.main.inputs = node.inputs;
        single.main.outputs = node.outputs;
        NoSaturation saturations;
        const auto compiled = compile(single, saturations);
        if (compiled) continue;
        if (entry->uncovered++ == 0) entry->reason = compiled.error().code.message();
    }
    return coverage;
}

std::string describe(const std::vector<OperationCoverage>& coverage) {
    std::string text;
    for (const OperationCoverage& each : coverage) {
        const std::string verdict = each.uncovered == 0 ? "yes"
                                    : each.uncovered == each.nodes
                                        ? each.reason
                                        : fmt::format("{} of them: {}", each.uncovered, each.reason);
        text += fmt::format("    {:<22} {:>5}  {}\n", each.operation, each.nodes, verdict);
    }
    return text;
}

}  // namespace valence::zk
