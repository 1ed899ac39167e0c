// Gather, GatherElements, GatherND.
#include "valence/ml/float_graph/ops/families.hpp"
#include "valence/ml/float_graph/ops/indices.hpp"
#include "valence/ml/float_graph/ops/typing.hpp"

namespace valence::ml::real {

OutputTypes infer_gather(Op, const Attributes& attributes, InputTypes inputs) {
    const auto axis = std::get<Axis>(attributes).axis;
    const auto& x = *inputs[0];
    BOOST_OUTCOME_TRYV(expect_axis(axis, x.shape));
    BOOST_OUTCOME_TRYV(expect(*inputs[1], ElementType::i64, "indices"));
    Shape shape(x.shape.begin(), x.shape.begin() + axis);
    shape.insert(shape.end(), inputs[1]->shape.begin(), inputs[1]->shape.end());
    shape.insert(shape.end(), x.shape.begin() + axis + 1, x.shape.end());
    return one_output({x.element, std::move(shape)});
}

Result<void> compute_gather(Op, const Attributes& attributes, InputTensors inputs,
                            std::span<Tensor> outputs) {
    const auto axis = static_cast<std::size_t>(std::get<Axis>(attributes).axis);
    const auto& shape = inputs[0]->shape();
    const auto outer = product(shape, 0, axis);
    const auto inner = product(shape, axis + 1, shape.size());
    const auto extent = shape[axis];
    BOOST_OUTCOME_TRY(const auto indices, resolve_indices(inputs[1]->i64(), extent));
    const auto count = static_cast<std::int64_t>(indices.size());
    dispatch(outputs[0].element(), [&](auto type) {
        using T = decltype(type);
        const T* x = elements<T>(*inputs[0]).data();
        T* y = elements<T>(outputs[0]).data();
        for (std::int64_t o = 0; o < outer; ++o)
            for (std::int64_t j = 0; j < count; ++j)
                std::copy_n(x + (o * extent + indices[static_cast<std::size_t>(j)]) * inner, inner,
                            y + (o * count + j) * inner);
    });
    return success();
}

OutputTypes infer_gather_elements(Op, const Attributes& attributes, InputTypes inputs) {
    const auto axis = std::get<Axis>(attributes).axis;
    const auto& x = *inputs[0];
    BOOST_OUTCOME_TRYV(expect_axis(axis, x.shape));
    BOOST_OUTCOME_TRYV(expect(*inputs[1], ElementType::i64, "indices"));
    BOOST_OUTCOME_TRYV(expect_within(inputs[1]->shape, x.shape, axis));
    return one_output({x.element, inputs[1]->shape});
}

Result<void> compute_gather_elements(Op, const Attributes& attributes, InputTensors inputs,
                                     std::span<Tensor> outputs) {
    const auto axis = std::get<Axis>(attributes).axis;
    BOOST_OUTCOME_TRY(const auto places, element_places(*inputs[1], inputs[0]->shape(), axis));
    dispatch(outputs[0].element(), [&](auto type) {
        using T = decltype(type);
        const auto x = elements<T>(*inputs[0]);
        const auto y = elements<T>(outputs[0]);
        for (std::size_t i = 0; i < y.size(); ++i)
            y[i] = x[places[i]];
    });
    return success();
}

OutputTypes infer_gather_nd(Op, const Attributes& attributes, InputTypes inputs) {
    const auto batch = std::get<BatchDims>(attributes).count;
    const auto& x = inputs[0]->shape;
    const auto& i = inputs[1]->shape;
    BOOST_OUTCOME_TRYV(expect(*inputs[1], ElementType::i64, "indices"));
    const auto unfit = [&] {
        return Error{GraphError::shape_invalid, "data " + to_string(x) + ", indices " + to_string(i)};
    };
    if (i.empty() || batch < 0 || batch >= static_cast<std::int64_t>(i.size()) ||
        batch >= static_cast<std::int64_t>(x.size()))
        return unfit();
    const auto depth = i.back();
    if (depth < 1 || depth > static_cast<std::int64_t>(x.size()) - batch) return unfit();
    if (!std::equal(i.begin(), i.begin() + batch, x.begin())) return unfit();
    Shape shape(i.begin(), i.end() - 1);
    shape.insert(shape.end(), x.begin() + batch + depth, x.end());
    return one_output({inputs[0]->element, std::move(shape)});
}

Result<void> compute_gather_nd(Op, const Attributes& attributes, InputTensors inputs,
                               std::span<Tensor> outputs) {
    const auto batch = static_cast<std::size_t>(std::get<BatchDims>(attributes).count);
    const auto& shape = inputs[0]->shape();
    BOOST_OUTCOME_TRY(const auto places, tuple_places(*inputs[1], shape, batch));
    const auto depth = static_cast<std::size_t>(inputs[1]->shape().back());
    const auto inner = product(shape, batch + depth, shape.size());
    dispatch(outputs[0].element(), [&](auto type) {
        using T = decltype(type);
        const T* x = elements<T>(*inputs[0]).data();
        T* y = elements<T>(outputs[0]).data();
        for (const auto place : places) {
            std::copy_n(x + place, inner, y);
            y += inner;
        }
    });
    return success();
}

}  // namespace valence::ml::real
