#include "valence/ml/bind/bind.hpp"

#include <fmt/format.h>

#include "valence/ml/bind/identifier.hpp"

namespace valence::ml {
namespace {

BoundPort bound_port(const Port& port, const Tensor& tensor, std::string identifier) {
    BoundPort bound;
    bound.identifier = std::move(identifier);
    bound.size = tensor.shape.elements();
    bound.comment = fmt::format("\"{}\" [{}]", comment_text(port.name), to_string(tensor.shape));
    if (!port.unit.empty()) bound.comment += fmt::format(", in {}", comment_text(port.unit));
    if (tensor.type == ElementType::index) bound.comment += ", whole numbers";
    return bound;
}

}  // namespace

BoundModel bound_model(const Graph& graph, const ModelId& id, std::string_view name) {
    BoundModel model;
    model.id = id;
    // Inputs and outputs share a scope: both are named in one function's head.
    Identifiers identifiers;
    model.type_name = identifiers.type(name, "Model");
    for (const Port& port : graph.inputs)
        model.inputs.push_back(
            bound_port(port, graph.main.tensors[port.tensor], identifiers.variable(port.name, "x")));
    for (const Port& port : graph.outputs)
        model.outputs.push_back(
            bound_port(port, graph.main.tensors[port.tensor], identifiers.variable(port.name, "y")));
    return model;
}

}  // namespace valence::ml
