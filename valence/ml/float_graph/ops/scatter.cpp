// ScatterElements, ScatterND.
#include "valence/ml/float_graph/ops/families.hpp"
#include "valence/ml/float_graph/ops/indices.hpp"
#include "valence/ml/float_graph/ops/typing.hpp"

namespace valence::ml::real {
namespace {

template <typename T>
T reduced(ScatterReduction reduction, T old, T update) {
    switch (reduction) {
        case ScatterReduction::none:
            return update;
        case ScatterReduction::add:
            return static_cast<T>(old + update);
        case ScatterReduction::mul:
            return static_cast<T>(old * update);
        case ScatterReduction::min:
            return std::min(old, update);
        case ScatterReduction::max:
            return std::max(old, update);
    }
    return update;
}

/// y = x, then blocks of `inner` updates at `places`, in order.
void scatter(ScatterReduction reduction, InputTensors inputs, const std::vector<std::int64_t>& places,
             std::int64_t inner, Tensor& output) {
    dispatch(output.element(), [&](auto type) {
        using T = decltype(type);
        const auto x = elements<T>(*inputs[0]);
        const auto updates = elements<T>(*inputs[2]);
        const auto y = elements<T>(output);
        std::copy(x.begin(), x.end(), y.begin());
        std::size_t from = 0;
        for (const auto place : places)
            for (std::int64_t i = 0; i < inner; ++i, ++from)
                y[place + i] = reduced<T>(reduction, y[place + i], updates[from]);
    });
}

Result<void> expect_arithmetic(const ScatterAttributes& attributes, const TensorType& data) {
    if (attributes.reduction != ScatterReduction::none)
        return expect(data, ElementType::f32, "data to reduce");
    return success();
}

}  // namespace

OutputTypes infer_scatter_elements(Op, const Attributes& attributes, InputTypes inputs) {
    const auto& scatter = std::get<ScatterAttributes>(attributes);
    const auto& x = *inputs[0];
    BOOST_OUTCOME_TRYV(expect_arithmetic(scatter, x));
    BOOST_OUTCOME_TRYV(expect_axis(scatter.axis, x.shape));
    BOOST_OUTCOME_TRYV(expect(*inputs[1], ElementType::i64, "indices"));
    BOOST_OUTCOME_TRYV(expect(*inputs[2], x.element, "updates"));
    BOOST_OUTCOME_TRYV(expect_within(inputs[1]->shape, x.shape, scatter.axis));
    BOOST_OUTCOME_TRYV(expect_equal(inputs[2]->shape, inputs[1]->shape, "updates"));
    return one_output(x);
}

Result<void> compute_scatter_elements(Op, const Attributes& attributes, InputTensors inputs,
                                      std::span<Tensor> outputs) {
    const auto& attribute = std::get<ScatterAttributes>(attributes);
    BOOST_OUTCOME_TRY(const auto places, element_places(*inputs[1], inputs[0]->shape(), attribute.axis));
    scatter(attribute.reduction, inputs, places, 1, outputs[0]);
    return success();
}

OutputTypes infer_scatter_nd(Op, const Attributes& attributes, InputTypes inputs) {
    const auto& x = *inputs[0];
    const auto& i = inputs[1]->shape;
    BOOST_OUTCOME_TRYV(expect_arithmetic(std::get<ScatterAttributes>(attributes), x));
    BOOST_OUTCOME_TRYV(expect(*inputs[1], ElementType::i64, "indices"));
    BOOST_OUTCOME_TRYV(expect(*inputs[2], x.element, "updates"));
    if (i.empty() || i.back() < 1 || i.back() > static_cast<std::int64_t>(x.shape.size()))
        return Error{GraphError::shape_invalid, "data " + to_string(x) + ", indices " + to_string(i)};
    Shape updates(i.begin(), i.end() - 1);
    updates.insert(updates.end(), x.shape.begin() + i.back(), x.shape.end());
    BOOST_OUTCOME_TRYV(expect_equal(inputs[2]->shape, updates, "updates"));
    return one_output(x);
}

Result<void> compute_scatter_nd(Op, const Attributes& attributes, InputTensors inputs,
                                std::span<Tensor> outputs) {
    const auto& shape = inputs[0]->shape();
    BOOST_OUTCOME_TRY(const auto places, tuple_places(*inputs[1], shape, 0));
    const auto depth = static_cast<std::size_t>(inputs[1]->shape().back());
    scatter(std::get<ScatterAttributes>(attributes).reduction, inputs, places,
            product(shape, depth, shape.size()), outputs[0]);
    return success();
}

}  // namespace valence::ml::real
