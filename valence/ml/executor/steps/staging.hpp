// An image prepared for a convolution: channels last, zero padding and zeros between pixels written out, so
// that every window is a few stretches of memory.
#pragma once

#include "valence/ml/executor/steps/steps.hpp"

namespace valence::ml::executor {

/// staged[n, v, u, c] = x[n, c, (v − before)/spread, (u − before)/spread] where that is a pixel, else 0.
struct Staging {
    std::size_t height = 0;  // of the staged image
    std::size_t width = 0;
    std::array<std::int64_t, 2> before{0, 0};  // below 0: rows and columns cut off
    std::array<std::int64_t, 2> spread{1, 1};
};

/// The staged image of a tensor [N, C, H, W]: `x` itself where nothing has to change.
BufferId stage(Builder& builder, TensorId x, const Staging& staging);

}  // namespace valence::ml::executor
