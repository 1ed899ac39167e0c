#include "valence/ml/graph/staged_image.hpp"

#include "valence/base/bytes.hpp"

namespace valence::ml {
namespace {

/// Rows or columns between the first and the last tap of a window.
std::uint64_t span_of(const Window& window, std::size_t axis) {
    return std::uint64_t{window.size[axis] - 1} * window.dilation[axis];
}

}  // namespace

ImageExtents staged_image(const Convolution& op, const Shape& in, const Shape& out) {
    ImageExtents image{};
    for (std::size_t axis = 0; axis < 2; ++axis) {
        const std::uint64_t reached =
            (out[2 + axis] - std::uint64_t{1}) * op.window.stride[axis] + span_of(op.window, axis) + 1;
        const bool inside = op.window.before[axis] == 0 && reached <= in[2 + axis];
        image[axis] = inside ? in[2 + axis] : reached;
    }
    return image;
}

ImageExtents staged_image(const TransposedConvolution& op, const Shape&, const Shape& out) {
    return {out[2] + span_of(op.window, 0), out[3] + span_of(op.window, 1)};
}

std::uint64_t staged_elements(const ImageExtents& image, const Shape& in) {
    const base::UInt128 elements = base::UInt128{in[0]} * in[1] * image[0] * image[1];
    return elements > kMaxElements ? kMaxElements + 1 : static_cast<std::uint64_t>(elements);
}

}  // namespace valence::ml
