#include "valence/ml/float_graph/graph.hpp"

#include "valence/ml/float_graph/operator.hpp"

namespace valence::ml::real {
namespace {

Result<void> check_node(const Graph& graph, const Node& node, const std::vector<bool>& known) {
    const auto bad = [&](const std::string& what) {
        return Error{GraphError::malformed, node.name + ": " + what};
    };
    std::vector<const TensorType*> types;
    for (const auto id : node.inputs) {
        if (id == kAbsent) {
            types.push_back(nullptr);
            continue;
        }
        if (id < 0 || static_cast<std::size_t>(id) >= graph.values.size())
            return bad("reads a value that is none");
        if (!known[static_cast<std::size_t>(id)])
            return bad("reads '" + graph.value(id).name + "' before it is known");
        types.push_back(&graph.type(id));
    }
    auto inferred = infer_types(node.op, node.attributes, types);
    if (!inferred) return Error{inferred.error().code, node.name + ": " + inferred.error().context};
    if (inferred.value().size() != node.outputs.size()) return bad("number of outputs");
    for (std::size_t i = 0; i < node.outputs.size(); ++i) {
        const auto id = node.outputs[i];
        if (id < 0 || static_cast<std::size_t>(id) >= graph.values.size())
            return bad("writes a value that is none");
        if (known[static_cast<std::size_t>(id)]) return bad("writes a value that has a source");
        if (graph.type(id) != inferred.value()[i])
            return bad("computes " + to_string(inferred.value()[i]) + " for " + to_string(graph.type(id)));
    }
    return success();
}

}  // namespace

std::vector<std::int32_t> producers(const Graph& graph) {
    std::vector<std::int32_t> by_value(graph.values.size(), -1);
    for (std::size_t n = 0; n < graph.nodes.size(); ++n)
        for (const auto id : graph.nodes[n].outputs)
            by_value[static_cast<std::size_t>(id)] = static_cast<std::int32_t>(n);
    return by_value;
}

std::vector<std::int32_t> use_counts(const Graph& graph) {
    std::vector<std::int32_t> counts(graph.values.size(), 0);
    for (const auto& node : graph.nodes)
        for (const auto id : node.inputs)
            if (id != kAbsent) ++counts[static_cast<std::size_t>(id)];
    for (const auto& port : graph.outputs)
        ++counts[static_cast<std::size_t>(port.value)];
    return counts;
}

Result<void> check(const Graph& graph) {
    std::vector<bool> known(graph.values.size(), false);
    for (std::size_t i = 0; i < graph.values.size(); ++i) {
        const auto& value = graph.values[i];
        BOOST_OUTCOME_TRYV(checked_element_count(value.type.shape));
        if (!value.constant) continue;
        known[i] = true;
        if (value.constant->type() != value.type)
            return Error{GraphError::malformed,
                         "constant '" + value.name + "' is of another type than declared"};
    }
    for (const auto& port : graph.inputs) {
        if (port.value < 0 || static_cast<std::size_t>(port.value) >= known.size() ||
            known[static_cast<std::size_t>(port.value)])
            return Error{GraphError::malformed, "input '" + port.name + "'"};
        known[static_cast<std::size_t>(port.value)] = true;
    }
    for (const auto& node : graph.nodes) {
        BOOST_OUTCOME_TRYV(check_node(graph, node, known));
        for (const auto id : node.outputs) {
            if (known[static_cast<std::size_t>(id)])
                return Error{GraphError::malformed, node.name + ": writes a value twice"};
            known[static_cast<std::size_t>(id)] = true;
        }
    }
    for (const auto& port : graph.outputs)
        if (port.value < 0 || static_cast<std::size_t>(port.value) >= known.size() ||
            !known[static_cast<std::size_t>(port.value)])
            return Error{GraphError::malformed, "output '" + port.name + "'"};
    return success();
}

ValueId add_value(Graph& graph, std::string name, TensorType type) {
    graph.values.push_back({std::move(name), std::move(type), nullptr});
    return static_cast<ValueId>(graph.values.size() - 1);
}

ValueId add_constant(Graph& graph, std::string name, Tensor tensor) {
    auto type = tensor.type();
    graph.values.push_back(
        {std::move(name), std::move(type), std::make_shared<const Tensor>(std::move(tensor))});
    return static_cast<ValueId>(graph.values.size() - 1);
}

std::string to_string(const Graph& graph) {
    const auto show = [&](ValueId id) {
        if (id == kAbsent) return std::string{"-"};
        return std::string{graph.is_constant(id) ? "#" : "%"} + std::to_string(id) + ":" +
               to_string(graph.type(id));
    };
    std::string text;
    for (const auto& port : graph.inputs)
        text += "input " + port.name + " " + show(port.value) + "\n";
    for (const auto& node : graph.nodes) {
        for (const auto id : node.outputs)
            text += show(id) + " ";
        text += "= " + std::string{name(node.op)};
        for (const auto id : node.inputs)
            text += " " + show(id);
        text += "   " + node.name + "\n";
    }
    for (const auto& port : graph.outputs)
        text += "output " + port.name + " " + show(port.value) + "\n";
    return text;
}

}  // namespace valence::ml::real
