// Sums, means, extrema over axes, and the places of extrema.
#include <algorithm>
#include <cmath>

#include "valence/ml/quantise/lowering.hpp"

namespace valence::ml {
namespace {

std::vector<std::uint8_t> axes_of(const real::Shape& axes) {
    std::vector<std::uint8_t> result;
    for (const std::int64_t axis : axes)
        result.push_back(static_cast<std::uint8_t>(axis));
    return result;
}

/// ln Σ e^x = m + ln Σ e^(x − m)
Result<void> lower_log_sum_exp(Lowering& l, const real::Node& node) {
    const Place x = l.at(node.inputs[0]);
    const std::vector<std::uint8_t> axes = axes_of(node.get<real::ReducedAxes>().axes);
    Shape reduced = l.builder.shape(x);
    double count = 1;
    for (const std::uint8_t axis : axes) {
        count *= reduced[axis];
        reduced[axis] = 1;
    }
    const Place greatest =
        l.builder.emit(ReduceExtremum{Extremum::maximum, axes}, {x.tensor}, reduced, x.exponent);
    const Place both[] = {x, greatest};
    const double signs[] = {1.0, -1.0};
    const Place shifted = l.builder.combine(both, signs, nullptr, l.builder.shape(x), kExponentialArgument);
    const Place powers = l.builder.lookup(shifted, Function::exponential, 14);
    const Place total = l.builder.sum(powers, axes, 1, exponent_for(count, 1.0));
    const Place logarithm =
        l.builder.lookup(total, Function::logarithm, exponent_for(std::log(count) + 1, 1.0));
    const Place parts[] = {greatest, logarithm};
    const double ones[] = {1.0, 1.0};
    const Place result = l.builder.combine(parts, ones, nullptr, reduced, l.wanted(node.outputs[0]));
    l.put(node, l.builder.reshape(result, l.shape(node.outputs[0])));
    return success();
}

}  // namespace

/// A running sum is a product with a triangle of ones.
Result<Place> running_sum(Lowering& l, const real::Node& node, const Place& x, int exponent) {
    const auto& attributes = node.get<real::CumulativeAttributes>();
    const Shape shape = l.builder.shape(x);
    const auto axis = static_cast<std::size_t>(attributes.axis);
    const std::uint32_t extent = shape[axis];
    if (extent > 2048) return unsupported("over more than 2,048 elements");
    std::vector<std::uint8_t> permutation;
    for (std::size_t k = 0; k < shape.rank(); ++k)
        if (k != axis) permutation.push_back(static_cast<std::uint8_t>(k));
    permutation.push_back(static_cast<std::uint8_t>(axis));
    std::vector<std::uint8_t> inverse(permutation.size());
    for (std::size_t k = 0; k < permutation.size(); ++k)
        inverse[permutation[k]] = static_cast<std::uint8_t>(k);
    std::vector<double> rows(std::size_t{extent} * extent);
    for (std::uint32_t n = 0; n < extent; ++n)
        for (std::uint32_t k = 0; k < extent; ++k) {
            const bool before = attributes.reverse ? k > n : k < n;
            if (before || (k == n && !attributes.exclusive))
                rows[n * extent + k] = std::ldexp(1.0, -x.exponent);
        }
    BOOST_OUTCOME_TRY(const auto layer,
                      l.builder.layer(rows, {}, Shape{extent, extent}, Shape{extent}, 16, exponent));
    const Place moved = l.builder.transpose(x, permutation);
    const Linear linear{layer.weight, layer.bias, layer.channel,
                        l.builder.requantisation(layer.shift, layer.exponent, kUnclamped)};
    const Place sums = l.builder.emit(linear, {moved.tensor}, l.builder.shape(moved), layer.exponent);
    return l.builder.transpose(sums, inverse);
}

Result<void> lower_reduction(Lowering& l, const real::Node& node) {
    if (l.is_index(node.inputs[0])) return unsupported("on integers that are not known in advance");
    if (node.op == real::Op::reduce_log_sum_exp) return lower_log_sum_exp(l, node);
    if (node.op == real::Op::cum_sum) {
        BOOST_OUTCOME_TRY(const Place sums,
                          running_sum(l, node, l.at(node.inputs[0]), l.wanted(node.outputs[0])));
        l.put(node, sums);
        return success();
    }
    const Shape out = l.shape(node.outputs[0]);
    const Place x = l.at(node.inputs[0]);
    Shape reduced = l.builder.shape(x);
    if (node.op == real::Op::arg_max || node.op == real::Op::arg_min) {
        const auto& attributes = node.get<real::ArgAttributes>();
        if (attributes.last) return unsupported("with select_last_index: ties go to the first");
        const auto axis = static_cast<std::uint8_t>(attributes.axis);
        reduced[axis] = 1;
        const Extremum which = node.op == real::Op::arg_max ? Extremum::maximum : Extremum::minimum;
        l.put(node,
              l.builder.reshape(
                  l.builder.emit(ArgExtremum{which, axis}, {x.tensor}, reduced, 0, ElementType::index), out));
        return success();
    }
    const std::vector<std::uint8_t> axes = axes_of(node.get<real::ReducedAxes>().axes);
    if (axes.empty()) {
        l.put(node, l.builder.reshape(x, out));
        return success();
    }
    double count = 1;
    for (const std::uint8_t axis : axes) {
        count *= reduced[axis];
        reduced[axis] = 1;
    }
    const int wanted = l.wanted(node.outputs[0]);
    Place y;
    switch (node.op) {
        case real::Op::reduce_sum:
            y = l.builder.sum(x, axes, 1, wanted);
            break;
        case real::Op::reduce_mean:
            y = l.builder.sum(x, axes, 1 / count, wanted);
            break;
        case real::Op::reduce_max:
            y = l.builder.emit(ReduceExtremum{Extremum::maximum, axes}, {x.tensor}, reduced, x.exponent);
            break;
        default:
            y = l.builder.emit(ReduceExtremum{Extremum::minimum, axes}, {x.tensor}, reduced, x.exponent);
            break;
    }
    l.put(node, l.builder.reshape(y, out));
    return success();
}

}  // namespace valence::ml
