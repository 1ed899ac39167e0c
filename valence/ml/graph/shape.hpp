// Shapes of tensors: row-major, fully static, every dimension at least 1.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>

namespace valence::ml {

inline constexpr std::size_t kMaxRank = 8;
/// No tensor of a model has more elements than this (weights and activations alike).
inline constexpr std::uint64_t kMaxElements = std::uint64_t{1} << 31;

/// The extents of a tensor; rank 0 is a scalar of one element.
class Shape {
public:
    constexpr Shape() = default;
    constexpr Shape(std::initializer_list<std::uint32_t> extents)
        : Shape(std::span(extents.begin(), extents.size())) {}
    /// Takes the first kMaxRank extents; a caller with untrusted extents checks them first.
    constexpr explicit Shape(std::span<const std::uint32_t> extents) {
        for (const std::uint32_t extent : extents)
            if (rank_ < kMaxRank) extents_[rank_++] = extent;
    }

    constexpr std::size_t rank() const { return rank_; }
    constexpr std::uint32_t operator[](std::size_t axis) const { return extents_[axis]; }
    constexpr std::uint32_t& operator[](std::size_t axis) { return extents_[axis]; }
    constexpr std::uint32_t back() const { return extents_[rank_ - 1]; }
    constexpr std::span<const std::uint32_t> extents() const { return {extents_.data(), rank_}; }

    /// Number of elements; saturates above kMaxElements, so that a hostile shape can be compared with the
    /// limit.
    constexpr std::uint64_t elements() const { return product(0, rank_); }
    /// Product of the extents of axes first … last − 1; saturates as elements() does.
    constexpr std::uint64_t product(std::size_t first, std::size_t last) const {
        std::uint64_t count = 1;
        for (std::size_t axis = first; axis < last; ++axis) {
            count *= extents_[axis];
            if (count > kMaxElements) return kMaxElements + 1;
        }
        return count;
    }

    constexpr bool operator==(const Shape& other) const {
        if (rank_ != other.rank_) return false;
        for (std::size_t axis = 0; axis < rank_; ++axis)
            if (extents_[axis] != other.extents_[axis]) return false;
        return true;
    }

private:
    std::array<std::uint32_t, kMaxRank> extents_{};
    std::size_t rank_ = 0;
};

/// "1x3x224x224"; "scalar" for rank 0.
std::string to_string(const Shape& shape);

}  // namespace valence::ml
