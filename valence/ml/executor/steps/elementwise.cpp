// Operations on the elements at one place: products, comparisons, lookups, conversions.
#include "valence/ml/executor/steps/elementwise.hpp"

#include <limits>

#include "valence/ml/executor/requantise.hpp"

namespace valence::ml::executor {
namespace {

/// The output view of an elementwise operation, over the first input that allows it.
View define_elementwise(Builder& builder, const Node& node) {
    const TensorId id = node.outputs[0];
    const Layout layout = builder.natural_layout(builder.tensor(id).shape, node.inputs);
    return builder.define_over(id, layout, node.inputs[0], builder.view(node.inputs[0]));
}

Source input(Builder& builder, const Node& node, std::size_t number, const View& to) {
    return source(builder.view(node.inputs[number]), to.shape);
}

Interval clamped(const Requantisation& out) { return {out.low, out.high}; }

bool is_index(Builder& builder, TensorId id) { return builder.tensor(id).type == ElementType::index; }

std::int16_t saturate(std::int64_t value) {
    return static_cast<std::int16_t>(std::clamp<std::int64_t>(value, -32768, 32767));
}

template <typename T>
void plan_extremum(Builder& builder, const Node& node, Extremum which, const View& to) {
    const std::array from{input(builder, node, 0, to), input(builder, node, 1, to)};
    if (which == Extremum::maximum)
        emit_elementwise<T, T, T>(builder, [](T x, T z) { return std::max(x, z); }, to, from);
    else
        emit_elementwise<T, T, T>(builder, [](T x, T z) { return std::min(x, z); }, to, from);
}

template <typename T>
void plan_comparison(Builder& builder, const Node& node, Relation relation, const View& to) {
    const std::array from{input(builder, node, 0, to), input(builder, node, 1, to)};
    const auto emit = [&](auto holds) {
        emit_elementwise<std::int16_t, T, T>(
            builder, [holds](T x, T z) { return static_cast<std::int16_t>(holds(x, z) ? 1 : 0); }, to, from);
    };
    switch (relation) {
        case Relation::equal:
            return emit(std::equal_to<T>{});
        case Relation::less:
            return emit(std::less<T>{});
        case Relation::less_or_equal:
            return emit(std::less_equal<T>{});
    }
}

}  // namespace

Result<void> plan_step(Builder& builder, const Node& node, const Product& operation) {
    const View to = define_elementwise(builder, node);
    emit_elementwise<std::int16_t, std::int16_t, std::int16_t>(
        builder,
        [out = Requantiser(operation.out)](std::int16_t x, std::int16_t z) {
            return out(std::int64_t{x * z});
        },
        to, {input(builder, node, 0, to), input(builder, node, 1, to)});
    builder.set_range(node.outputs[0], clamped(operation.out));
    return success();
}

Result<void> plan_step(Builder& builder, const Node& node, const ElementwiseExtremum& operation) {
    const View to = define_elementwise(builder, node);
    if (is_index(builder, node.outputs[0]))
        plan_extremum<std::int32_t>(builder, node, operation.which, to);
    else
        plan_extremum<std::int16_t>(builder, node, operation.which, to);
    const Interval x = builder.range(node.inputs[0]);
    const Interval z = builder.range(node.inputs[1]);
    builder.set_range(node.outputs[0], {std::min(x.low, z.low), std::max(x.high, z.high)});
    return success();
}

Result<void> plan_step(Builder& builder, const Node& node, const Lookup& operation) {
    const View to = define_elementwise(builder, node);
    const TableValues& values = builder.resources().table(operation.table);
    emit_elementwise<std::int16_t, std::int16_t>(
        builder, [table = values.data()](std::int16_t x) { return table[static_cast<std::uint16_t>(x)]; }, to,
        {input(builder, node, 0, to)});
    builder.set_range(node.outputs[0], values.over(builder.range(node.inputs[0])));
    return success();
}

Result<void> plan_step(Builder& builder, const Node& node, const Division& operation) {
    const View to = define_elementwise(builder, node);
    emit_elementwise<std::int16_t, std::int16_t, std::int16_t>(
        builder,
        [shift = operation.shift](std::int16_t x, std::int16_t z) {
            if (z == 0) return static_cast<std::int16_t>(x > 0 ? 32767 : x < 0 ? -32768 : 0);
            const std::int64_t divisor = std::int64_t{2} * std::abs(int{z});
            const std::int64_t dividend =
                ((z < 0 ? -std::int64_t{x} : std::int64_t{x}) << (shift + 1)) + divisor / 2;
            const std::int64_t quotient = dividend / divisor;
            return saturate(quotient - (dividend % divisor < 0 ? 1 : 0));
        },
        to, {input(builder, node, 0, to), input(builder, node, 1, to)});
    return success();
}

Result<void> plan_step(Builder& builder, const Node& node, const Comparison& operation) {
    const TensorId id = node.outputs[0];
    const View to = builder.define(id, builder.natural_layout(builder.tensor(id).shape, node.inputs));
    if (is_index(builder, node.inputs[0]))
        plan_comparison<std::int32_t>(builder, node, operation.relation, to);
    else
        plan_comparison<std::int16_t>(builder, node, operation.relation, to);
    builder.set_range(id, {0, 1});
    return success();
}

Result<void> plan_step(Builder& builder, const Node& node, const Choice&) {
    const TensorId id = node.outputs[0];
    const View to = builder.define(id, builder.natural_layout(builder.tensor(id).shape, node.inputs));
    const std::array from{input(builder, node, 0, to), input(builder, node, 1, to),
                          input(builder, node, 2, to)};
    const auto emit = [&]<typename Condition, typename T>(Condition, T) {
        emit_elementwise<T, Condition, T, T>(
            builder, [](Condition c, T x, T z) { return c != 0 ? x : z; }, to, from);
    };
    const bool index_condition = is_index(builder, node.inputs[0]);
    if (is_index(builder, id))
        index_condition ? emit(std::int32_t{}, std::int32_t{}) : emit(std::int16_t{}, std::int32_t{});
    else
        index_condition ? emit(std::int32_t{}, std::int16_t{}) : emit(std::int16_t{}, std::int16_t{});
    const Interval x = builder.range(node.inputs[1]);
    const Interval z = builder.range(node.inputs[2]);
    builder.set_range(id, {std::min(x.low, z.low), std::max(x.high, z.high)});
    return success();
}

Result<void> plan_step(Builder& builder, const Node& node, const IndexToActivation& operation) {
    const TensorId id = node.outputs[0];
    const View to = builder.define(id, builder.natural_layout(builder.tensor(id).shape, node.inputs));
    emit_elementwise<std::int16_t, std::int32_t>(
        builder, [shift = operation.shift](std::int32_t i) { return saturate(std::int64_t{i} << shift); }, to,
        {input(builder, node, 0, to)});
    return success();
}

Result<void> plan_step(Builder& builder, const Node& node, const ActivationToIndex& operation) {
    const TensorId id = node.outputs[0];
    const View to = builder.define(id, builder.natural_layout(builder.tensor(id).shape, node.inputs));
    emit_elementwise<std::int32_t, std::int16_t>(builder,
                                                 [shift = operation.shift](std::int16_t x) {
                                                     const std::int32_t magnitude =
                                                         std::abs(std::int32_t{x}) >> shift;
                                                     return x < 0 ? -magnitude : magnitude;
                                                 },
                                                 to, {input(builder, node, 0, to)});
    builder.set_range(id, {-32768, 32767});
    return success();
}

Result<void> plan_step(Builder& builder, const Node& node, const IndexMap& operation) {
    const TensorId id = node.outputs[0];
    const View to = builder.define(id, builder.natural_layout(builder.tensor(id).shape, node.inputs));
    const std::size_t count = builder.graph().weights[operation.keys].shape.elements();
    BOOST_OUTCOME_TRY(const auto* keys, builder.resources().expand<std::int32_t>(operation.keys));
    BOOST_OUTCOME_TRY(const auto* values, builder.resources().expand<std::int32_t>(operation.values));
    emit_elementwise<std::int32_t, std::int32_t>(
        builder,
        [keys, values, count, otherwise = operation.otherwise](std::int32_t i) {
            const std::int32_t* found = std::lower_bound(keys, keys + count, i);
            return found != keys + count && *found == i ? values[found - keys] : otherwise;
        },
        to, {input(builder, node, 0, to)});
    return success();
}

}  // namespace valence::ml::executor
