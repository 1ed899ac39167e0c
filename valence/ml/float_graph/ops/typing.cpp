#include "valence/ml/float_graph/ops/typing.hpp"

namespace valence::ml::real {

Result<void> expect(const TensorType& type, ElementType element, std::string_view what) {
    if (type.element == element) return success();
    return Error{GraphError::type_invalid,
                 std::string{what} + " is " + to_string(type) + ", not " + std::string{name(element)}};
}

Result<void> expect_axis(std::int64_t axis, const Shape& shape) {
    if (axis >= 0 && axis < static_cast<std::int64_t>(shape.size())) return success();
    return Error{GraphError::shape_invalid, "axis " + std::to_string(axis) + " of " + to_string(shape)};
}

Result<void> expect_equal(const Shape& got, const Shape& wanted, std::string_view what) {
    if (got == wanted) return success();
    return Error{GraphError::shape_invalid,
                 std::string{what} + " has shape " + to_string(got) + ", not " + to_string(wanted)};
}

Result<std::vector<TensorType>> one_output(TensorType type) {
    BOOST_OUTCOME_TRYV(checked_element_count(type.shape));
    std::vector<TensorType> types;
    types.push_back(std::move(type));
    return types;
}

Result<Shape> broadcast(const Shape& a, const Shape& b) {
    const auto& longer = a.size() >= b.size() ? a : b;
    const auto& shorter = a.size() >= b.size() ? b : a;
    Shape out = longer;
    const auto skip = longer.size() - shorter.size();
    for (std::size_t i = 0; i < shorter.size(); ++i) {
        const auto d = shorter[i];
        auto& o = out[skip + i];
        if (o == 1)
            o = d;
        else if (d != 1 && d != o)
            return Error{GraphError::shape_invalid,
                         to_string(a) + " and " + to_string(b) + " do not broadcast"};
    }
    return out;
}

std::int64_t product(const Shape& shape, std::size_t first, std::size_t last) {
    std::int64_t p = 1;
    for (auto i = first; i < last; ++i)
        p *= shape[i];
    return p;
}

}  // namespace valence::ml::real
