#include "valence/ml/reference/evaluate.hpp"

#include <variant>

#include <fmt/format.h>

#include "valence/ml/graph/model_error.hpp"
#include "valence/ml/reference/step.hpp"

namespace valence::ml {
namespace reference {

std::vector<Values> run(const Graph& graph, const Subgraph& part, std::vector<Values> inputs) {
    std::vector<Values> tensors(part.tensors.size());
    for (std::size_t i = 0; i < inputs.size(); ++i)
        tensors[part.inputs[i]] = std::move(inputs[i]);

    for (const Node& node : part.nodes) {
        std::vector<const Values*> arguments;
        for (const TensorId id : node.inputs)
            arguments.push_back(&tensors[id]);
        std::vector<Values> outputs;
        for (const TensorId id : node.outputs) {
            const Tensor& tensor = part.tensors[id];
            outputs.push_back(
                {tensor.type, tensor.shape, std::vector<std::int64_t>(tensor.shape.elements())});
        }
        const Step step{graph, arguments, outputs};
        std::visit([&](const auto& operation) { compute(operation, step); }, node.operation);
        for (std::size_t i = 0; i < outputs.size(); ++i)
            tensors[node.outputs[i]] = std::move(outputs[i]);
    }

    std::vector<Values> results;
    for (const TensorId id : part.outputs)
        results.push_back(tensors[id]);
    return results;
}

/// Rows of the elements, in their order or from the last one back; rows of the sequences likewise.
void compute(const Scan& scan, const Step& step) {
    const Subgraph& body = step.graph.bodies[scan.body];
    const std::size_t states = scan.states;

    std::vector<Values> state;
    for (std::size_t i = 0; i < states; ++i)
        state.push_back(step.input(i));

    const std::uint32_t length = step.input(states).shape[0];
    for (std::uint32_t t = 0; t < length; ++t) {
        const std::size_t row = scan.reversed ? length - 1 - t : t;
        std::vector<Values> inputs = state;
        for (std::size_t i = states; i < step.inputs.size(); ++i) {
            const Tensor& tensor = body.tensors[body.inputs[i]];
            const std::size_t size = tensor.shape.elements();
            Values element{tensor.type, tensor.shape, {}};
            for (std::size_t k = 0; k < size; ++k)
                element.data.push_back(step.input(i).data[row * size + k]);
            inputs.push_back(std::move(element));
        }

        const std::vector<Values> results = run(step.graph, body, std::move(inputs));
        for (std::size_t i = 0; i < states; ++i)
            state[i] = results[i];
        for (std::size_t i = states; i < results.size(); ++i) {
            const std::size_t size = results[i].data.size();
            for (std::size_t k = 0; k < size; ++k)
                step.outputs[i].data[row * size + k] = results[i].data[k];
        }
    }
    for (std::size_t i = 0; i < states; ++i)
        step.outputs[i].data = state[i].data;
}

}  // namespace reference

Result<std::vector<Values>> evaluate(const Graph& graph, std::span<const Values> inputs) {
    if (inputs.size() != graph.main.inputs.size())
        return Error{ModelError::invalid_input,
                     fmt::format("{} tensors, not {}", inputs.size(), graph.main.inputs.size())};
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        const Values& given = inputs[i];
        const Tensor& tensor = graph.main.tensors[graph.main.inputs[i]];
        if (given.type != tensor.type || given.shape != tensor.shape ||
            given.data.size() != tensor.shape.elements())
            return Error{
                ModelError::invalid_input,
                fmt::format("input {} is {}, not {}", i, to_string(given.shape), to_string(tensor.shape))};
        const bool index = tensor.type == ElementType::index;
        const std::int64_t low = index ? INT32_MIN : INT16_MIN;
        const std::int64_t high = index ? INT32_MAX : INT16_MAX;
        for (const std::int64_t value : given.data)
            if (value < low || value > high)
                return Error{ModelError::invalid_input, fmt::format("input {} holds {}", i, value)};
    }
    return reference::run(graph, graph.main, {inputs.begin(), inputs.end()});
}

}  // namespace valence::ml
