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
            for (std::size_t outer = 0; outer < lanes_.outer; ++outer)
                for (std::size_t first = 0; first < lanes_.inner; first += kBlock)
                    find(from + outer * lanes_.extent * lanes_.inner + first,
                         std::min(kBlock, lanes_.inner - first), to + outer * lanes_.inner + first);
        }
    }

private:
    /// Lanes next to each other, together: rows lie densely, lanes may not.
    static constexpr std::size_t kBlock = 64;

    void find(const T* x, std::size_t lanes, std::int32_t* places) const {
        T best[kBlock];
        std::copy_n(x, lanes, best);
        std::fill_n(places, lanes, 0);
        for (std::size_t k = 1; k < lanes_.extent; ++k) {
            x += lanes_.inner;
            for (std::size_t lane = 0; lane < lanes; ++lane)
                if (beats(which_, x[lane], best[lane])) {
                    best[lane] = x[lane];
                    places[lane] = static_cast<std::int32_t>(k);
                }
        }
    }

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
            std::uint64_t* keys = frame.at<std::uint64_t>(scratch_, item);
            for (std::size_t lane = 0; lane < lanes_.count(); ++lane) {
                const T* x = from + lanes_.start(lane, lanes_.extent);
                for (std::size_t k = 0; k < lanes_.extent; ++k)
                    keys[k] = std::uint64_t{rank(x[k * lanes_.inner])} << 32 | k;
                if (k_ < lanes_.extent) std::nth_element(keys, keys + k_, keys + lanes_.extent);
                std::sort(keys, keys + k_);
                const std::size_t start = lanes_.start(lane, k_);
                for (std::size_t k = 0; k < k_; ++k) {
                    const auto place = static_cast<std::uint32_t>(keys[k]);
                    values[start + k * lanes_.inner] = x[place * lanes_.inner];
                    places[start + k * lanes_.inner] = static_cast<std::int32_t>(place);
                }
            }
        }
    }

private:
    /// The order of elements as that of numbers; with the place below it, no two keys are alike.
    std::uint32_t rank(T value) const {
        const auto ascending = static_cast<std::uint32_t>(std::int64_t{value} - std::int64_t{INT32_MIN});
        return which_ == Extremum::maximum ? ~ascending : ascending;
    }

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
    const BufferId scratch = builder.scratch(lanes.extent * sizeof(std::uint64_t));
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
