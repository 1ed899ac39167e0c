#include <algorithm>

#include "valence/ml/executor/kernels/tile.hpp"
#include "valence/ml/executor/requantise.hpp"

namespace valence::ml::executor {
namespace {

template <typename Weight>
void row(const Panel& panel, const TileRows& rows, std::size_t r) {
    const std::int16_t* const x = rows.x[r];
    std::int16_t* const y = rows.y[r];
    const std::size_t lanes = std::size_t{8} * panel.vectors;
    const auto* weights = static_cast<const Weight*>(panel.weights);
    std::uint32_t sums[kLanes] = {};
    std::int64_t wide[kLanes] = {};
    const auto widen = [&] {
        for (std::size_t lane = 0; lane < lanes; ++lane) {
            wide[lane] += static_cast<std::int32_t>(sums[lane]);
            sums[lane] = 0;
        }
    };
    for (std::uint32_t k = 0; k < panel.stretch_count; ++k) {
        const Stretch& stretch = panel.stretches[k];
        const std::int16_t* pair = x + stretch.offset;
        for (std::uint32_t p = 0; p < stretch.pairs; ++p, pair += 2, weights += 2 * lanes) {
            const std::int32_t first = pair[0];
            const std::int32_t second = pair[1];
            for (std::size_t lane = 0; lane < lanes; ++lane)
                sums[lane] += static_cast<std::uint32_t>(first * weights[2 * lane]) +
                              static_cast<std::uint32_t>(second * weights[2 * lane + 1]);
        }
        if (stretch.widen) widen();
    }
    widen();

    const Finish& finish = *panel.finish;
    if (finish.sums) return write_sums(finish, wide, rows, r);
    for (std::uint32_t channel = 0; channel < finish.channels; ++channel) {
        const std::int64_t sum = finish.split ? 256 * wide[channel] + wide[channel + 8] : wide[channel];
        const std::int64_t shifted =
            shift_down(sum + finish.addend[channel], static_cast<unsigned>(finish.right[channel])) *
            (std::int64_t{1} << finish.left[channel]);
        const auto value =
            static_cast<std::int16_t>(std::clamp<std::int64_t>(shifted, finish.low, finish.high));
        y[channel] = finish.table == nullptr ? value : finish.table[static_cast<std::uint16_t>(value)];
    }
}

}  // namespace

void tile_portable(const Panel& panel, const TileRows& rows) {
    for (std::size_t r = 0; r < rows.count; ++r) {
        if (panel.weight_bytes == 1)
            row<std::int8_t>(panel, rows, r);
        else
            row<std::int16_t>(panel, rows, r);
    }
}

}  // namespace valence::ml::executor
