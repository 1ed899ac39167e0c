#include "valence/ml/float_graph/ops/windows.hpp"

#include "valence/ml/float_graph/graph_error.hpp"
#include "valence/ml/float_graph/ops/typing.hpp"

namespace valence::ml::real {
namespace {

/// No kernel, stride, dilation or padding is larger; keeps products of two of them in 64 bits.
constexpr std::int64_t kMaxWindow = std::int64_t{1} << 24;

}  // namespace

Result<void> check_window(const Window& window, const Shape& spatial) {
    const auto rank = spatial.size();
    for (const auto* list :
         {&window.kernel, &window.strides, &window.dilations, &window.before, &window.after, &window.output})
        if (list->size() != rank)
            return Error{GraphError::shape_invalid, "window with " + std::to_string(list->size()) +
                                                        " sizes over " + std::to_string(rank) +
                                                        " spatial axes"};
    if (rank == 0) return Error{GraphError::shape_invalid, "no spatial axis"};
    for (std::size_t i = 0; i < rank; ++i) {
        for (const auto size : {window.kernel[i], window.strides[i], window.dilations[i]})
            if (size < 1 || size > kMaxWindow)
                return Error{GraphError::shape_invalid,
                             "window size, stride or dilation " + std::to_string(size)};
        for (const auto size : {window.before[i], window.after[i]})
            if (size < -kMaxWindow || size > kMaxWindow)
                return Error{GraphError::shape_invalid, "padding " + std::to_string(size)};
    }
    BOOST_OUTCOME_TRYV(checked_element_count(window.output));
    return success();
}

Result<void> check_operands(const Window& window, InputTypes inputs) {
    for (const auto* input : inputs)
        if (input != nullptr) {
            BOOST_OUTCOME_TRYV(expect(*input, ElementType::f32, "input"));
        }
    const auto& x = inputs[0]->shape;
    const auto& w = inputs[1]->shape;
    if (x.size() < 3 || w.size() != x.size())
        return Error{GraphError::shape_invalid, "input " + to_string(x) + ", weight " + to_string(w)};
    BOOST_OUTCOME_TRYV(check_window(window, Shape(x.begin() + 2, x.end())));
    return expect_equal(Shape(w.begin() + 2, w.end()), window.kernel, "kernel");
}

std::vector<std::vector<std::int64_t>> window_places(const Window& window, const Shape& spatial) {
    std::vector<std::vector<std::int64_t>> places(spatial.size());
    for (std::size_t axis = 0; axis < spatial.size(); ++axis) {
        places[axis].reserve(static_cast<std::size_t>(window.kernel[axis] * window.output[axis]));
        for (std::int64_t tap = 0; tap < window.kernel[axis]; ++tap)
            for (std::int64_t at = 0; at < window.output[axis]; ++at) {
                const auto in =
                    at * window.strides[axis] + tap * window.dilations[axis] - window.before[axis];
                places[axis].push_back(in >= 0 && in < spatial[axis] ? in : -1);
            }
    }
    return places;
}

}  // namespace valence::ml::real
