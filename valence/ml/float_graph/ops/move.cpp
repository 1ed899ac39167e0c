// Operators that only move elements: Concat, Split, Slice, Transpose, Reshape, Expand, Tile.
#include "valence/ml/float_graph/ops/families.hpp"
#include "valence/ml/float_graph/ops/strided.hpp"
#include "valence/ml/float_graph/ops/typing.hpp"

namespace valence::ml::real {
namespace {

/// y[…] = x[…], each walked with its own strides from its own start.
void copy_strided(const Tensor& from, std::int64_t from_start, const Shape& from_strides, Tensor& to,
                  std::int64_t to_start, const Shape& to_strides, const Shape& extents) {
    dispatch(to.element(), [&](auto type) {
        using T = decltype(type);
        const T* x = elements<T>(from).data() + from_start;
        T* y = elements<T>(to).data() + to_start;
        for_each_run<2>(extents, {from_strides, to_strides},
                        [&](const auto& at, std::int64_t n, const auto& step) {
                            for (std::int64_t i = 0; i < n; ++i)
                                y[at[1] + i * step[1]] = x[at[0] + i * step[0]];
                        });
    });
}

}  // namespace

OutputTypes infer_concat(Op, const Attributes& attributes, InputTypes inputs) {
    const auto axis = std::get<Axis>(attributes).axis;
    auto type = *inputs[0];
    BOOST_OUTCOME_TRYV(expect_axis(axis, type.shape));
    auto& total = type.shape[static_cast<std::size_t>(axis)];
    for (const auto* input : inputs.subspan(1)) {
        BOOST_OUTCOME_TRYV(expect(*input, type.element, "input"));
        auto shape = input->shape;
        if (shape.size() != type.shape.size())
            return Error{GraphError::shape_invalid, to_string(type) + " and " + to_string(*input)};
        const auto extent = shape[static_cast<std::size_t>(axis)];
        shape[static_cast<std::size_t>(axis)] = total;
        BOOST_OUTCOME_TRYV(expect_equal(shape, type.shape, "input"));
        if (extent > kMaxElements - total) return Error{GraphError::too_large, "sum of extents"};
        total += extent;
    }
    return one_output(std::move(type));
}

Result<void> compute_concat(Op, const Attributes& attributes, InputTensors inputs,
                            std::span<Tensor> outputs) {
    const auto axis = static_cast<std::size_t>(std::get<Axis>(attributes).axis);
    const auto strides = strides_of(outputs[0].shape());
    std::int64_t start = 0;
    for (const auto* input : inputs) {
        copy_strided(*input, 0, strides_of(input->shape()), outputs[0], start, strides, input->shape());
        start += input->shape()[axis] * strides[axis];
    }
    return success();
}

OutputTypes infer_split(Op, const Attributes& attributes, InputTypes inputs) {
    const auto& split = std::get<SplitAttributes>(attributes);
    BOOST_OUTCOME_TRYV(expect_axis(split.axis, inputs[0]->shape));
    const auto axis = static_cast<std::size_t>(split.axis);
    std::vector<TensorType> types;
    std::int64_t rest = inputs[0]->shape[axis];
    for (const auto size : split.sizes) {
        if (size < 0 || size > rest)
            return Error{GraphError::shape_invalid, "sizes " + to_string(split.sizes)};
        rest -= size;
        types.push_back(*inputs[0]);
        types.back().shape[axis] = size;
    }
    if (rest != 0 || types.empty())
        return Error{GraphError::shape_invalid,
                     "sizes " + to_string(split.sizes) + " of " + to_string(*inputs[0])};
    return types;
}

Result<void> compute_split(Op, const Attributes& attributes, InputTensors inputs, std::span<Tensor> outputs) {
    const auto axis = static_cast<std::size_t>(std::get<SplitAttributes>(attributes).axis);
    const auto strides = strides_of(inputs[0]->shape());
    std::int64_t start = 0;
    for (auto& output : outputs) {
        copy_strided(*inputs[0], start, strides, output, 0, strides_of(output.shape()), output.shape());
        start += output.shape()[axis] * strides[axis];
    }
    return success();
}

OutputTypes infer_slice(Op, const Attributes& attributes, InputTypes inputs) {
    const auto& slice = std::get<SliceAttributes>(attributes);
    const auto& x = *inputs[0];
    const auto rank = x.shape.size();
    if (slice.start.size() != rank || slice.step.size() != rank || slice.size.size() != rank)
        return Error{GraphError::shape_invalid, "slice of another rank than " + to_string(x)};
    for (std::size_t i = 0; i < rank; ++i) {
        const auto extent = x.shape[i];
        const auto size = slice.size[i];
        const auto step = slice.step[i];
        if (size < 0 || size > extent || step == 0)
            return Error{GraphError::shape_invalid, "slice size or step"};
        if (size == 0) continue;
        const auto start = slice.start[i];
        if (start < 0 || start >= extent) return Error{GraphError::shape_invalid, "slice start"};
        // |step|·(size − 1) places must remain before or after the start.
        const auto room = step > 0 ? extent - 1 - start : start;
        if (size > 1 && (step > 0 ? step > room / (size - 1) : step < -(room / (size - 1))))
            return Error{GraphError::shape_invalid, "slice leaves the tensor"};
    }
    return one_output({x.element, slice.size});
}

Result<void> compute_slice(Op, const Attributes& attributes, InputTensors inputs, std::span<Tensor> outputs) {
    if (outputs[0].count() == 0) return success();
    const auto& slice = std::get<SliceAttributes>(attributes);
    auto strides = strides_of(inputs[0]->shape());
    std::int64_t start = 0;
    for (std::size_t i = 0; i < strides.size(); ++i) {
        start += slice.start[i] * strides[i];
        strides[i] = slice.size[i] > 1 ? strides[i] * slice.step[i] : 0;
    }
    copy_strided(*inputs[0], start, strides, outputs[0], 0, strides_of(outputs[0].shape()),
                 outputs[0].shape());
    return success();
}

OutputTypes infer_transpose(Op, const Attributes& attributes, InputTypes inputs) {
    const auto& axes = std::get<Permutation>(attributes).axes;
    const auto& x = *inputs[0];
    if (axes.size() != x.shape.size())
        return Error{GraphError::shape_invalid, "permutation " + to_string(axes) + " of " + to_string(x)};
    Shape shape;
    std::uint64_t seen = 0;
    for (const auto axis : axes) {
        BOOST_OUTCOME_TRYV(expect_axis(axis, x.shape));
        const auto bit = std::uint64_t{1} << axis;
        if ((seen & bit) != 0) return Error{GraphError::shape_invalid, "permutation " + to_string(axes)};
        seen |= bit;
        shape.push_back(x.shape[static_cast<std::size_t>(axis)]);
    }
    return one_output({x.element, std::move(shape)});
}

Result<void> compute_transpose(Op, const Attributes& attributes, InputTensors inputs,
                               std::span<Tensor> outputs) {
    const auto own = strides_of(inputs[0]->shape());
    Shape strides;
    for (const auto axis : std::get<Permutation>(attributes).axes)
        strides.push_back(own[static_cast<std::size_t>(axis)]);
    copy_strided(*inputs[0], 0, strides, outputs[0], 0, strides_of(outputs[0].shape()), outputs[0].shape());
    return success();
}

OutputTypes infer_reshape(Op, const Attributes& attributes, InputTypes inputs) {
    const auto& shape = std::get<TargetShape>(attributes).shape;
    BOOST_OUTCOME_TRY(const auto count, checked_element_count(shape));
    if (count != inputs[0]->count())
        return Error{GraphError::shape_invalid, to_string(*inputs[0]) + " into " + to_string(shape)};
    return one_output({inputs[0]->element, shape});
}

Result<void> compute_reshape(Op, const Attributes&, InputTensors inputs, std::span<Tensor> outputs) {
    dispatch(outputs[0].element(), [&](auto type) {
        using T = decltype(type);
        const auto x = elements<T>(*inputs[0]);
        std::copy(x.begin(), x.end(), elements<T>(outputs[0]).begin());
    });
    return success();
}

OutputTypes infer_expand(Op, const Attributes& attributes, InputTypes inputs) {
    const auto& shape = std::get<TargetShape>(attributes).shape;
    BOOST_OUTCOME_TRYV(checked_element_count(shape));
    BOOST_OUTCOME_TRY(const auto both, broadcast(inputs[0]->shape, shape));
    BOOST_OUTCOME_TRYV(expect_equal(both, shape, "broadcast"));
    return one_output({inputs[0]->element, shape});
}

Result<void> compute_expand(Op, const Attributes&, InputTensors inputs, std::span<Tensor> outputs) {
    const auto& shape = outputs[0].shape();
    copy_strided(*inputs[0], 0, broadcast_strides(inputs[0]->shape(), shape), outputs[0], 0,
                 strides_of(shape), shape);
    return success();
}

OutputTypes infer_tile(Op, const Attributes& attributes, InputTypes inputs) {
    const auto& repeats = std::get<TileAttributes>(attributes).repeats;
    auto type = *inputs[0];
    if (repeats.size() != type.shape.size())
        return Error{GraphError::shape_invalid, "repeats " + to_string(repeats) + " of " + to_string(type)};
    for (std::size_t i = 0; i < repeats.size(); ++i) {
        if (repeats[i] < 0 || repeats[i] > kMaxElements)
            return Error{GraphError::shape_invalid, "repeats " + to_string(repeats)};
        if (type.shape[i] != 0 && repeats[i] > kMaxElements / type.shape[i])
            return Error{GraphError::too_large, "repeats " + to_string(repeats)};
        type.shape[i] *= repeats[i];
    }
    return one_output(std::move(type));
}

Result<void> compute_tile(Op, const Attributes& attributes, InputTensors inputs, std::span<Tensor> outputs) {
    // Both seen with two axes per axis: which repetition, and where in it.
    const auto& repeats = std::get<TileAttributes>(attributes).repeats;
    const auto& x = inputs[0]->shape();
    const auto from = strides_of(x);
    const auto to = strides_of(outputs[0].shape());
    Shape extents, from_strides, to_strides;
    for (std::size_t i = 0; i < x.size(); ++i) {
        extents.insert(extents.end(), {repeats[i], x[i]});
        from_strides.insert(from_strides.end(), {0, from[i]});
        to_strides.insert(to_strides.end(), {to[i] * x[i], to[i]});
    }
    copy_strided(*inputs[0], 0, from_strides, outputs[0], 0, to_strides, extents);
    return success();
}

}  // namespace valence::ml::real
