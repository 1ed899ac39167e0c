// ArgExtremum and TopK: places of the greatest or least elements along an axis; ties go to the lower place.
#include "valence/ml/executor/steps/steps.hpp"

namespace valence::ml::executor {
namespace {

/// The input as [outer, extent, inner].
struct Lanes {
    std::size_t outer;
    std::size_t extent;
    std::size_t inner;
    std::size_t count() const { return outer * inner; }
    /// Offset of the first element of a lane whose axis has `length` elements.
    std::size_t start(std::size_t lane, std::size_t length) const {
        return lane / inner * length * inner + lane % inner;
    }
};

Lanes lanes_along(const Shape& shape, std::size_t axis) {
    return {shape.product(0, axis), shape[axis], shape.product(axis + 1, shape.rank())};
}

template <typename T>
bool beats(Extremum which, T a, T b) {
    return which == Extremum::maximum ? a > b : a < b;
}

template <typename T>
class FindExtremum final : public Step {
public:
    FindExtremum(Lanes lanes, Extremum which, BufferId from, BufferId to)
        : lanes_(lanes), which_(which), from_(from), to_(to) {}

    void run(const Frame& frame) const override {
        for (std::size_t item = 0; item < frame.items; ++item) {
            const T* from = frame.at<const T>(from_, item);
            std::int32_t* to = frame.at<std::int32_t>(to_, item);
            for (std::size_t lane = 0; lane < lanes_.count(); ++lane) {
                const T* x = from + lanes_.start(lane, lanes_.extent);
                std::size_t best = 0;
                for (std::size_t k = 1; k < lanes_.extent; ++k)
                    if (beats(which_, x[k * lanes_.inner], x[best * lanes_.inner])) best = k;
                to[lane] = static_cast<std::int32_t>(best);
            }
        }
    }

private:
    Lanes lanes_;
    Extremum which_;
    BufferId from_;
    BufferId to_;
};

template <typename T>
class FindTop final : public Step {
public:
    FindTop(Lanes lanes, std::size_t k, Extremum which, BufferId from, BufferId values, BufferId places,
            BufferId scratch)
        : lanes_(lanes),
          k_(k),
          which_(which),
          from_(from),
          values_(values),
          places_(places),
          scratch_(scratch) {}

    void run(const Frame& frame) const override {
        for (std::size_t item = 0; item < frame.items; ++item) {
            const T* from = frame.at<const T>(from_, item);
            T* values = frame.at<T>(values_, item);
            std::int32_t* places = frame.at<std::int32_t>(places_, item);
            std::int32_t* order = frame.at<std::int32_t>(scratch_, item);
            for (std::size_t lane = 0; lane < lanes_.count(); ++lane) {
                const T* x = from + lanes_.start(lane, lanes_.extent);
                for (std::size_t k = 0; k < lanes_.extent; ++k)
                    order[k] = static_cast<std::int32_t>(k);
                const auto element = [&](std::int32_t place) {
                    return x[static_cast<std::size_t>(place) * lanes_.inner];
                };
                std::partial_sort(order, order + k_, order + lanes_.extent,
                                  [&](std::int32_t a, std::int32_t b) {
                                      if (element(a) != element(b))
                                          return beats(which_, element(a), element(b));
                                      return a < b;
                                  });
                const std::size_t start = lanes_.start(lane, k_);
                for (std::size_t k = 0; k < k_; ++k) {
                    values[start + k * lanes_.inner] = element(order[k]);
                    places[start + k * lanes_.inner] = order[k];
                }
            }
        }
    }

private:
    Lanes lanes_;
    std::size_t k_;
    Extremum which_;
    BufferId from_;
    BufferId values_;
    BufferId places_;
    BufferId scratch_;
};

}  // namespace

Result<void> plan_step(Builder& builder, const Node& node, const ArgExtremum& operation) {
    const View from = builder.row_major(node.inputs[0]);
    const View to = builder.define(node.outputs[0]);
    const Lanes lanes = lanes_along(from.shape, operation.axis);
    std::unique_ptr<Step> step;
    if (from.type == ElementType::activation)
        step = std::make_unique<FindExtremum<std::int16_t>>(lanes, operation.which, from.buffer, to.buffer);
    else
        step = std::make_unique<FindExtremum<std::int32_t>>(lanes, operation.which, from.buffer, to.buffer);
    builder.emit(std::move(step), {from.buffer, to.buffer});
    builder.set_range(node.outputs[0], {0, from.shape[operation.axis] - std::int64_t{1}});
    return success();
}

Result<void> plan_step(Builder& builder, const Node& node, const TopK& operation) {
    const View from = builder.row_major(node.inputs[0]);
    const View values = builder.define(node.outputs[0]);
    const View places = builder.define(node.outputs[1]);
    const Lanes lanes = lanes_along(from.shape, operation.axis);
    const BufferId scratch = builder.scratch(lanes.extent * sizeof(std::int32_t));
    const std::size_t k = values.shape[operation.axis];
    std::unique_ptr<Step> step;
    if (from.type == ElementType::activation)
        step = std::make_unique<FindTop<std::int16_t>>(lanes, k, operation.which, from.buffer, values.buffer,
                                                       places.buffer, scratch);
    else
        step = std::make_unique<FindTop<std::int32_t>>(lanes, k, operation.which, from.buffer, values.buffer,
                                                       places.buffer, scratch);
    builder.emit(std::move(step), {from.buffer, values.buffer, places.buffer, scratch});
    builder.set_range(node.outputs[0], builder.range(node.inputs[0]));
    builder.set_range(node.outputs[1], {0, from.shape[operation.axis] - std::int64_t{1}});
    return success();
}

}  // namespace valence::ml::executor
