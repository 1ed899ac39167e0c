// MatMul with batches, transposed operands and a bias.
#include "valence/ml/float_graph/ops/families.hpp"
#include "valence/ml/float_graph/ops/gemm.hpp"
#include "valence/ml/float_graph/ops/strided.hpp"
#include "valence/ml/float_graph/ops/typing.hpp"

namespace valence::ml::real {
namespace {

struct Sizes {
    std::int64_t m, n, k;
};

Sizes sizes_of(const MatMulAttributes& attributes, const Shape& a, const Shape& b) {
    const auto ra = a.size();
    const auto rb = b.size();
    return {attributes.transpose_a ? a[ra - 1] : a[ra - 2], attributes.transpose_b ? b[rb - 2] : b[rb - 1],
            attributes.transpose_a ? a[ra - 2] : a[ra - 1]};
}

Shape leading(const Shape& shape) { return {shape.begin(), shape.end() - 2}; }

/// Strides over the batch axes, in elements.
Shape batch_strides(const Shape& shape, const Shape& batch) {
    auto strides = broadcast_strides(leading(shape), batch);
    for (auto& s : strides)
        s *= shape[shape.size() - 2] * shape[shape.size() - 1];
    return strides;
}

float dot(const float* a, const float* b, std::int64_t n) {
    double sum = 0;
    for (std::int64_t i = 0; i < n; ++i)
        sum += static_cast<double>(a[i]) * static_cast<double>(b[i]);
    return static_cast<float>(sum);
}

/// Below so many rows it costs less to take inner products than to transpose B.
constexpr std::int64_t kFewRows = 4;

}  // namespace

OutputTypes infer_matmul(Op, const Attributes& attributes, InputTypes inputs) {
    const auto& a = inputs[0]->shape;
    const auto& b = inputs[1]->shape;
    for (const auto* input : inputs)
        if (input != nullptr) {
            BOOST_OUTCOME_TRYV(expect(*input, ElementType::f32, "operand"));
        }
    if (a.size() < 2 || b.size() < 2)
        return Error{GraphError::shape_invalid, "operands " + to_string(a) + " and " + to_string(b)};
    const auto& matmul = std::get<MatMulAttributes>(attributes);
    const auto [m, n, k] = sizes_of(matmul, a, b);
    const auto rb = b.size();
    if ((matmul.transpose_b ? b[rb - 1] : b[rb - 2]) != k)
        return Error{GraphError::shape_invalid,
                     "inner sizes of " + to_string(a) + " and " + to_string(b) + " differ"};
    BOOST_OUTCOME_TRY(auto shape, broadcast(leading(a), leading(b)));
    shape.push_back(m);
    shape.push_back(n);
    if (inputs.size() > 2 && inputs[2] != nullptr) {
        BOOST_OUTCOME_TRY(const auto sum, broadcast(shape, inputs[2]->shape));
        BOOST_OUTCOME_TRYV(expect_equal(sum, shape, "sum with the bias"));
    }
    return one_output({ElementType::f32, std::move(shape)});
}

Result<void> compute_matmul(Op, const Attributes& attributes, InputTensors inputs,
                            std::span<Tensor> outputs) {
    const auto& matmul = std::get<MatMulAttributes>(attributes);
    const auto& a_shape = inputs[0]->shape();
    const auto& b_shape = inputs[1]->shape();
    const auto [m, n, k] = sizes_of(matmul, a_shape, b_shape);
    const auto y = outputs[0].f32();
    if (y.empty()) return success();
    const auto& out_shape = outputs[0].shape();
    if (inputs.size() > 2 && inputs[2] != nullptr) {
        const auto bias = inputs[2]->f32();
        for_each_run<2>(out_shape, {broadcast_strides(inputs[2]->shape(), out_shape), strides_of(out_shape)},
                        [&](const auto& at, std::int64_t count, const auto& step) {
                            for (std::int64_t i = 0; i < count; ++i)
                                y[at[1] + i] = bias[at[0] + i * step[0]];
                        });
    }
    if (k == 0) return success();

    const auto batch = leading(out_shape);
    const bool dots = matmul.transpose_b && m < kFewRows;
    std::vector<float> a_turned(matmul.transpose_a ? static_cast<std::size_t>(m * k) : 0);
    std::vector<float> b_turned(matmul.transpose_b && !dots ? static_cast<std::size_t>(n * k) : 0);
    std::int64_t b_turned_from = -1;
    auto out_strides = strides_of(batch);
    for (auto& s : out_strides)
        s *= m * n;
    for_each_run<3>(batch, {batch_strides(a_shape, batch), batch_strides(b_shape, batch), out_strides},
                    [&](const auto& at, std::int64_t count, const auto& step) {
                        for (std::int64_t i = 0; i < count; ++i) {
                            const float* a = inputs[0]->f32().data() + at[0] + i * step[0];
                            const auto b_at = at[1] + i * step[1];
                            const float* b = inputs[1]->f32().data() + b_at;
                            float* c = y.data() + at[2] + i * step[2];
                            if (matmul.transpose_a) {
                                transpose_matrix(k, m, a, a_turned.data());
                                a = a_turned.data();
                            }
                            if (dots) {
                                for (std::int64_t r = 0; r < m; ++r)
                                    for (std::int64_t q = 0; q < n; ++q)
                                        c[r * n + q] += dot(a + r * k, b + q * k, k);
                                continue;
                            }
                            if (matmul.transpose_b) {
                                if (b_turned_from != b_at) transpose_matrix(n, k, b, b_turned.data());
                                b_turned_from = b_at;
                                b = b_turned.data();
                            }
                            multiply_add(m, n, k, a, b, c);
                        }
                    });
    return success();
}

}  // namespace valence::ml::real
