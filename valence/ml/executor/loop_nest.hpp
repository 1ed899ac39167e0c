// Loops over the elements of N strided arrays of one shape (0 strides broadcast), with the axes merged that
// lie one after the other in all of them. What every operation that moves or combines elements runs on.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <vector>

#include "valence/ml/graph/shape.hpp"

namespace valence::ml::executor {

/// Elements from one position of an axis to the next, per axis.
using Strides = std::array<std::ptrdiff_t, kMaxRank>;

template <std::size_t N>
class LoopNest {
public:
    using Offsets = std::array<std::ptrdiff_t, N>;

    /// Elements are visited in the order in which the first array stores them.
    LoopNest(const Shape& shape, const std::array<Strides, N>& strides) {
        for (std::size_t axis = 0; axis < shape.rank(); ++axis) {
            if (shape[axis] == 1) continue;
            Axis loop{shape[axis], {}};
            for (std::size_t k = 0; k < N; ++k)
                loop.stride[k] = strides[k][axis];
            const auto place = std::upper_bound(
                axes_.begin(), axes_.end(), loop,
                [](const Axis& a, const Axis& b) { return std::abs(a.stride[0]) > std::abs(b.stride[0]); });
            axes_.insert(place, loop);
            elements_ *= shape[axis];
        }
        if (axes_.empty()) axes_.push_back({1, {}});
        std::size_t kept = 0;
        for (std::size_t next = 1; next < axes_.size(); ++next) {
            if (continues(axes_[kept], axes_[next])) {
                axes_[next].extent *= axes_[kept].extent;
                axes_[kept] = axes_[next];
            } else {
                axes_[++kept] = axes_[next];
            }
        }
        axes_.resize(kept + 1);
    }

    std::size_t elements() const { return elements_; }
    /// Strides and extent of the innermost loop.
    const Offsets& inner() const { return axes_.back().stride; }
    std::size_t inner_extent() const { return axes_.back().extent; }

    /// Calls f(offsets, count) for runs of `count` elements along the innermost axis that cover elements
    /// [begin, end).
    template <typename F>
    void run(std::size_t begin, std::size_t end, const F& f) const {
        std::array<std::size_t, kMaxRank> index{};
        Offsets offsets{};
        std::size_t rest = begin;
        for (std::size_t axis = axes_.size(); axis-- > 0;) {
            index[axis] = rest % axes_[axis].extent;
            rest /= axes_[axis].extent;
            for (std::size_t k = 0; k < N; ++k)
                offsets[k] += static_cast<std::ptrdiff_t>(index[axis]) * axes_[axis].stride[k];
        }
        const std::size_t last = axes_.size() - 1;
        while (begin < end) {
            const std::size_t count = std::min(axes_[last].extent - index[last], end - begin);
            f(offsets, count);
            begin += count;
            if (begin >= end) return;
            advance(offsets, last, -static_cast<std::ptrdiff_t>(index[last]));
            index[last] = 0;
            for (std::size_t axis = last; axis-- > 0;) {
                advance(offsets, axis, 1);
                if (++index[axis] < axes_[axis].extent) break;
                advance(offsets, axis, -static_cast<std::ptrdiff_t>(axes_[axis].extent));
                index[axis] = 0;
            }
        }
    }

private:
    struct Axis {
        std::size_t extent;
        Offsets stride;
    };

    static bool continues(const Axis& outer, const Axis& inner) {
        for (std::size_t k = 0; k < N; ++k)
            if (outer.stride[k] != inner.stride[k] * static_cast<std::ptrdiff_t>(inner.extent)) return false;
        return true;
    }

    void advance(Offsets& offsets, std::size_t axis, std::ptrdiff_t by) const {
        for (std::size_t k = 0; k < N; ++k)
            offsets[k] += by * axes_[axis].stride[k];
    }

    std::vector<Axis> axes_;  // outermost first, never empty
    std::size_t elements_ = 1;
};

}  // namespace valence::ml::executor
