// One loop over several arrays at once, each with a stride of its own per dimension: the core of
// broadcasting, transposing, slicing and reducing.
#pragma once

#include <array>

#include "valence/ml/float_graph/tensor.hpp"

namespace valence::ml::real {

/// Strides that read an array of shape `from` as if it were broadcast to `to`.
inline Shape broadcast_strides(const Shape& from, const Shape& to) {
    const auto own = strides_of(from);
    Shape strides(to.size(), 0);
    const auto skip = to.size() - from.size();
    for (std::size_t i = 0; i < from.size(); ++i)
        strides[skip + i] = from[i] == 1 ? 0 : own[i];
    return strides;
}

/// Calls run(offsets, count, steps) for runs along the innermost dimension that together visit every index of
/// `dims` once, in row-major order; operand k is at offsets[k] + j·steps[k] for j < count. Dimensions that
/// are contiguous for every operand are walked as one.
template <std::size_t N, typename Run>
void for_each_run(const Shape& dims, const std::array<Shape, N>& strides, Run&& run) {
    Shape sizes;
    std::array<Shape, N> steps;
    for (std::size_t i = 0; i < dims.size(); ++i) {
        if (dims[i] == 0) return;
        if (dims[i] == 1) continue;
        bool joins = !sizes.empty();
        for (std::size_t k = 0; joins && k < N; ++k)
            joins = steps[k].back() == strides[k][i] * dims[i];
        if (joins) {
            sizes.back() *= dims[i];
            for (std::size_t k = 0; k < N; ++k)
                steps[k].back() = strides[k][i];
        } else {
            sizes.push_back(dims[i]);
            for (std::size_t k = 0; k < N; ++k)
                steps[k].push_back(strides[k][i]);
        }
    }
    std::array<std::int64_t, N> offsets{};
    std::array<std::int64_t, N> inner{};
    if (sizes.empty()) {
        run(offsets, std::int64_t{1}, inner);
        return;
    }
    const auto last = sizes.size() - 1;
    for (std::size_t k = 0; k < N; ++k)
        inner[k] = steps[k][last];
    Shape index(last, 0);
    for (;;) {
        run(offsets, sizes[last], inner);
        auto d = last;
        for (;;) {
            if (d == 0) return;
            --d;
            ++index[d];
            for (std::size_t k = 0; k < N; ++k)
                offsets[k] += steps[k][d];
            if (index[d] < sizes[d]) break;
            for (std::size_t k = 0; k < N; ++k)
                offsets[k] -= steps[k][d] * sizes[d];
            index[d] = 0;
        }
    }
}

}  // namespace valence::ml::real
