// Operations that move elements through one strided copy: Transpose, Slice, Concatenation, Padding,
// Broadcast, and Reshape and Constant, which move nothing.
#include <cstring>

#include "valence/ml/executor/steps/steps.hpp"

namespace valence::ml::executor {
namespace {

template <typename T>
class Copy final : public Step {
public:
    Copy(LoopNest<2> nest, BufferId to, std::ptrdiff_t to_origin, BufferId from, std::ptrdiff_t from_origin)
        : nest_(std::move(nest)), to_(to), from_(from), to_origin_(to_origin), from_origin_(from_origin) {}

    void run(const Frame& frame) const override {
        const std::size_t blocks = (nest_.elements() + kBlock - 1) / kBlock;
        (*frame.workers)(blocks* frame.items, kBlock / 2, [&](std::size_t begin, std::size_t end) {
            for (; begin < end; ++begin)
                block(frame, begin / blocks, begin % blocks);
        });
    }

private:
    static constexpr std::size_t kBlock = 4096;

    void block(const Frame& frame, std::size_t item, std::size_t number) const {
        T* to = frame.at<T>(to_, item) + to_origin_;
        const T* from = frame.at<T>(from_, item) + from_origin_;
        const auto [to_stride, from_stride] = nest_.inner();
        const std::size_t first = number * kBlock;
        nest_.run(first, std::min(first + kBlock, nest_.elements()),
                  [&](const auto& offsets, std::size_t count) {
                      T* out = to + offsets[0];
                      const T* in = from + offsets[1];
                      if (to_stride == 1 && from_stride == 1) {
                          std::memcpy(out, in, count * sizeof(T));
                          return;
                      }
                      for (std::size_t k = 0; k < count; ++k)
                          out[static_cast<std::ptrdiff_t>(k) * to_stride] =
                              in[static_cast<std::ptrdiff_t>(k) * from_stride];
                  });
    }

    LoopNest<2> nest_;
    BufferId to_;
    BufferId from_;
    std::ptrdiff_t to_origin_;
    std::ptrdiff_t from_origin_;
};

template <typename T>
class Fill final : public Step {
public:
    Fill(BufferId to, std::size_t elements, T value) : to_(to), elements_(elements), value_(value) {}
    void run(const Frame& frame) const override {
        for (std::size_t item = 0; item < frame.items; ++item)
            std::fill_n(frame.at<T>(to_, item), elements_, value_);
    }

private:
    BufferId to_;
    std::size_t elements_;
    T value_;
};

Interval join(Interval a, Interval b) { return {std::min(a.low, b.low), std::max(a.high, b.high)}; }

}  // namespace

void emit_copy(Builder& builder, const View& from, const View& to, const Shape& shape,
               std::ptrdiff_t from_origin, std::ptrdiff_t to_origin) {
    LoopNest<2> nest(shape, {to.strides, from.strides});
    std::unique_ptr<Step> step;
    if (from.type == ElementType::activation)
        step = std::make_unique<Copy<std::int16_t>>(std::move(nest), to.buffer, to_origin, from.buffer,
                                                    from_origin);
    else
        step = std::make_unique<Copy<std::int32_t>>(std::move(nest), to.buffer, to_origin, from.buffer,
                                                    from_origin);
    builder.emit(std::move(step), {to.buffer, from.buffer});
}

Result<void> plan_step(Builder& builder, const Node& node, const Reshape&) {
    builder.alias(node.outputs[0], node.inputs[0]);
    builder.set_range(node.outputs[0], builder.range(node.inputs[0]));
    return success();
}

Result<void> plan_step(Builder& builder, const Node& node, const Transpose& operation) {
    View from = builder.view(node.inputs[0]);
    const Strides strides = from.strides;
    for (std::size_t axis = 0; axis < operation.permutation.size(); ++axis)
        from.strides[axis] = strides[operation.permutation[axis]];
    const View to = builder.define(node.outputs[0]);
    emit_copy(builder, from, to, to.shape);
    builder.set_range(node.outputs[0], builder.range(node.inputs[0]));
    return success();
}

Result<void> plan_step(Builder& builder, const Node& node, const Slice& operation) {
    View from = builder.view(node.inputs[0]);
    std::ptrdiff_t origin = 0;
    for (std::size_t axis = 0; axis < from.shape.rank(); ++axis) {
        origin += static_cast<std::ptrdiff_t>(operation.start[axis]) * from.strides[axis];
        from.strides[axis] *= operation.step[axis];
    }
    const View to = builder.define(node.outputs[0]);
    emit_copy(builder, from, to, to.shape, origin);
    builder.set_range(node.outputs[0], builder.range(node.inputs[0]));
    return success();
}

Result<void> plan_step(Builder& builder, const Node& node, const Concatenation& operation) {
    const Layout layout = [&] {
        for (const TensorId input : node.inputs)
            if (!is_row_major(builder.view(input))) return Layout::channels_last;
        return Layout::row_major;
    }();
    const View to = builder.define(node.outputs[0], layout);
    std::ptrdiff_t origin = 0;
    Interval range = builder.range(node.inputs[0]);
    for (const TensorId input : node.inputs) {
        const View from = builder.view(input);
        emit_copy(builder, from, to, from.shape, 0, origin);
        origin += static_cast<std::ptrdiff_t>(from.shape[operation.axis]) * to.strides[operation.axis];
        range = join(range, builder.range(input));
    }
    builder.set_range(node.outputs[0], range);
    return success();
}

Result<void> plan_step(Builder& builder, const Node& node, const Padding& operation) {
    const View from = builder.view(node.inputs[0]);
    const View to = builder.define(node.outputs[0], builder.natural_layout(from.shape, node.inputs));
    std::ptrdiff_t origin = 0;
    for (std::size_t axis = 0; axis < from.shape.rank(); ++axis)
        origin += static_cast<std::ptrdiff_t>(operation.before[axis]) * to.strides[axis];
    const std::size_t elements = to.shape.elements();
    std::unique_ptr<Step> fill;
    if (to.type == ElementType::activation)
        fill = std::make_unique<Fill<std::int16_t>>(to.buffer, elements,
                                                    static_cast<std::int16_t>(operation.value));
    else
        fill = std::make_unique<Fill<std::int32_t>>(to.buffer, elements, operation.value);
    builder.emit(std::move(fill), {to.buffer});
    emit_copy(builder, from, to, from.shape, 0, origin);
    builder.set_range(node.outputs[0],
                      join(builder.range(node.inputs[0]), {operation.value, operation.value}));
    return success();
}

Result<void> plan_step(Builder& builder, const Node& node, const Broadcast&) {
    View from = builder.view(node.inputs[0]);
    const View to = builder.define(node.outputs[0]);
    from.strides = broadcast_strides(from.shape, from.strides, to.shape);
    emit_copy(builder, from, to, to.shape);
    builder.set_range(node.outputs[0], builder.range(node.inputs[0]));
    return success();
}

Result<void> plan_step(Builder& builder, const Node& node, const Constant& operation) {
    const Weight& weight = builder.graph().weights[operation.value];
    const std::byte* data = nullptr;
    if (weight.type == WeightType::int32) {
        BOOST_OUTCOME_TRY(const auto* elements, builder.resources().expand<std::int32_t>(operation.value));
        data = reinterpret_cast<const std::byte*>(elements);
    } else {
        BOOST_OUTCOME_TRY(const auto* elements, builder.resources().expand<std::int16_t>(operation.value));
        data = reinterpret_cast<const std::byte*>(elements);
    }
    Interval range{0, 0};
    for (std::size_t k = 0; k < weight.shape.elements(); ++k)
        range = k == 0 ? Interval{weight[k], weight[k]} : join(range, {weight[k], weight[k]});
    builder.define_constant(node.outputs[0], data);
    builder.set_range(node.outputs[0], range);
    return success();
}

}  // namespace valence::ml::executor
