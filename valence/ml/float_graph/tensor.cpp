#include "valence/ml/float_graph/tensor.hpp"

#include "valence/ml/float_graph/graph_error.hpp"

namespace valence::ml::real {

std::string_view name(ElementType type) {
    switch (type) {
        case ElementType::f32:
            return "f32";
        case ElementType::i64:
            return "i64";
        case ElementType::boolean:
            return "bool";
    }
    return "?";
}

std::size_t element_size(ElementType type) {
    switch (type) {
        case ElementType::f32:
            return 4;
        case ElementType::i64:
            return 8;
        case ElementType::boolean:
            return 1;
    }
    return 1;
}

Result<std::int64_t> checked_element_count(const Shape& shape) {
    if (shape.size() > kMaxRank)
        return Error{GraphError::too_large,
                     "rank " + std::to_string(shape.size()) + " above " + std::to_string(kMaxRank)};
    std::int64_t count = 1;
    bool empty = false;
    for (const auto d : shape) {
        if (d < 0) return Error{GraphError::shape_invalid, "negative dimension in " + to_string(shape)};
        if (d == 0) {
            empty = true;
        } else if (d > kMaxElements / count) {
            return Error{GraphError::too_large, "more than 2^40 elements in " + to_string(shape)};
        } else {
            count *= d;
        }
    }
    return empty ? 0 : count;
}

std::int64_t element_count(const Shape& shape) {
    std::int64_t count = 1;
    for (const auto d : shape)
        count *= d;
    return count;
}

std::string to_string(const Shape& shape) {
    std::string text = "[";
    for (std::size_t i = 0; i < shape.size(); ++i)
        text += (i == 0 ? "" : ", ") + std::to_string(shape[i]);
    return text + "]";
}

Shape strides_of(const Shape& shape) {
    Shape strides(shape.size(), 1);
    for (auto i = shape.size(); i-- > 1;)
        strides[i - 1] = strides[i] * shape[i];
    return strides;
}

std::string to_string(const TensorType& type) {
    return std::string{name(type.element)} + to_string(type.shape);
}

Tensor::Tensor(TensorType type) : type_(std::move(type)) {
    const auto n = static_cast<std::size_t>(type_.count());
    switch (type_.element) {
        case ElementType::f32:
            elements_.emplace<0>(n);
            break;
        case ElementType::i64:
            elements_.emplace<1>(n);
            break;
        case ElementType::boolean:
            elements_.emplace<2>(n);
            break;
    }
}

Tensor::Tensor(Shape shape, std::vector<float> elements)
    : type_{ElementType::f32, std::move(shape)}, elements_(std::in_place_index<0>, std::move(elements)) {
    VALENCE_CHECK(static_cast<std::size_t>(type_.count()) == std::get<0>(elements_).size());
}

Tensor::Tensor(Shape shape, std::vector<std::int64_t> elements)
    : type_{ElementType::i64, std::move(shape)}, elements_(std::in_place_index<1>, std::move(elements)) {
    VALENCE_CHECK(static_cast<std::size_t>(type_.count()) == std::get<1>(elements_).size());
}

Tensor::Tensor(Shape shape, std::vector<std::uint8_t> elements)
    : type_{ElementType::boolean, std::move(shape)}, elements_(std::in_place_index<2>, std::move(elements)) {
    VALENCE_CHECK(static_cast<std::size_t>(type_.count()) == std::get<2>(elements_).size());
}

Tensor Tensor::reshaped(Shape shape) && {
    VALENCE_CHECK(element_count(shape) == count());
    type_.shape = std::move(shape);
    return std::move(*this);
}

}  // namespace valence::ml::real
