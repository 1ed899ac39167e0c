#include "valence/ml/float_graph/executor.hpp"

#include "valence/ml/float_graph/operator.hpp"

namespace valence::ml::real {

Executor::Executor(const Graph& graph) : graph_(graph), dead_after_(graph.nodes.size()) {
    std::vector<bool> needed_later(graph.values.size(), false);
    for (const auto& port : graph.outputs)
        needed_later[static_cast<std::size_t>(port.value)] = true;
    for (auto n = graph.nodes.size(); n-- > 0;)
        for (const auto* list : {&graph.nodes[n].outputs, &graph.nodes[n].inputs})
            for (const auto id : *list) {
                if (id == kAbsent || graph.is_constant(id) || needed_later[static_cast<std::size_t>(id)])
                    continue;
                needed_later[static_cast<std::size_t>(id)] = true;
                dead_after_[n].push_back(id);
            }
}

Result<std::vector<Tensor>> Executor::run(std::span<const Tensor> inputs, const Observer& observer) const {
    if (inputs.size() != graph_.inputs.size())
        return Error{GraphError::shape_invalid, std::to_string(inputs.size()) + " inputs for a model with " +
                                                    std::to_string(graph_.inputs.size())};
    std::vector<Tensor> held(graph_.values.size());
    std::vector<const Tensor*> at(graph_.values.size(), nullptr);
    for (std::size_t i = 0; i < graph_.values.size(); ++i)
        at[i] = graph_.values[i].constant.get();
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        const auto& port = graph_.inputs[i];
        if (inputs[i].type() != graph_.type(port.value))
            return Error{GraphError::shape_invalid, "input '" + port.name + "' is " +
                                                        to_string(inputs[i].type()) + ", not " +
                                                        to_string(graph_.type(port.value))};
        at[static_cast<std::size_t>(port.value)] = &inputs[i];
        if (observer) observer(port.value, inputs[i]);
    }
    for (std::size_t n = 0; n < graph_.nodes.size(); ++n) {
        const auto& node = graph_.nodes[n];
        std::vector<const Tensor*> reads;
        for (const auto id : node.inputs)
            reads.push_back(id == kAbsent ? nullptr : at[static_cast<std::size_t>(id)]);
        std::vector<Tensor> writes;
        for (const auto id : node.outputs)
            writes.emplace_back(graph_.type(id));
        const auto done = facts(node.op).compute(node.op, node.attributes, reads, writes);
        if (!done) return Error{done.error().code, node.name + ": " + done.error().context};
        for (std::size_t i = 0; i < writes.size(); ++i) {
            const auto id = static_cast<std::size_t>(node.outputs[i]);
            held[id] = std::move(writes[i]);
            at[id] = &held[id];
            if (observer) observer(node.outputs[i], held[id]);
        }
        for (const auto id : dead_after_[n])
            held[static_cast<std::size_t>(id)] = Tensor{};
    }
    std::vector<Tensor> outputs;
    for (const auto& port : graph_.outputs)
        outputs.push_back(*at[static_cast<std::size_t>(port.value)]);
    return outputs;
}

}  // namespace valence::ml::real
