#include "valence/outcome/tensors.hpp"

#include "valence/outcome/outcome_error.hpp"

namespace valence::outcome {
namespace {

std::uint64_t size_of(const ml::Graph& graph, const std::vector<ml::Port>& ports) {
    std::uint64_t size = 0;
    for (const ml::Port& port : ports)
        size += graph.main.tensors[port.tensor].shape.elements();
    return size;
}

bool fits(ml::ElementType type, std::int32_t value) {
    return type == ml::ElementType::index || (value >= INT16_MIN && value <= INT16_MAX);
}

Result<std::vector<ml::Values>> tensors_of(const ml::Graph& graph, const std::vector<ml::Port>& ports,
                                           const Integers& integers, OutcomeError error) {
    const std::uint64_t size = size_of(graph, ports);
    if (integers.size() != size)
        return Error{error,
                     std::to_string(integers.size()) + " integers, the model has " + std::to_string(size)};
    std::vector<ml::Values> tensors;
    std::size_t at = 0;
    for (const ml::Port& port : ports) {
        const ml::Tensor& tensor = graph.main.tensors[port.tensor];
        ml::Values values{tensor.type, tensor.shape, {}};
        const auto end = at + tensor.shape.elements();
        values.data.reserve(end - at);
        for (; at < end; ++at) {
            if (!fits(tensor.type, integers[at]))
                return Error{error, "integer " + std::to_string(at) + " is " + std::to_string(integers[at])};
            values.data.push_back(integers[at]);
        }
        tensors.push_back(std::move(values));
    }
    return tensors;
}

}  // namespace

std::uint64_t input_size(const ml::Graph& graph) { return size_of(graph, graph.inputs); }
std::uint64_t output_size(const ml::Graph& graph) { return size_of(graph, graph.outputs); }

Result<std::vector<ml::Values>> input_tensors(const ml::Graph& graph, const Integers& integers) {
    return tensors_of(graph, graph.inputs, integers, OutcomeError::wrong_input);
}

Result<std::vector<ml::Values>> output_tensors(const ml::Graph& graph, const Integers& integers) {
    return tensors_of(graph, graph.outputs, integers, OutcomeError::wrong_output);
}

Integers to_integers(std::span<const ml::Values> tensors) {
    Integers integers;
    for (const ml::Values& values : tensors)
        for (const std::int64_t value : values.data)
            integers.push_back(static_cast<std::int32_t>(value));
    return integers;
}

}  // namespace valence::outcome
