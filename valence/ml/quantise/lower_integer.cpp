// Arithmetic on computed integers (positions counted from a mask, places of tokens): as activations at
// exponent 0, so that up to ±32,767 it is exact, whatever calibration saw.
#include <algorithm>
#include <array>
#include <cmath>

#include "valence/ml/quantise/lowering.hpp"

namespace valence::ml {
namespace {

/// Integers beyond this in calibration are refused: twice as much still fits.
constexpr double kLargestInteger = 16383;

Result<Place> as_activation(Lowering& l, real::ValueId id) {
    const Range& range = l.ranges.values[static_cast<std::size_t>(id)];
    if (range.reach() > kLargestInteger)
        return unsupported("on integers that are not known in advance and reach beyond ±16,383");
    if (l.source.is_constant(id)) return l.builder.constant(l.constant(id), 0);
    return l.builder.emit(IndexToActivation{0}, {l.at(id).tensor}, l.shape(id), 0);
}

Result<Place> arithmetic(Lowering& l, const real::Node& node) {
    BOOST_OUTCOME_TRY(const Place x, as_activation(l, node.inputs[0]));
    const Shape shape = l.shape(node.outputs[0]);
    const auto combined = [&](double first, double second) -> Result<Place> {
        BOOST_OUTCOME_TRY(const Place z, as_activation(l, node.inputs[1]));
        const std::array places{x, z};
        const std::array coefficients{first, second};
        return l.builder.combine(places, coefficients, nullptr, shape, 0);
    };
    const auto extremum = [&](Extremum which) -> Result<Place> {
        BOOST_OUTCOME_TRY(const Place z, as_activation(l, node.inputs[1]));
        return l.builder.emit(ElementwiseExtremum{which}, {x.tensor, z.tensor}, shape, 0);
    };
    switch (node.op) {
        case real::Op::add:
            return combined(1, 1);
        case real::Op::sub:
            return combined(1, -1);
        case real::Op::mul: {
            BOOST_OUTCOME_TRY(const Place z, as_activation(l, node.inputs[1]));
            return l.builder.multiply(x, z, shape, 0);
        }
        case real::Op::min:
            return extremum(Extremum::minimum);
        case real::Op::max:
            return extremum(Extremum::maximum);
        case real::Op::neg: {
            const double minus = -1;
            return l.builder.combine({&x, 1}, {&minus, 1}, nullptr, shape, 0);
        }
        case real::Op::abs:
            return l.builder.lookup(x, Function::absolute, 0);
        case real::Op::sign:
            return l.builder.lookup(x, Function::sign, 0);
        case real::Op::cum_sum:
            return running_sum(l, node, x, 0);
        default: {
            std::vector<std::uint8_t> axes;
            Shape reduced = l.builder.shape(x);
            for (const std::int64_t axis : node.get<real::ReducedAxes>().axes) {
                axes.push_back(static_cast<std::uint8_t>(axis));
                reduced[axes.back()] = 1;
            }
            if (axes.empty()) return l.builder.reshape(x, shape);
            const bool sums = node.op == real::Op::reduce_sum;
            const Extremum which = node.op == real::Op::reduce_max ? Extremum::maximum : Extremum::minimum;
            const Place y = sums ? l.builder.sum(x, axes, 1, 0)
                                 : l.builder.emit(ReduceExtremum{which, axes}, {x.tensor}, reduced, 0);
            return l.builder.reshape(y, shape);
        }
    }
}

}  // namespace

bool is_integer_arithmetic(const Lowering& l, const real::Node& node) {
    switch (node.op) {
        case real::Op::add:
        case real::Op::sub:
        case real::Op::mul:
        case real::Op::min:
        case real::Op::max:
        case real::Op::neg:
        case real::Op::abs:
        case real::Op::sign:
        case real::Op::cum_sum:
        case real::Op::reduce_sum:
        case real::Op::reduce_max:
        case real::Op::reduce_min:
            return l.is_index(node.inputs[0]);
        default:
            return false;
    }
}

Result<void> lower_integer(Lowering& l, const real::Node& node) {
    if (l.ranges.values[static_cast<std::size_t>(node.outputs[0])].reach() > kLargestInteger)
        return unsupported("on integers that are not known in advance and reach beyond ±16,383");
    BOOST_OUTCOME_TRY(const Place y, arithmetic(l, node));
    if (y.exponent != 0) return unsupported("on too many integers that are not known in advance");
    l.put(node,
          l.builder.emit(ActivationToIndex{0}, {y.tensor}, l.shape(node.outputs[0]), 0, ElementType::index));
    return success();
}

}  // namespace valence::ml
