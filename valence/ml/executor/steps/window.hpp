// The windows of a convolution over a staged image, as rows of a matrix product.
#pragma once

#include <array>
#include <vector>

#include "valence/ml/executor/steps/affine.hpp"

namespace valence::ml::executor {

/// A convolution over a staged image.
struct Geometry {
    std::array<std::uint32_t, 2> size;
    std::array<std::uint32_t, 2> stride;
    std::array<std::uint32_t, 2> dilation;
    std::uint32_t groups;
    bool flipped;  // taps are in the opposite order of the weights'
};

/// The activations of a window in the order of the matrix's columns: tap row, tap column, channel.
inline std::vector<Segment> window_segments(const Geometry& g, std::size_t staged_width,
                                            std::size_t channels) {
    const std::size_t own = channels / g.groups;
    std::vector<Segment> segments;
    for (std::size_t i = 0; i < g.size[0]; ++i) {
        const std::size_t line = i * g.dilation[0] * staged_width * channels;
        if (g.groups == 1 && g.dilation[1] == 1) {
            segments.push_back(
                {static_cast<std::uint32_t>(line), static_cast<std::uint32_t>(g.size[1] * channels)});
            continue;
        }
        for (std::size_t j = 0; j < g.size[1]; ++j)
            segments.push_back({static_cast<std::uint32_t>(line + j * g.dilation[1] * channels),
                                static_cast<std::uint32_t>(own)});
    }
    return segments;
}

/// Row `channel` of the matrix from weights [O, C/G, height, width].
inline void window_weights(const Weight& weight, const Geometry& g, std::size_t channel, std::int16_t* row) {
    const std::size_t own = weight.shape[1];
    const std::size_t taps = std::size_t{g.size[0]} * g.size[1];
    std::vector<std::int16_t> planes(own * taps);
    copy_weights(weight, channel * own * taps, own * taps, planes.data());
    for (std::size_t tap = 0; tap < taps; ++tap)
        for (std::size_t c = 0; c < own; ++c)
            *row++ = planes[c * taps + (g.flipped ? taps - 1 - tap : tap)];
}

}  // namespace valence::ml::executor
