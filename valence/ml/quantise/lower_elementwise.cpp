// Arithmetic on elements: sums become combinations, products requantised products, constants are folded into
// either.
#include <algorithm>
#include <array>
#include <cmath>

#include "valence/ml/quantise/lowering.hpp"

namespace valence::ml {
namespace {

Result<void> lower_clamp(Lowering& l, const real::Node& node, Clamp clamp) {
    const real::ValueId x = node.inputs[0];
    if (l.is_index(x)) return unsupported("on integers that are not known in advance");
    if (l.clamp_in_place(x, clamp)) {
        l.put(node, l.raw(x));
        return success();
    }
    const Place place = l.at(x);
    l.put(node, l.builder.rescale(place, l.wanted(node.outputs[0]), clamp));
    return success();
}

/// x + sign·constant or the like, and sums of two computed values.
Result<void> lower_sum(Lowering& l, const real::Node& node, double sign) {
    const real::ValueId a = node.inputs[0];
    const real::ValueId b = node.inputs[1];
    const Shape shape = l.shape(node.outputs[0]);
    const int exponent = l.wanted(node.outputs[0]);
    if (l.source.is_constant(a) || l.source.is_constant(b)) {
        const bool constant_first = l.source.is_constant(a);
        RealTensor bias = l.constant(constant_first ? a : b);
        if (!constant_first)
            for (double& value : bias.values)
                value *= sign;
        const double coefficient = constant_first ? sign : 1.0;
        Place x = l.raw(constant_first ? b : a);
        if (!x.features.empty() && l.builder.shape(x) != shape) x = l.at(constant_first ? b : a);
        if (!x.features.empty() && l.builder.shape(x) == shape) {
            l.put(node, l.builder.scale(x, {{}, {coefficient}}, &bias, exponent));
            return success();
        }
        const Place whole = l.builder.broadcast(x, shape);
        l.put(node, l.builder.combine({&whole, 1}, {&coefficient, 1}, &bias, shape, exponent));
        return success();
    }
    const Place places[] = {l.at(a), l.at(b)};
    const double coefficients[] = {1.0, sign};
    l.put(node, l.builder.combine(places, coefficients, nullptr, shape, exponent));
    return success();
}

Result<void> scale_by(Lowering& l, const real::Node& node, real::ValueId x, RealTensor factor) {
    const Shape shape = l.shape(node.outputs[0]);
    Place place = l.raw(x);
    if (l.builder.shape(place) != shape) place = l.builder.broadcast(l.at(x), shape);
    // A tensor of equal elements is a number.
    if (std::all_of(factor.values.begin(), factor.values.end(),
                    [&](double v) { return v == factor.values[0]; }))
        factor = {{}, {factor.values[0]}};
    l.put(node, l.builder.scale(place, factor, nullptr, l.wanted(node.outputs[0])));
    return success();
}

Result<void> lower_multiplication(Lowering& l, const real::Node& node) {
    const real::ValueId a = node.inputs[0];
    const real::ValueId b = node.inputs[1];
    if (l.source.is_constant(b)) return scale_by(l, node, a, l.constant(b));
    if (l.source.is_constant(a)) return scale_by(l, node, b, l.constant(a));
    const Place x = l.at(a);
    const Place z = l.at(b);
    l.put(node, l.builder.multiply(x, z, l.shape(node.outputs[0]), l.wanted(node.outputs[0])));
    return success();
}

Result<void> lower_division(Lowering& l, const real::Node& node) {
    const real::ValueId a = node.inputs[0];
    const real::ValueId b = node.inputs[1];
    if (l.source.is_constant(b)) {
        RealTensor factor = l.constant(b);
        for (double& value : factor.values) {
            if (value == 0) return unsupported("divides by a constant that is 0");
            value = 1 / value;
        }
        return scale_by(l, node, a, std::move(factor));
    }
    const Place x = l.at(a);
    const Place z = l.at(b);
    const int shift = std::clamp(l.wanted(node.outputs[0]) - x.exponent + z.exponent, 0, 40);
    l.put(node, l.builder.emit(Division{static_cast<std::uint8_t>(shift)}, {x.tensor, z.tensor},
                               l.shape(node.outputs[0]), x.exponent - z.exponent + shift));
    return success();
}

Result<void> lower_power(Lowering& l, const real::Node& node) {
    if (!l.source.is_constant(node.inputs[1]))
        return unsupported("of integers with an exponent that is not constant");
    const RealTensor exponent = l.constant(node.inputs[1]);
    if (exponent.values.size() != 1) return unsupported("with more than one exponent");
    const double power = exponent.values[0];
    const Place x = l.at(node.inputs[0]);
    const int wanted = l.wanted(node.outputs[0]);
    if (power == 2)
        l.put(node, l.builder.multiply(x, x, l.shape(node.outputs[0]), wanted));
    else if (power == 1)
        l.put(node, x);
    else if (power == 0.5)
        l.put(node, l.builder.lookup(x, Function::square_root, wanted));
    else if (power == -1)
        l.put(node, l.builder.lookup(x, Function::reciprocal, wanted));
    else if (power == -0.5)
        l.put(node, l.builder.lookup(x, Function::reciprocal_square_root, wanted));
    else if (std::abs(power) < 2000)
        l.put(node, l.builder.lookup(x, Function::power, wanted, power));
    else
        return unsupported("with an exponent of 2,000 or more");
    return success();
}

Result<void> lower_extremum(Lowering& l, const real::Node& node, Extremum which) {
    std::vector<Place> places = l.aligned(node.inputs, l.wanted(node.outputs[0]));
    if (places.size() == 1) {
        l.put(node, places[0]);
        return success();
    }
    // Aligning may have had to settle for less; the lowest exponent then holds for all.
    int exponent = places[0].exponent;
    for (const Place& place : places)
        exponent = std::min(exponent, place.exponent);
    for (Place& place : places)
        place = l.builder.rescale(place, exponent);
    Place result = places[0];
    for (std::size_t k = 1; k < places.size(); ++k)
        result = l.builder.emit(ElementwiseExtremum{which}, {result.tensor, places[k].tensor},
                                l.shape(node.outputs[0]), exponent);
    l.put(node, result);
    return success();
}

/// max(x, 0) + slope·min(x, 0)
Result<void> lower_prelu(Lowering& l, const real::Node& node) {
    if (!l.source.is_constant(node.inputs[1])) return unsupported("with slopes that are not constant");
    const Place x = l.at(node.inputs[0]);
    const RealTensor slope = l.constant(node.inputs[1]);
    const Shape shape = l.shape(node.outputs[0]);
    const int exponent = l.wanted(node.outputs[0]);
    const Place negative = l.builder.rescale(x, x.exponent, {kUnclamped.low, 0});
    const Place scaled = l.builder.scale(negative, slope, nullptr, exponent);
    const Place positive = l.builder.rescale(x, x.exponent, {0, kUnclamped.high});
    const Place places[] = {positive, scaled};
    const double ones[] = {1.0, 1.0};
    l.put(node, l.builder.combine(places, ones, nullptr, shape, exponent));
    return success();
}

Result<void> lower_cast(Lowering& l, const real::Node& node) {
    const real::ElementType from = l.source.type(node.inputs[0]).element;
    const real::ElementType to = node.get<real::CastTo>().element;
    const Shape shape = l.shape(node.outputs[0]);
    const Place x = l.at(node.inputs[0]);
    if (from == to || (from == real::ElementType::boolean && to == real::ElementType::f32)) {
        l.put(node, x);
        return success();
    }
    if (to == real::ElementType::i64) {
        if (x.exponent < 0 || x.exponent > 31)
            return unsupported("of numbers this large or small to integers");
        l.put(node, l.builder.emit(ActivationToIndex{static_cast<std::uint8_t>(x.exponent)}, {x.tensor},
                                   shape, 0, ElementType::index));
        return success();
    }
    if (to == real::ElementType::f32) {
        // Whole numbers up to what calibration saw, with as many zero bits below as fit.
        const int exponent = std::clamp(l.wanted(node.outputs[0]), 0, 15);
        l.put(node, l.builder.emit(IndexToActivation{static_cast<std::uint8_t>(exponent)}, {x.tensor}, shape,
                                   exponent));
        return success();
    }
    // To boolean: not equal to 0, as 1 − (x = 0).
    const Place zero =
        from == real::ElementType::i64
            ? l.builder.emit(
                  Constant{l.builder.add_weight(WeightType::int32, Shape{}, std::array<std::int64_t, 1>{0})},
                  {}, Shape{}, 0, ElementType::index)
            : l.builder.constant({{}, {0.0}}, x.exponent);
    const Place equal = l.builder.emit(Comparison{Relation::equal}, {x.tensor, zero.tensor}, shape, 0);
    const double minus = -1;
    const RealTensor one{{}, {1.0}};
    l.put(node, l.builder.combine({&equal, 1}, {&minus, 1}, &one, shape, 0));
    return success();
}

}  // namespace

Result<void> lower_elementwise(Lowering& l, const real::Node& node) {
    if (node.op == real::Op::cast) return lower_cast(l, node);
    for (const real::ValueId id : node.inputs)
        if (id >= 0 && l.is_index(id)) return unsupported("on integers that are not known in advance");
    switch (node.op) {
        case real::Op::relu:
            return lower_clamp(l, node, {0, kUnclamped.high});
        case real::Op::clip: {
            const auto& bounds = node.get<real::Bounds>();
            return lower_clamp(l, node,
                               {std::max<double>(bounds.low, kUnclamped.low),
                                std::min<double>(bounds.high, kUnclamped.high)});
        }
        case real::Op::neg:
            return scale_by(l, node, node.inputs[0], {{}, {-1.0}});
        case real::Op::add:
            return lower_sum(l, node, 1);
        case real::Op::sub:
            return lower_sum(l, node, -1);
        case real::Op::mul:
            return lower_multiplication(l, node);
        case real::Op::div:
            return lower_division(l, node);
        case real::Op::pow:
            return lower_power(l, node);
        case real::Op::min:
            return lower_extremum(l, node, Extremum::minimum);
        case real::Op::max:
            return lower_extremum(l, node, Extremum::maximum);
        case real::Op::prelu:
            return lower_prelu(l, node);
        default:
            return unsupported("has no integer semantics");
    }
}

}  // namespace valence::ml
