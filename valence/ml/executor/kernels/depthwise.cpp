#include "valence/ml/executor/kernels/depthwise.hpp"

#include <algorithm>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace valence::ml::executor {
namespace {

void write(const Depthwise& layer, const std::int16_t* values, std::uint32_t channels, std::int16_t* y) {
    for (std::uint32_t channel = 0; channel < channels; ++channel)
        y[channel] = layer.table == nullptr ? values[channel]
                                            : layer.table[static_cast<std::uint16_t>(values[channel])];
}

void pixel_portable(const Depthwise& layer, const DepthwiseBlock& block, const std::int16_t* x,
                    std::int16_t* y) {
    const std::size_t pair_size = block.split ? 64 : 32;
    std::int16_t values[kDepthwiseChannels];
    for (std::uint32_t channel = 0; channel < block.channels; ++channel) {
        const std::size_t lane = interleaved_lane(channel);
        std::uint32_t sum = 0;
        std::uint32_t low_sum = 0;
        for (std::size_t tap = 0; tap < layer.taps.size(); ++tap) {
            const std::int16_t* weight = block.weights + tap / 2 * pair_size + 2 * lane + tap % 2;
            const std::int32_t activation = x[layer.taps[tap] + channel];
            sum += static_cast<std::uint32_t>(activation * weight[0]);
            if (block.split) low_sum += static_cast<std::uint32_t>(activation * weight[32]);
        }
        sum += static_cast<std::uint32_t>(block.addend[lane]);
        low_sum += static_cast<std::uint32_t>(block.low_addend[lane]);
        if (block.split) sum += static_cast<std::uint32_t>(static_cast<std::int32_t>(low_sum) >> 8);
        const std::int32_t value = static_cast<std::int32_t>(sum) >> block.right[lane];
        values[channel] = static_cast<std::int16_t>(std::clamp<std::int32_t>(value, layer.low, layer.high));
    }
    write(layer, values, block.channels, y);
}

#if defined(__x86_64__)

[[gnu::target("avx2"), gnu::always_inline]] inline __m256i load(const void* from) {
    return _mm256_loadu_si256(static_cast<const __m256i*>(from));
}

/// Bound: for 32 products two loads, two interleavings, two vpmaddwd and two additions, 2 cycles.
template <bool Split>
[[gnu::target("avx2")]] void block_avx2(const Depthwise& layer, const DepthwiseBlock& block,
                                        const DepthwiseRow& row, std::ptrdiff_t first) {
    const __m256i lowest = _mm256_set1_epi16(layer.low);
    const __m256i highest = _mm256_set1_epi16(layer.high);
    const std::int16_t* x = row.x + first;
    std::int16_t* y = row.y + first;
    for (std::size_t pixel = 0; pixel < row.pixels; ++pixel, x += row.x_stride, y += row.y_stride) {
        __m256i sums[2] = {load(&block.addend[0]), load(&block.addend[8])};
        __m256i low_sums[2] = {load(&block.low_addend[0]), load(&block.low_addend[8])};
        const std::int16_t* weights = block.weights;
        for (std::size_t tap = 0; tap < layer.taps.size(); tap += 2, weights += Split ? 64 : 32) {
            const __m256i one = load(x + layer.taps[tap]);
            const __m256i other = load(x + layer.taps[tap + 1]);
            const __m256i pairs[2] = {_mm256_unpacklo_epi16(one, other), _mm256_unpackhi_epi16(one, other)};
            for (int half = 0; half < 2; ++half) {
                sums[half] =
                    _mm256_add_epi32(sums[half], _mm256_madd_epi16(pairs[half], load(weights + 16 * half)));
                if constexpr (Split)
                    low_sums[half] = _mm256_add_epi32(
                        low_sums[half], _mm256_madd_epi16(pairs[half], load(weights + 32 + 16 * half)));
            }
        }
        for (std::size_t half = 0; half < 2; ++half) {
            if constexpr (Split)
                sums[half] = _mm256_add_epi32(sums[half], _mm256_srai_epi32(low_sums[half], 8));
            sums[half] = _mm256_srav_epi32(sums[half], load(&block.right[8 * half]));
        }
        __m256i values = _mm256_packs_epi32(sums[0], sums[1]);
        values = _mm256_min_epi16(_mm256_max_epi16(values, lowest), highest);
        if (layer.table == nullptr && block.channels == kDepthwiseChannels) {
            _mm256_storeu_si256(reinterpret_cast<__m256i*>(y), values);
        } else {
            std::int16_t all[kDepthwiseChannels];
            _mm256_storeu_si256(reinterpret_cast<__m256i*>(all), values);
            write(layer, all, block.channels, y);
        }
    }
}

#endif

}  // namespace

void depthwise_row(const Depthwise& layer, const DepthwiseRow& row, InstructionSet instructions) {
    std::ptrdiff_t first = 0;
    for (const DepthwiseBlock& block : layer.blocks) {
#if defined(__x86_64__)
        if (instructions == InstructionSet::avx2) {
            if (block.split)
                block_avx2<true>(layer, block, row, first);
            else
                block_avx2<false>(layer, block, row, first);
            first += kDepthwiseChannels;
            continue;
        }
#endif
        for (std::size_t pixel = 0; pixel < row.pixels; ++pixel) {
            const auto at = static_cast<std::ptrdiff_t>(pixel);
            pixel_portable(layer, block, row.x + at * row.x_stride + first,
                           row.y + at * row.y_stride + first);
        }
        first += kDepthwiseChannels;
    }
    (void)instructions;
}

}  // namespace valence::ml::executor
