// Small checks and element dispatch that the operators' rules and kernels share.
#pragma once

#include <string>

#include "valence/ml/float_graph/operator.hpp"

namespace valence::ml::real {

/// Error unless the type has that element type.
Result<void> expect(const TensorType& type, ElementType element, std::string_view what);
/// Error unless 0 ≤ axis < rank.
Result<void> expect_axis(std::int64_t axis, const Shape& shape);
/// Error unless the two are equal.
Result<void> expect_equal(const Shape& got, const Shape& wanted, std::string_view what);
/// The one output type, its size checked.
Result<std::vector<TensorType>> one_output(TensorType type);
/// Numpy's broadcast of two shapes.
Result<Shape> broadcast(const Shape& a, const Shape& b);
/// Product of the dimensions first … last − 1.
std::int64_t product(const Shape& shape, std::size_t first, std::size_t last);

/// The elements as a span of T.
template <typename T>
auto elements(const Tensor& tensor) {
    if constexpr (std::is_same_v<T, float>)
        return tensor.f32();
    else if constexpr (std::is_same_v<T, std::int64_t>)
        return tensor.i64();
    else
        return tensor.boolean();
}
template <typename T>
auto elements(Tensor& tensor) {
    if constexpr (std::is_same_v<T, float>)
        return tensor.f32();
    else if constexpr (std::is_same_v<T, std::int64_t>)
        return tensor.i64();
    else
        return tensor.boolean();
}

/// Calls f with a value of the C++ type of the elements: float, std::int64_t or std::uint8_t.
template <typename F>
auto dispatch(ElementType type, F&& f) {
    if (type == ElementType::f32) return f(float{});
    if (type == ElementType::i64) return f(std::int64_t{});
    return f(std::uint8_t{});
}

}  // namespace valence::ml::real
