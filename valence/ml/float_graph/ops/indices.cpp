#include "valence/ml/float_graph/ops/indices.hpp"

#include "valence/ml/float_graph/ops/typing.hpp"
#include "valence/ml/float_graph/ops/windows.hpp"

namespace valence::ml::real {
namespace {

Result<std::int64_t> resolve(std::int64_t index, std::int64_t extent) {
    if (index < -extent || index >= extent)
        return Error{GraphError::value_invalid,
                     "index " + std::to_string(index) + " on an axis of extent " + std::to_string(extent)};
    return index < 0 ? index + extent : index;
}

}  // namespace

Result<std::vector<std::int64_t>> resolve_indices(std::span<const std::int64_t> indices,
                                                  std::int64_t extent) {
    std::vector<std::int64_t> places;
    places.reserve(indices.size());
    for (const auto index : indices) {
        BOOST_OUTCOME_TRY(const auto place, resolve(index, extent));
        places.push_back(place);
    }
    return places;
}

Result<void> expect_within(const Shape& indices, const Shape& shape, std::int64_t axis) {
    bool fits = indices.size() == shape.size();
    for (std::size_t i = 0; fits && i < shape.size(); ++i)
        fits = static_cast<std::int64_t>(i) == axis || indices[i] <= shape[i];
    if (fits) return success();
    return Error{GraphError::shape_invalid, "indices " + to_string(indices) + " into " + to_string(shape)};
}

Result<std::vector<std::int64_t>> element_places(const Tensor& indices, const Shape& shape,
                                                 std::int64_t axis) {
    const auto strides = strides_of(shape);
    const auto values = indices.i64();
    const auto along = static_cast<std::size_t>(axis);
    std::vector<std::int64_t> places;
    places.reserve(values.size());
    bool outside = false;
    for_each_index(indices.shape(), [&](const Shape& at) {
        const auto index = resolve(values[places.size()], shape[along]);
        outside = outside || !index;
        std::int64_t place = index ? index.value() * strides[along] : 0;
        for (std::size_t i = 0; i < at.size(); ++i)
            if (i != along) place += at[i] * strides[i];
        places.push_back(place);
    });
    if (outside) return Error{GraphError::value_invalid, "an index outside its axis"};
    return places;
}

Result<std::vector<std::int64_t>> tuple_places(const Tensor& indices, const Shape& shape, std::size_t batch) {
    const auto strides = strides_of(shape);
    const auto values = indices.i64();
    const auto depth = static_cast<std::size_t>(indices.shape().back());
    const auto tuples = values.size() / depth;
    const auto batches = static_cast<std::size_t>(product(shape, 0, batch));
    const auto batch_stride = product(shape, batch, shape.size());
    std::vector<std::int64_t> places;
    places.reserve(tuples);
    for (std::size_t t = 0; t < tuples; ++t) {
        auto place = static_cast<std::int64_t>(t / (tuples / batches)) * batch_stride;
        for (std::size_t i = 0; i < depth; ++i) {
            BOOST_OUTCOME_TRY(const auto index, resolve(values[t * depth + i], shape[batch + i]));
            place += index * strides[batch + i];
        }
        places.push_back(place);
    }
    return places;
}

}  // namespace valence::ml::real
