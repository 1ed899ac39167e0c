#include "valence/ml/quantise/decompose.hpp"

#include "valence/ml/quantise/decompositions.hpp"

namespace valence::ml {
namespace {

using real::Op;

/// Who may decompose an operator; null for those that have a lowering.
Results (*family(Op op))(const Decomposed&) {
    switch (op) {
        case Op::celu:
        case Op::shrink:
        case Op::thresholded_relu:
        case Op::sinh:
        case Op::cosh:
        case Op::tan:
        case Op::asinh:
        case Op::acosh:
        case Op::atanh:
        case Op::pow:
        case Op::sqrt:
        case Op::reduce_prod:
        case Op::is_nan:
        case Op::is_inf:
            return decompose_function;
        case Op::arg_max:
        case Op::arg_min:
        case Op::gather_elements:
        case Op::gather_nd:
        case Op::scatter_elements:
        case Op::scatter_nd:
            return decompose_indexing;
        case Op::conv:
        case Op::max_pool:
        case Op::average_pool:
            return decompose_spatial;
        case Op::tree_ensemble:
            return decompose_trees;
        default:
            return nullptr;
    }
}

}  // namespace

Result<real::Graph> decompose(const real::Graph& graph) {
    real::GraphBuilder builder({});
    std::vector<real::ValueId> places(graph.values.size(), real::kAbsent);
    const auto place = [&](real::ValueId id) -> real::ValueId& {
        return places[static_cast<std::size_t>(id)];
    };
    for (const real::Port& input : graph.inputs) {
        BOOST_OUTCOME_TRY(place(input.value),
                          builder.add_input(input.name, graph.type(input.value), input.file_type));
    }
    for (std::size_t k = 0; k < graph.values.size(); ++k) {
        const real::Value& value = graph.values[k];
        if (value.constant == nullptr) continue;
        // The elements are shared, not copied.
        places[k] = real::add_value(builder.graph(), value.name, value.type);
        builder.graph().values.back().constant = value.constant;
    }
    for (const real::Node& node : graph.nodes) {
        std::vector<real::ValueId> inputs;
        for (const real::ValueId id : node.inputs)
            inputs.push_back(id < 0 ? id : place(id));
        builder.set_origin(node.name);
        std::vector<real::ValueId> results;
        if (const auto decomposition = family(node.op)) {
            BOOST_OUTCOME_TRY(results, decomposition({builder, node, inputs}));
        }
        if (results.empty()) {
            BOOST_OUTCOME_TRY(results, builder.add(node.op, node.attributes, std::move(inputs)));
        }
        for (std::size_t k = 0; k < node.outputs.size(); ++k) {
            place(node.outputs[k]) = results[k];
            // Messages name values as the source does.
            builder.graph().values[static_cast<std::size_t>(results[k])].name =
                graph.value(node.outputs[k]).name;
        }
    }
    for (const real::Port& output : graph.outputs)
        builder.graph().outputs.push_back({output.name, place(output.value), output.file_type});
    real::Graph result = builder.take();
    result.name = graph.name;
    result.notes = graph.notes;
    return result;
}

}  // namespace valence::ml
