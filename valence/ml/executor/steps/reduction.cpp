// Sum and ReduceExtremum: many elements to one, over any axes.
#include <limits>

#include "valence/ml/executor/requantise.hpp"
#include "valence/ml/executor/steps/steps.hpp"

namespace valence::ml::executor {
namespace {

/// One output element from the elements at `offsets` of the input; Fold has start(), step(total, x) and
/// finish(total).
template <typename T, typename Fold>
class Reduction final : public Step {
public:
    Reduction(Fold fold, LoopNest<2> kept, const LoopNest<1>& reduced, BufferId to, BufferId from)
        : fold_(fold),
          kept_(std::move(kept)),
          to_(to),
          from_(from),
          length_(reduced.inner_extent()),
          stride_(reduced.inner()[0]),
          reduced_elements_(reduced.elements()) {
        reduced.run(0, reduced.elements(),
                    [&](const auto& offsets, std::size_t) { starts_.push_back(offsets[0]); });
    }

    void run(const Frame& frame) const override {
        const std::size_t blocks = (kept_.elements() + kBlock - 1) / kBlock;
        (*frame.workers)(blocks* frame.items, kBlock* reduced_elements_ / 2,
                         [&](std::size_t begin, std::size_t end) {
                             for (; begin < end; ++begin)
                                 block(frame, begin / blocks, begin % blocks);
                         });
    }

private:
    static constexpr std::size_t kBlock = 64;
    using Total = decltype(std::declval<Fold>().start());

    void block(const Frame& frame, std::size_t item, std::size_t number) const {
        T* to = frame.at<T>(to_, item);
        const T* from = frame.at<const T>(from_, item);
        const auto [to_stride, from_stride] = kept_.inner();
        const std::size_t first = number * kBlock;
        kept_.run(first, std::min(first + kBlock, kept_.elements()),
                  [&](const auto& offsets, std::size_t count) {
                      Total totals[kBlock];
                      fold(from + offsets[1], from_stride, count, totals);
                      for (std::size_t k = 0; k < count; ++k)
                          to[offsets[0] + static_cast<std::ptrdiff_t>(k) * to_stride] =
                              static_cast<T>(fold_.finish(totals[k]));
                  });
    }

    /// Along whichever axis lies densely: across the outputs, or along each one's own elements.
    void fold(const T* from, std::ptrdiff_t from_stride, std::size_t count, Total* totals) const {
        for (std::size_t k = 0; k < count; ++k)
            totals[k] = fold_.start();
        if (from_stride == 1) {
            for (const std::ptrdiff_t start : starts_)
                for (std::size_t j = 0; j < length_; ++j) {
                    const T* row = from + start + static_cast<std::ptrdiff_t>(j) * stride_;
                    for (std::size_t k = 0; k < count; ++k)
                        totals[k] = fold_.step(totals[k], row[k]);
                }
            return;
        }
        for (std::size_t k = 0; k < count; ++k) {
            const T* own = from + static_cast<std::ptrdiff_t>(k) * from_stride;
            Total total = fold_.start();
            for (const std::ptrdiff_t start : starts_)
                for (std::size_t j = 0; j < length_; ++j)
                    total = fold_.step(total, own[start + static_cast<std::ptrdiff_t>(j) * stride_]);
            totals[k] = total;
        }
    }

    Fold fold_;
    LoopNest<2> kept_;  // output, input
    BufferId to_;
    BufferId from_;
    std::vector<std::ptrdiff_t> starts_;  // of the innermost loops over reduced elements
    std::size_t length_;                  // of such a loop
    std::ptrdiff_t stride_;
    std::size_t reduced_elements_;
};

struct SumFold {
    std::int64_t multiplier;
    Requantiser out;
    std::int64_t start() const { return 0; }
    std::int64_t step(std::int64_t total, std::int16_t x) const { return total + x; }
    std::int16_t finish(std::int64_t total) const { return out(multiplier * total); }
};

template <typename T>
struct LeastFold {
    T start() const { return std::numeric_limits<T>::max(); }
    T step(T total, T x) const { return std::min(total, x); }
    T finish(T total) const { return total; }
};

template <typename T>
struct GreatestFold {
    T start() const { return std::numeric_limits<T>::min(); }
    T step(T total, T x) const { return std::max(total, x); }
    T finish(T total) const { return total; }
};

template <typename T, typename Fold>
void plan_reduction(Builder& builder, const Node& node, const std::vector<std::uint8_t>& axes,
                    const Fold& fold) {
    const View from = builder.view(node.inputs[0]);
    const View to = builder.define(node.outputs[0]);
    Shape reduced = from.shape;
    for (std::size_t axis = 0; axis < reduced.rank(); ++axis)
        if (std::find(axes.begin(), axes.end(), axis) == axes.end()) reduced[axis] = 1;
    builder.emit(
        std::make_unique<Reduction<T, Fold>>(fold, LoopNest<2>(to.shape, {to.strides, from.strides}),
                                             LoopNest<1>(reduced, {from.strides}), to.buffer, from.buffer),
        {to.buffer, from.buffer});
}

}  // namespace

Result<void> plan_step(Builder& builder, const Node& node, const Sum& operation) {
    plan_reduction<std::int16_t>(builder, node, operation.axes,
                                 SumFold{operation.multiplier, Requantiser(operation.out)});
    builder.set_range(node.outputs[0], {operation.out.low, operation.out.high});
    return success();
}

Result<void> plan_step(Builder& builder, const Node& node, const ReduceExtremum& operation) {
    const bool greatest = operation.which == Extremum::maximum;
    if (builder.tensor(node.outputs[0]).type == ElementType::index) {
        if (greatest)
            plan_reduction<std::int32_t>(builder, node, operation.axes, GreatestFold<std::int32_t>{});
        else
            plan_reduction<std::int32_t>(builder, node, operation.axes, LeastFold<std::int32_t>{});
    } else {
        if (greatest)
            plan_reduction<std::int16_t>(builder, node, operation.axes, GreatestFold<std::int16_t>{});
        else
            plan_reduction<std::int16_t>(builder, node, operation.axes, LeastFold<std::int16_t>{});
    }
    builder.set_range(node.outputs[0], builder.range(node.inputs[0]));
    return success();
}

}  // namespace valence::ml::executor
