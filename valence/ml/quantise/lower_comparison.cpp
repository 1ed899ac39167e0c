// Comparisons, logic and choice. Booleans are activations 0 and 1 at exponent 0.
#include <algorithm>
#include <array>

#include "valence/ml/quantise/lowering.hpp"

namespace valence::ml {
namespace {

Result<void> compare(Lowering& l, const real::Node& node, Relation relation) {
    const real::ValueId ids[] = {node.inputs[0], node.inputs[1]};
    const Shape shape = l.shape(node.outputs[0]);
    if (l.is_index(ids[0])) {
        l.put(node,
              l.builder.emit(Comparison{relation}, {l.at(ids[0]).tensor, l.at(ids[1]).tensor}, shape, 0));
        return success();
    }
    // Next to a constant the computed side keeps its digits; between two computed ones the coarser decides.
    int exponent = 60;
    for (const real::ValueId id : ids)
        if (!l.source.is_constant(id)) exponent = std::min(exponent, l.at(id).exponent);
    const std::vector<Place> places = l.aligned(ids, exponent);
    l.put(node, l.builder.emit(Comparison{relation}, {places[0].tensor, places[1].tensor}, shape, 0));
    return success();
}

Result<void> choose(Lowering& l, const real::Node& node) {
    const Shape shape = l.shape(node.outputs[0]);
    const Place condition = l.at(node.inputs[0]);
    if (l.is_index(node.inputs[1])) {
        l.put(node,
              l.builder.emit(Choice{},
                             {condition.tensor, l.at(node.inputs[1]).tensor, l.at(node.inputs[2]).tensor},
                             shape, 0, ElementType::index));
        return success();
    }
    const real::ValueId ids[] = {node.inputs[1], node.inputs[2]};
    std::vector<Place> places = l.aligned(ids, l.wanted(node.outputs[0]));
    const int exponent = std::min(places[0].exponent, places[1].exponent);
    for (Place& place : places)
        place = l.builder.rescale(place, exponent);
    l.put(node,
          l.builder.emit(Choice{}, {condition.tensor, places[0].tensor, places[1].tensor}, shape, exponent));
    return success();
}

}  // namespace

Result<void> lower_comparison(Lowering& l, const real::Node& node) {
    const Shape shape = l.shape(node.outputs[0]);
    switch (node.op) {
        case real::Op::equal:
            return compare(l, node, Relation::equal);
        case real::Op::less:
            return compare(l, node, Relation::less);
        case real::Op::less_or_equal:
            return compare(l, node, Relation::less_or_equal);
        case real::Op::where:
            return choose(l, node);
        case real::Op::logical_not: {
            const Place x = l.at(node.inputs[0]);
            const double minus = -1;
            const RealTensor one{{}, {1.0}};
            l.put(node, l.builder.combine({&x, 1}, {&minus, 1}, &one, shape, 0));
            return success();
        }
        case real::Op::logical_and:
        case real::Op::logical_or: {
            const Extremum which = node.op == real::Op::logical_and ? Extremum::minimum : Extremum::maximum;
            l.put(node, l.builder.emit(ElementwiseExtremum{which},
                                       {l.at(node.inputs[0]).tensor, l.at(node.inputs[1]).tensor}, shape, 0));
            return success();
        }
        default: {  // exclusive or: (x − z)²
            const std::array places{l.at(node.inputs[0]), l.at(node.inputs[1])};
            const std::array coefficients{1.0, -1.0};
            const Place difference = l.builder.combine(places, coefficients, nullptr, shape, 0);
            l.put(node, l.builder.multiply(difference, difference, shape, 0));
            return success();
        }
    }
}

}  // namespace valence::ml
