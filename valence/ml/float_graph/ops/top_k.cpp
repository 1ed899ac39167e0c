// TopK: sorted, ties to the lower place, not-a-number behind everything.
#include <cmath>
#include <numeric>

#include "valence/ml/float_graph/ops/families.hpp"
#include "valence/ml/float_graph/ops/typing.hpp"

namespace valence::ml::real {
namespace {

/// Whether x comes before z; a strict weak order also with not-a-number among the values.
template <typename T>
bool before(T x, T z, bool largest) {
    if constexpr (std::is_same_v<T, float>) {
        if (std::isnan(x) || std::isnan(z)) return !std::isnan(x) && std::isnan(z);
    }
    return largest ? x > z : x < z;
}

template <typename T>
void select(const TopKAttributes& top, const Tensor& x, Tensor& values, Tensor& places) {
    const auto axis = static_cast<std::size_t>(top.axis);
    const auto outer = product(x.shape(), 0, axis);
    const auto inner = product(x.shape(), axis + 1, x.shape().size());
    const auto length = x.shape()[axis];
    const auto in = elements<T>(x);
    const auto out = elements<T>(values);
    std::vector<std::int64_t> order(static_cast<std::size_t>(length));
    for (std::int64_t o = 0; o < outer; ++o)
        for (std::int64_t i = 0; i < inner; ++i) {
            const T* line = in.data() + o * length * inner + i;
            std::iota(order.begin(), order.end(), 0);
            std::partial_sort(order.begin(), order.begin() + top.k, order.end(), [&](auto p, auto q) {
                const T a = line[p * inner];
                const T b = line[q * inner];
                if (before(a, b, top.largest)) return true;
                return !before(b, a, top.largest) && p < q;
            });
            for (std::int64_t j = 0; j < top.k; ++j) {
                const auto to = (o * top.k + j) * inner + i;
                out[to] = line[order[static_cast<std::size_t>(j)] * inner];
                places.i64()[to] = order[static_cast<std::size_t>(j)];
            }
        }
}

}  // namespace

OutputTypes infer_top_k(Op, const Attributes& attributes, InputTypes inputs) {
    const auto& top = std::get<TopKAttributes>(attributes);
    auto type = *inputs[0];
    BOOST_OUTCOME_TRYV(expect_axis(top.axis, type.shape));
    if (type.element == ElementType::boolean) return Error{GraphError::type_invalid, "input is bool"};
    auto& extent = type.shape[static_cast<std::size_t>(top.axis)];
    if (top.k < 0 || top.k > extent)
        return Error{GraphError::shape_invalid,
                     "the top " + std::to_string(top.k) + " of " + std::to_string(extent)};
    extent = top.k;
    std::vector<TensorType> types{type, {ElementType::i64, type.shape}};
    return types;
}

Result<void> compute_top_k(Op, const Attributes& attributes, InputTensors inputs, std::span<Tensor> outputs) {
    const auto& top = std::get<TopKAttributes>(attributes);
    if (inputs[0]->element() == ElementType::f32)
        select<float>(top, *inputs[0], outputs[0], outputs[1]);
    else
        select<std::int64_t>(top, *inputs[0], outputs[0], outputs[1]);
    return success();
}

}  // namespace valence::ml::real
