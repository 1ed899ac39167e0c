#include "valence/ml/executor/steps/depthwise.hpp"

#include "valence/ml/executor/kernels/bounds.hpp"

namespace valence::ml::executor {
namespace {

/// What is added before the shift, and the shift.
struct Rounding {
    std::int64_t addend;
    int right;
};

Rounding rounding(const MatrixSpec& spec) {
    const int r = int{spec.out.shift} - static_cast<int>(spec.exponent(0));
    return {spec.bias(0) + (r > 0 ? std::int64_t{1} << (r - 1) : std::int64_t{0}), r};
}

/// Whether the sums of one channel fit 32 bits, whole or in halves.
bool fits(const MatrixSpec& spec, std::span<const std::int16_t> weights, bool split) {
    const Interval x{std::min<std::int64_t>(spec.x.low, 0), std::max<std::int64_t>(spec.x.high, 0)};
    const auto [addend, right] = rounding(spec);
    Bounds whole;
    Bounds high;
    Bounds low;
    for (const std::int16_t weight : weights) {
        whole.add(weight, x);
        high.add(halves(weight).high, x);
        low.add(halves(weight).low, x);
    }
    return split ? halves_fit(high, low, addend, right) : right >= 0 && whole.fits(addend);
}

}  // namespace

Result<std::optional<Depthwise>> pack_depthwise(Resources& resources, std::size_t channels,
                                                const std::vector<MatrixSpec>& specs) {
    Depthwise layer;
    for (const Segment& segment : specs[0].segments)
        layer.taps.push_back(segment.offset);
    const std::size_t taps = layer.taps.size();
    if (taps % 2 != 0) layer.taps.push_back(layer.taps.back());
    layer.low = specs[0].out.low;
    layer.high = specs[0].out.high;
    layer.table = specs[0].table;

    std::vector<std::int16_t> weights(channels * taps);
    for (std::size_t channel = 0; channel < channels; ++channel)
        specs[channel].row(0, weights.data() + channel * taps);
    const auto all_fit = [&](bool halved) {
        for (std::size_t channel = 0; channel < channels; ++channel)
            if (!fits(specs[channel], std::span(weights).subspan(channel * taps, taps), halved)) return false;
        return true;
    };
    const bool split = !all_fit(false);
    if (split && !all_fit(true)) return std::optional<Depthwise>{};

    const std::size_t pair_size = split ? 64 : 32;
    for (std::size_t first = 0; first < channels; first += kDepthwiseChannels) {
        DepthwiseBlock block;
        block.split = split;
        block.channels = static_cast<std::uint32_t>(std::min(kDepthwiseChannels, channels - first));
        BOOST_OUTCOME_TRY(std::byte* const data,
                          resources.allocate(layer.taps.size() / 2 * pair_size * sizeof(std::int16_t)));
        auto* packed = reinterpret_cast<std::int16_t*>(data);
        block.weights = packed;
        for (std::size_t channel = 0; channel < block.channels; ++channel) {
            const std::size_t lane = interleaved_lane(channel);
            for (std::size_t tap = 0; tap < taps; ++tap) {
                const std::int16_t weight = weights[(first + channel) * taps + tap];
                std::int16_t* to = packed + tap / 2 * pair_size + 2 * lane + tap % 2;
                to[0] = split ? halves(weight).high : weight;
                if (split) to[32] = halves(weight).low;
            }
            const auto [addend, right] = rounding(specs[first + channel]);
            block.addend[lane] = static_cast<std::int32_t>(split ? addend >> 8 : addend);
            block.low_addend[lane] = static_cast<std::int32_t>(split ? addend & 255 : 0);
            block.right[lane] = split ? right - 8 : right;
        }
        BOOST_OUTCOME_TRY(resources.reserve(sizeof(DepthwiseBlock)));
        layer.blocks.push_back(block);
    }
    return std::optional(std::move(layer));
}

void ConvolveDepthwise::run(const Frame& frame) const {
    const std::size_t lines = map_.images * map_.lines;
    const std::uint64_t cost = map_.columns * layer_.blocks.size() * (layer_.taps.size() / 2 + 4);
    (*frame.workers)(lines* frame.items, cost, [&](std::size_t begin, std::size_t end) {
        for (; begin < end; ++begin) {
            const std::size_t line = begin % lines;
            DepthwiseRow row;
            row.x = frame.at<const std::int16_t>(from_, begin / lines) +
                    static_cast<std::ptrdiff_t>(line / map_.lines) * map_.image_stride +
                    static_cast<std::ptrdiff_t>(line % map_.lines) * map_.line_stride;
            row.y = frame.at<std::int16_t>(to_, begin / lines) +
                    static_cast<std::ptrdiff_t>(line * map_.columns) * map_.y_stride;
            row.x_stride = map_.column_stride;
            row.y_stride = map_.y_stride;
            row.pixels = map_.columns;
            depthwise_row(layer_, row, instructions_);
        }
    });
}

}  // namespace valence::ml::executor
