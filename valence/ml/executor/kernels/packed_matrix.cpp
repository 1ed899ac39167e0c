#include "valence/ml/executor/kernels/packed_matrix.hpp"

#include <limits>

#include "valence/ml/executor/kernels/bounds.hpp"

namespace valence::ml::executor {
namespace {

/// Which lanes of a panel are of some channel.
struct UsedLanes {
    std::size_t channels;
    bool split;
    /// Calls f(lane) for each.
    template <typename F>
    void each(const F& f) const {
        for (std::size_t lane = 0; lane < channels; ++lane) {
            f(lane);
            if (split) f(lane + 8);
        }
    }
};

/// The stretches of one panel, and what its lanes' sums since the last widening can be.
struct Schedule {
    std::vector<Stretch> stretches;
    std::array<Bounds, kLanes> bounds;
    std::size_t widenings = 0;
    bool possible = true;  // not if a single pair of products can overflow
};

/// Weights of a panel's lanes, those of no channel 0.
struct Lanes {
    std::array<std::vector<std::int16_t>, kLanes> weights;
    std::array<bool, kLanes> written{};

    const std::vector<std::int16_t>& operator[](std::size_t lane) const { return weights[lane]; }
};

Schedule schedule(const Lanes& lanes, const UsedLanes& used, std::span<const Segment> segments,
                  const Interval& x) {
    Schedule result;
    // The sums with the next pair, and of that pair by itself.
    std::array<Bounds, kLanes> next{};
    std::array<Bounds, kLanes> alone{};
    std::size_t k = 0;
    for (const Segment& segment : segments) {
        Stretch stretch{segment.offset, 0, false};
        for (std::uint32_t at = 0; at < segment.length; at += 2) {
            bool fits = true;
            used.each([&](std::size_t lane) {
                alone[lane] = {};
                for (std::uint32_t half = 0; half < 2 && at + half < segment.length; ++half)
                    alone[lane].add(lanes[lane][k + half], x);
                next[lane] = {result.bounds[lane].low + alone[lane].low,
                              result.bounds[lane].high + alone[lane].high};
                fits = fits && next[lane].fits();
                result.possible = result.possible && alone[lane].fits();
            });
            if (!fits) {
                ++result.widenings;
                if (stretch.pairs > 0) {
                    stretch.widen = true;
                    result.stretches.push_back(stretch);
                    stretch = {segment.offset + at, 0, false};
                } else if (!result.stretches.empty()) {
                    result.stretches.back().widen = true;
                }
            }
            used.each([&](std::size_t lane) { result.bounds[lane] = fits ? next[lane] : alone[lane]; });
            ++stretch.pairs;
            k += std::min<std::uint32_t>(2, segment.length - at);
        }
        result.stretches.push_back(stretch);
    }
    return result;
}

/// Vector operations that a tile spends on one panel, for comparing schedules.
std::uint64_t cost(std::size_t pairs, const Schedule& schedule) {
    return 4 * pairs + 14 * schedule.widenings;
}

template <typename Weight>
void interleave(const Lanes& lanes, std::size_t count, std::span<const Segment> segments, std::byte* to) {
    auto* out = reinterpret_cast<Weight*>(to);
    std::size_t k = 0;
    for (const Segment& segment : segments)
        for (std::uint32_t at = 0; at < segment.length; at += 2) {
            const bool both = at + 1 < segment.length;
            for (std::size_t lane = 0; lane < count; ++lane) {
                *out++ = static_cast<Weight>(lanes[lane][k]);
                *out++ = both ? static_cast<Weight>(lanes[lane][k + 1]) : Weight{0};
            }
            k += both ? 2 : 1;
        }
}

/// The lanes of the panel that begins at channel `first`.
void fill_lanes(const MatrixSpec& spec, std::size_t first, const UsedLanes& used, Lanes& lanes) {
    std::array<bool, kLanes> unused = lanes.written;
    used.each([&](std::size_t lane) { unused[lane] = false; });
    for (std::size_t lane = 0; lane < kLanes; ++lane)
        if (unused[lane]) std::fill(lanes.weights[lane].begin(), lanes.weights[lane].end(), std::int16_t{0});
    lanes.written = {};
    used.each([&](std::size_t lane) { lanes.written[lane] = true; });

    for (std::size_t channel = 0; channel < used.channels; ++channel) {
        std::vector<std::int16_t>& row = lanes.weights[channel];
        spec.row(first + channel, row.data());
        if (!used.split) continue;
        for (std::size_t k = 0; k < row.size(); ++k) {
            const Halves parts = halves(row[k]);
            row[k] = parts.high;
            lanes.weights[channel + 8][k] = parts.low;
        }
    }
}

Finish make_finish(const MatrixSpec& spec, std::size_t first, std::size_t channels, bool split,
                   const Schedule& schedule) {
    Finish finish;
    finish.split = split;
    finish.channels = static_cast<std::uint32_t>(channels);
    finish.low = spec.out.low;
    finish.high = spec.out.high;
    finish.table = spec.table;
    finish.sums = spec.sums;
    finish.narrow = schedule.widenings == 0 && !spec.sums;
    for (std::size_t lane = 0; lane < channels; ++lane) {
        const int r = int{spec.out.shift} - static_cast<int>(spec.exponent(first + lane));
        const std::int64_t addend =
            spec.bias(first + lane) + (r > 0 ? std::int64_t{1} << (r - 1) : std::int64_t{0});
        finish.addend[lane] = addend;
        finish.right[lane] = std::max(r, 0);
        finish.left[lane] = std::max(-r, 0);

        const Bounds& sum = schedule.bounds[lane];
        if (!split) {
            finish.narrow = finish.narrow && r >= 0 && sum.fits(addend);
            finish.narrow_addend[lane] = static_cast<std::int32_t>(addend);
            finish.narrow_right[lane] = std::max(r, 0);
            continue;
        }
        finish.narrow = finish.narrow && halves_fit(sum, schedule.bounds[lane + 8], addend, r);
        finish.narrow_addend[lane] = static_cast<std::int32_t>(addend >> 8);
        finish.narrow_addend[lane + 8] = static_cast<std::int32_t>(addend & 255);
        finish.narrow_right[lane] = std::max(r - 8, 0);
    }
    return finish;
}

}  // namespace

Result<void> PackedMatrix::add(Resources& resources, const MatrixSpec& spec) {
    std::size_t length = 0;
    std::size_t pairs = 0;
    for (const Segment& segment : spec.segments) {
        length += segment.length;
        pairs += (segment.length + 1) / 2;
    }
    // Zero padding and the neighbour of an odd last activation are activations too.
    const Interval x{std::min<std::int64_t>(spec.x.low, 0), std::max<std::int64_t>(spec.x.high, 0)};
    Lanes lanes;
    for (auto& lane : lanes.weights)
        lane.resize(length);

    const auto panel_channels = [&](std::size_t first, bool split) {
        return std::min<std::size_t>(spec.channels - first, split ? 8 : kLanes);
    };
    const auto total_cost = [&](bool split) {
        std::uint64_t total = 0;
        for (std::size_t first = 0; first < spec.channels; first += panel_channels(first, split)) {
            const UsedLanes used{panel_channels(first, split), split};
            fill_lanes(spec, first, used, lanes);
            const Schedule made = schedule(lanes, used, spec.segments, x);
            if (!made.possible) return std::numeric_limits<std::uint64_t>::max();
            total += cost(pairs, made);
        }
        return total;
    };
    const bool split = !spec.bytes && total_cost(true) < total_cost(false);

    for (std::size_t first = 0; first < spec.channels; first += panel_channels(first, split)) {
        const std::size_t channels = panel_channels(first, split);
        Panel panel;
        panel.vectors = split || channels > 8 ? 2 : 1;
        panel.weight_bytes = spec.bytes && spec.few_rows ? 1 : 2;
        panel.x_offset = spec.x_offset;
        panel.y_offset = spec.y_offset + static_cast<std::ptrdiff_t>(first);
        const std::size_t count = std::size_t{8} * panel.vectors;

        fill_lanes(spec, first, {channels, split}, lanes);
        Schedule made = schedule(lanes, {channels, split}, spec.segments, x);
        BOOST_OUTCOME_TRY(std::byte* const weights,
                          resources.allocate(pairs * count * 2 * panel.weight_bytes));
        if (panel.weight_bytes == 1)
            interleave<std::int8_t>(lanes, count, spec.segments, weights);
        else
            interleave<std::int16_t>(lanes, count, spec.segments, weights);
        panel.weights = weights;

        panel.finish = &finishes_.emplace_back(make_finish(spec, first, channels, split, made));
        BOOST_OUTCOME_TRY(resources.reserve(sizeof(Finish) + sizeof(Panel)));
        if (stretches_.empty() || stretches_.back() != made.stretches)
            stretches_.push_back(std::move(made.stretches));
        panel.stretches = stretches_.back().data();
        panel.stretch_count = static_cast<std::uint32_t>(stretches_.back().size());
        panels_.push_back(panel);
        pairs_ += pairs * count;
    }
    return success();
}

}  // namespace valence::ml::executor
