// Three spatial axes by way of two. A convolution sees the rows of its depth as channels; a pooling takes the
// last two axes first and the depth after them.
#include "valence/ml/quantise/decompositions.hpp"

namespace valence::ml {
namespace {

using real::Op;
using real::ValueId;

std::int64_t entry(const real::Shape& values, std::size_t place, std::int64_t otherwise) {
    return values.empty() ? otherwise : values[place];
}

/// The window on the last two of three axes.
real::Window plane_of(const real::Window& window) {
    real::Window plane = window;
    for (real::Shape* shape :
         {&plane.kernel, &plane.strides, &plane.dilations, &plane.before, &plane.after, &plane.output})
        if (!shape->empty()) shape->erase(shape->begin());
    return plane;
}

/// [N, C, D, H, W] → [N·D′, C·taps, H, W], the taps of output row d beside each other; a 2-D convolution;
/// back.
Results convolution(const Decomposed& work) {
    const auto& window = work.node.get<real::Window>();
    const real::Shape in = work.to.shape(work.inputs[0]);
    const real::Shape weight = work.to.shape(work.inputs[1]);
    const std::int64_t taps = window.kernel[0];
    const std::int64_t depth = window.output[0];
    const std::int64_t stride = entry(window.strides, 0, 1);
    const std::int64_t dilation = entry(window.dilations, 0, 1);
    real::PadAttributes padding;
    padding.before = {0, 0, entry(window.before, 0, 0), 0, 0};
    // As far as the last tap reaches, which the window's own padding may fall short of or exceed.
    const std::int64_t reached = (depth - 1) * stride + (taps - 1) * dilation + 1;
    padding.after = {0, 0, std::max<std::int64_t>(0, reached - in[2] - padding.before[2]), 0, 0};
    ValueId x = work.inputs[0];
    if (padding.before[2] != 0 || padding.after[2] != 0) {
        BOOST_OUTCOME_TRY(x, work.to.add_one(Op::pad, padding, {x}));
    }
    std::vector<std::int64_t> rows;
    for (std::int64_t d = 0; d < depth; ++d)
        for (std::int64_t tap = 0; tap < taps; ++tap)
            rows.push_back(d * stride + tap * dilation);
    BOOST_OUTCOME_TRY(const ValueId indices,
                      work.to.add_constant(real::Tensor(real::Shape{depth * taps}, std::move(rows))));
    BOOST_OUTCOME_TRY(x, work.to.add_one(Op::gather, real::Axis{2}, {x, indices}));
    BOOST_OUTCOME_TRY(x, work.to.reshape(x, {in[0], in[1], depth, taps, in[3], in[4]}));
    BOOST_OUTCOME_TRY(x, work.to.transpose(x, {0, 2, 1, 3, 4, 5}));
    BOOST_OUTCOME_TRY(x, work.to.reshape(x, {in[0] * depth, in[1] * taps, in[3], in[4]}));
    std::vector<ValueId> inputs = work.inputs;
    inputs[0] = x;
    BOOST_OUTCOME_TRY(inputs[1],
                      work.to.reshape(inputs[1], {weight[0], weight[1] * taps, weight[3], weight[4]}));
    const real::Window plane = plane_of(window);
    BOOST_OUTCOME_TRY(ValueId y, work.to.add_one(Op::conv, plane, std::move(inputs)));
    BOOST_OUTCOME_TRY(y, work.to.reshape(y, {in[0], depth, weight[0], plane.output[0], plane.output[1]}));
    BOOST_OUTCOME_TRY(y, work.to.transpose(y, {0, 2, 1, 3, 4}));
    return std::vector{y};
}

/// Whether every window of an average has as many elements as the next, so that means of means are means.
bool separable(const Decomposed& work) {
    if (work.node.op == Op::max_pool) return true;
    const auto& window = work.node.get<real::Window>();
    const real::Shape& in = work.to.shape(work.inputs[0]);
    for (std::size_t axis = 0; axis < 3; ++axis) {
        const std::int64_t reached = (window.output[axis] - 1) * entry(window.strides, axis, 1) +
                                     (window.kernel[axis] - 1) * entry(window.dilations, axis, 1) + 1;
        const std::int64_t before = entry(window.before, axis, 0);
        const std::int64_t after = entry(window.after, axis, 0);
        if (reached > in[axis + 2] + before + after) return false;
        if (!window.count_padding && (before != 0 || reached > in[axis + 2] + before)) return false;
    }
    return true;
}

Results pooling(const Decomposed& work) {
    if (!separable(work)) return std::vector<ValueId>{};
    const auto& window = work.node.get<real::Window>();
    const real::Shape in = work.to.shape(work.inputs[0]);
    const real::Window plane = plane_of(window);
    ValueId x = work.inputs[0];
    BOOST_OUTCOME_TRY(x, work.to.reshape(x, {in[0], in[1] * in[2], in[3], in[4]}));
    BOOST_OUTCOME_TRY(x, work.to.add_one(work.node.op, plane, {x}));
    const std::int64_t pixels = plane.output[0] * plane.output[1];
    BOOST_OUTCOME_TRY(x, work.to.reshape(x, {in[0], in[1], in[2], pixels}));
    real::Window column;
    column.kernel = {window.kernel[0], 1};
    column.strides = {entry(window.strides, 0, 1), 1};
    column.dilations = {entry(window.dilations, 0, 1), 1};
    column.before = {entry(window.before, 0, 0), 0};
    column.after = {entry(window.after, 0, 0), 0};
    column.output = {window.output[0], pixels};
    column.count_padding = window.count_padding;
    BOOST_OUTCOME_TRY(x, work.to.add_one(work.node.op, column, {x}));
    BOOST_OUTCOME_TRY(x,
                      work.to.reshape(x, {in[0], in[1], window.output[0], plane.output[0], plane.output[1]}));
    return std::vector{x};
}

}  // namespace

Results decompose_spatial(const Decomposed& work) {
    if (work.node.get<real::Window>().kernel.size() != 3) return std::vector<ValueId>{};
    return work.node.op == Op::conv ? convolution(work) : pooling(work);
}

}  // namespace valence::ml
