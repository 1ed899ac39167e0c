// MaxPool and AveragePool, channels last: one row of channels per tap.
#include "valence/ml/executor/requantise.hpp"
#include "valence/ml/executor/steps/steps.hpp"

namespace valence::ml::executor {
namespace {

struct Geometry {
    std::size_t images, channels;
    std::size_t height, width;          // of the input
    std::size_t out_height, out_width;  // of the output
    Window window;
};

/// The taps of a window along one axis that lie in the input, [first, last).
struct Taps {
    std::uint32_t first;
    std::uint32_t last;
};

Taps taps_inside(const Window& window, std::size_t axis, std::size_t out, std::size_t extent) {
    const auto at = [&](std::uint32_t tap) {
        return static_cast<std::int64_t>(out) * window.stride[axis] +
               static_cast<std::int64_t>(tap) * window.dilation[axis] - window.before[axis];
    };
    Taps taps{0, window.size[axis]};
    while (taps.first < taps.last && at(taps.first) < 0)
        ++taps.first;
    while (taps.last > taps.first && at(taps.last - 1) >= static_cast<std::int64_t>(extent))
        --taps.last;
    return taps;
}

/// Calls visit(row of channels) for every tap of an output pixel that lies in the image.
template <typename Visit>
[[gnu::always_inline]] inline void for_each_tap(const Geometry& g, const std::int16_t* image, std::size_t row,
                                                Taps rows, std::size_t column, Taps columns,
                                                const Visit& visit) {
    for (std::uint32_t i = rows.first; i < rows.last; ++i) {
        const std::size_t r =
            row * g.window.stride[0] + std::size_t{i} * g.window.dilation[0] - g.window.before[0];
        for (std::uint32_t j = columns.first; j < columns.last; ++j) {
            const std::size_t q =
                column * g.window.stride[1] + std::size_t{j} * g.window.dilation[1] - g.window.before[1];
            visit(image + (r * g.width + q) * g.channels);
        }
    }
}

/// Pool::row(pool, geometry, image, output row number, output row) computes one row of output pixels.
template <typename Pool>
class PoolStep final : public Step {
public:
    PoolStep(Pool pool, const Geometry& geometry, BufferId from, BufferId to, InstructionSet instructions)
        : pool_(pool), g_(geometry), from_(from), to_(to), instructions_(instructions) {}

    void run(const Frame& frame) const override {
        const std::size_t rows = g_.images * g_.out_height;
        const std::uint64_t cost =
            g_.out_width * (g_.channels / 16 + 4) * g_.window.size[0] * g_.window.size[1];
        (*frame.workers)(rows* frame.items, cost, [&](std::size_t begin, std::size_t end) {
            for (; begin < end; ++begin) {
                const std::size_t item = begin / rows;
                const std::size_t image = begin % rows / g_.out_height;
                const std::size_t row = begin % g_.out_height;
                const std::int16_t* from =
                    frame.at<const std::int16_t>(from_, item) + image * g_.height * g_.width * g_.channels;
                std::int16_t* to =
                    frame.at<std::int16_t>(to_, item) + begin % rows * g_.out_width * g_.channels;
                compute(from, row, to);
            }
        });
    }

private:
    void compute(const std::int16_t* from, std::size_t row, std::int16_t* to) const {
#if defined(__x86_64__)
        if (instructions_ == InstructionSet::avx2) return compute_avx2(from, row, to);
#endif
        pool_.row(g_, from, row, to);
    }
#if defined(__x86_64__)
    [[gnu::target("avx2")]] void compute_avx2(const std::int16_t* from, std::size_t row,
                                              std::int16_t* to) const {
        pool_.row(g_, from, row, to);
    }
#endif

    Pool pool_;
    Geometry g_;
    BufferId from_;
    BufferId to_;
    InstructionSet instructions_;
};

struct Greatest {
    [[gnu::always_inline]] void row(const Geometry& g, const std::int16_t* image, std::size_t row,
                                    std::int16_t* to) const {
        const Taps rows = taps_inside(g.window, 0, row, g.height);
        for (std::size_t column = 0; column < g.out_width; ++column, to += g.channels) {
            const Taps columns = taps_inside(g.window, 1, column, g.width);
            std::fill_n(to, g.channels, std::int16_t{-32768});
            for_each_tap(g, image, row, rows, column, columns, [&](const std::int16_t* x) {
                for (std::size_t c = 0; c < g.channels; ++c)
                    to[c] = std::max(to[c], x[c]);
            });
        }
    }
};

struct Average {
    std::int64_t multiplier;
    const std::int64_t* table;  // [H′, W′] or null
    Requantiser out;

    [[gnu::always_inline]] void row(const Geometry& g, const std::int16_t* image, std::size_t row,
                                    std::int16_t* to) const {
        constexpr std::size_t kBlock = 64;
        const Taps rows = taps_inside(g.window, 0, row, g.height);
        for (std::size_t column = 0; column < g.out_width; ++column, to += g.channels) {
            const Taps columns = taps_inside(g.window, 1, column, g.width);
            const std::int64_t m = table == nullptr ? multiplier : table[row * g.out_width + column];
            for (std::size_t first = 0; first < g.channels; first += kBlock) {
                const std::size_t count = std::min(kBlock, g.channels - first);
                std::int64_t sums[kBlock] = {};
                for_each_tap(g, image, row, rows, column, columns, [&](const std::int16_t* x) {
                    for (std::size_t c = 0; c < count; ++c)
                        sums[c] += x[first + c];
                });
                for (std::size_t c = 0; c < count; ++c)
                    to[first + c] = out(m * sums[c]);
            }
        }
    }
};

template <typename Pool>
void plan_pool(Builder& builder, const Node& node, const Window& window, const Pool& pool) {
    const View from = builder.channels_last(node.inputs[0]);
    const View to = builder.define(node.outputs[0], Layout::channels_last);
    const Geometry geometry{from.shape[0], from.shape[1], from.shape[2], from.shape[3],
                            to.shape[2],   to.shape[3],   window};
    builder.emit(std::make_unique<PoolStep<Pool>>(pool, geometry, from.buffer, to.buffer,
                                                  builder.resources().instructions),
                 {from.buffer, to.buffer});
}

}  // namespace

Result<void> plan_step(Builder& builder, const Node& node, const MaxPool& operation) {
    plan_pool(builder, node, operation.window, Greatest{});
    // Padding wins where a window lies in it alone.
    const Window& w = operation.window;
    const bool padded = w.before[0] + w.before[1] + w.after[0] + w.after[1] > 0;
    const Interval x = builder.range(node.inputs[0]);
    builder.set_range(node.outputs[0], {padded ? -32768 : x.low, x.high});
    return success();
}

Result<void> plan_step(Builder& builder, const Node& node, const AveragePool& operation) {
    const std::int64_t* table = nullptr;
    if (operation.multiplier_table) {
        BOOST_OUTCOME_TRY(table, builder.resources().expand<std::int64_t>(*operation.multiplier_table));
    }
    plan_pool(builder, node, operation.window,
              Average{operation.multiplier, table, Requantiser(operation.out)});
    builder.set_range(node.outputs[0], {operation.out.low, operation.out.high});
    return success();
}

}  // namespace valence::ml::executor
