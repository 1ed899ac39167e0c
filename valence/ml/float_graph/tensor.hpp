// Tensors of the float graph: an element type, a static shape, and the elements in row-major order.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "valence/base/base.hpp"

namespace valence::ml::real {

/// The element types of a float graph. ONNX's other real types are narrowed or widened to f32, its other
/// integer types to i64.
enum class ElementType : std::uint8_t { f32, i64, boolean };

/// "f32", "i64", "bool".
std::string_view name(ElementType type);
/// Bytes one element takes: 4, 8, 1.
std::size_t element_size(ElementType type);

/// Sizes of the dimensions, outermost first; {} is a scalar.
using Shape = std::vector<std::int64_t>;

/// Dimensions a shape may have at most.
inline constexpr std::size_t kMaxRank = 16;
/// Elements a tensor may have at most; with it, sizes in bytes and products of two dimensions stay in 64
/// bits.
inline constexpr std::int64_t kMaxElements = std::int64_t{1} << 40;

/// Number of elements; error when a dimension is negative, the rank above kMaxRank or the product above
/// kMaxElements.
Result<std::int64_t> checked_element_count(const Shape& shape);
/// Number of elements of a shape known to be valid.
std::int64_t element_count(const Shape& shape);
/// "[1, 3, 224, 224]"
std::string to_string(const Shape& shape);
/// Elements to step over per unit of each dimension, row-major.
Shape strides_of(const Shape& shape);

/// What is known of a tensor before its elements are.
struct TensorType {
    ElementType element = ElementType::f32;
    Shape shape;

    std::int64_t count() const { return element_count(shape); }
    std::size_t bytes() const { return static_cast<std::size_t>(count()) * element_size(element); }
    bool operator==(const TensorType&) const = default;
};

/// "f32[1, 10]"
std::string to_string(const TensorType& type);

/// A tensor with its elements. Booleans are bytes 0 or 1.
class Tensor {
public:
    Tensor() = default;
    /// Zeros.
    explicit Tensor(TensorType type);
    /// The number of elements must be that of the shape.
    Tensor(Shape shape, std::vector<float> elements);
    Tensor(Shape shape, std::vector<std::int64_t> elements);
    Tensor(Shape shape, std::vector<std::uint8_t> elements);

    const TensorType& type() const { return type_; }
    const Shape& shape() const { return type_.shape; }
    ElementType element() const { return type_.element; }
    std::int64_t count() const { return type_.count(); }

    /// The elements; the tensor must be of that type.
    std::span<const float> f32() const { return std::get<0>(elements_); }
    std::span<const std::int64_t> i64() const { return std::get<1>(elements_); }
    std::span<const std::uint8_t> boolean() const { return std::get<2>(elements_); }
    std::span<float> f32() { return std::get<0>(elements_); }
    std::span<std::int64_t> i64() { return std::get<1>(elements_); }
    std::span<std::uint8_t> boolean() { return std::get<2>(elements_); }

    /// The same elements under another shape of the same size.
    Tensor reshaped(Shape shape) &&;

    bool operator==(const Tensor&) const = default;

private:
    TensorType type_;
    std::variant<std::vector<float>, std::vector<std::int64_t>, std::vector<std::uint8_t>> elements_;
};

}  // namespace valence::ml::real
