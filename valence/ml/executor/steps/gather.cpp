// Operations that copy slices named by indices: Selection, whose indices are constants, and Gather.
#include <cstring>

#include "valence/ml/executor/steps/steps.hpp"

namespace valence::ml::executor {
namespace {

/// A source [outer, extent, inner] read as [outer, count, inner].
struct Slices {
    std::size_t outer;
    std::size_t extent;
    std::size_t inner;
    std::size_t count;
};

Slices slices_along(const Shape& source, std::size_t axis, std::size_t count) {
    return {source.product(0, axis), source[axis], source.product(axis + 1, source.rank()), count};
}

/// Negative indices count from the end; those still outside move to the nearest end.
std::size_t place_of(std::int64_t index, std::size_t extent) {
    const auto size = static_cast<std::int64_t>(extent);
    if (index < 0) index += size;
    return static_cast<std::size_t>(std::clamp<std::int64_t>(index, 0, size - 1));
}

/// To[outer, k, inner] = From[outer, indices[k], inner], where From is narrower for tables of bytes.
template <typename To, typename From>
void copy_slices(const Slices& slices, const std::int32_t* indices, const From* from, To* to) {
    for (std::size_t outer = 0; outer < slices.outer; ++outer) {
        for (std::size_t k = 0; k < slices.count; ++k) {
            const From* slice = from + place_of(indices[k], slices.extent) * slices.inner;
            if constexpr (sizeof(To) == sizeof(From))
                std::memcpy(to, slice, slices.inner * sizeof(To));
            else
                std::copy_n(slice, slices.inner, to);
            to += slices.inner;
        }
        from += slices.extent * slices.inner;
    }
}

template <typename T>
class GatherTensor final : public Step {
public:
    GatherTensor(Slices slices, BufferId indices, BufferId from, BufferId to)
        : slices_(slices), indices_(indices), from_(from), to_(to) {}
    void run(const Frame& frame) const override {
        for (std::size_t item = 0; item < frame.items; ++item)
            copy_slices(slices_, frame.at<std::int32_t>(indices_, item), frame.at<T>(from_, item),
                        frame.at<T>(to_, item));
    }

private:
    Slices slices_;
    BufferId indices_;
    BufferId from_;
    BufferId to_;
};

template <typename T>
class SelectConstant final : public Step {
public:
    SelectConstant(Slices slices, const std::int32_t* indices, BufferId from, BufferId to)
        : slices_(slices), indices_(indices), from_(from), to_(to) {}
    void run(const Frame& frame) const override {
        for (std::size_t item = 0; item < frame.items; ++item)
            copy_slices(slices_, indices_, frame.at<T>(from_, item), frame.at<T>(to_, item));
    }

private:
    Slices slices_;
    const std::int32_t* indices_;
    BufferId from_;
    BufferId to_;
};

/// From a table among the weights, read where the graph has it.
template <typename Entry>
class GatherWeight final : public Step {
public:
    GatherWeight(Slices slices, BufferId indices, const Entry* table, BufferId to)
        : slices_(slices), indices_(indices), table_(table), to_(to) {}
    void run(const Frame& frame) const override {
        for (std::size_t item = 0; item < frame.items; ++item)
            copy_slices(slices_, frame.at<std::int32_t>(indices_, item), table_,
                        frame.at<std::int16_t>(to_, item));
    }

private:
    Slices slices_;
    BufferId indices_;
    const Entry* table_;
    BufferId to_;
};

}  // namespace

Result<void> plan_step(Builder& builder, const Node& node, const Selection& operation) {
    const View from = builder.row_major(node.inputs[0]);
    const View to = builder.define(node.outputs[0]);
    const auto count = builder.graph().weights[operation.indices].shape.elements();
    const Slices slices = slices_along(from.shape, operation.axis, count);
    BOOST_OUTCOME_TRY(const auto* indices, builder.resources().expand<std::int32_t>(operation.indices));
    std::unique_ptr<Step> step;
    if (from.type == ElementType::activation)
        step = std::make_unique<SelectConstant<std::int16_t>>(slices, indices, from.buffer, to.buffer);
    else
        step = std::make_unique<SelectConstant<std::int32_t>>(slices, indices, from.buffer, to.buffer);
    builder.emit(std::move(step), {from.buffer, to.buffer});
    builder.set_range(node.outputs[0], builder.range(node.inputs[0]));
    return success();
}

Result<void> plan_step(Builder& builder, const Node& node, const Gather& operation) {
    const View indices = builder.row_major(node.inputs.back());
    const std::size_t count = indices.shape.elements();
    if (operation.table) {
        const Weight& weight = builder.graph().weights[*operation.table];
        const Slices slices = slices_along(weight.shape, operation.axis, count);
        const View to = builder.define(node.outputs[0]);
        std::unique_ptr<Step> step;
        if (weight.type == WeightType::int8) {
            const auto* entries = reinterpret_cast<const std::int8_t*>(weight.data.data());
            step = std::make_unique<GatherWeight<std::int8_t>>(slices, indices.buffer, entries, to.buffer);
            builder.set_range(node.outputs[0], {-128, 127});
        } else {
            BOOST_OUTCOME_TRY(const auto* entries,
                              builder.resources().expand<std::int16_t>(*operation.table));
            step = std::make_unique<GatherWeight<std::int16_t>>(slices, indices.buffer, entries, to.buffer);
        }
        builder.emit(std::move(step), {indices.buffer, to.buffer});
        return success();
    }
    const View from = builder.row_major(node.inputs[0]);
    const View to = builder.define(node.outputs[0]);
    const Slices slices = slices_along(from.shape, operation.axis, count);
    std::unique_ptr<Step> step;
    if (from.type == ElementType::activation)
        step = std::make_unique<GatherTensor<std::int16_t>>(slices, indices.buffer, from.buffer, to.buffer);
    else
        step = std::make_unique<GatherTensor<std::int32_t>>(slices, indices.buffer, from.buffer, to.buffer);
    builder.emit(std::move(step), {indices.buffer, from.buffer, to.buffer});
    builder.set_range(node.outputs[0], builder.range(node.inputs[0]));
    return success();
}

}  // namespace valence::ml::executor
