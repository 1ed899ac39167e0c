#include "valence/ml/onnx/operators/attention.hpp"

#include <cmath>
#include <numeric>

namespace valence::ml::onnx_import {
namespace {

using real::MatMulAttributes;
using real::NoAttributes;

/// [B, M, T, H] → [B, N, T, H], each head N/M times in a row.
Result<ValueId> repeat_heads(real::GraphBuilder& build, ValueId x, std::int64_t heads) {
    const auto shape = build.shape(x);
    if (shape[1] == heads) return x;
    if (shape[1] < 1 || heads % shape[1] != 0)
        return invalid(std::to_string(heads) + " heads of queries over " + std::to_string(shape[1]));
    BOOST_OUTCOME_TRY(const auto column, build.reshape(x, {shape[0], shape[1], 1, shape[2], shape[3]}));
    BOOST_OUTCOME_TRY(const auto wide,
                      build.expand(column, {shape[0], shape[1], heads / shape[1], shape[2], shape[3]}));
    return build.reshape(wide, {shape[0], heads, shape[2], shape[3]});
}

/// 0 where query s of S sees key t of T, else `hidden`.
Result<ValueId> causal_bias(real::GraphBuilder& build, std::int64_t queries, std::int64_t keys,
                            double hidden) {
    Tensor bias(real::TensorType{ElementType::f32, {queries, keys}});
    for (std::int64_t s = 0; s < queries; ++s)
        for (std::int64_t t = 0; t < keys; ++t)
            bias.f32()[static_cast<std::size_t>(s * keys + t)] =
                t <= s + keys - queries ? 0.0F : static_cast<float>(hidden);
    return build.add_constant(std::move(bias));
}

}  // namespace

Result<ValueId> attend(real::GraphBuilder& build, const Heads& heads) {
    const auto q = build.shape(heads.q);
    const auto k = build.shape(heads.k);
    if (q.size() != 4 || k.size() != 4 || build.shape(heads.v).size() != 4)
        return invalid("operands " + to_string(q) + ", " + to_string(k));
    BOOST_OUTCOME_TRY(const auto keys, repeat_heads(build, heads.k, q[1]));
    BOOST_OUTCOME_TRY(const auto values, repeat_heads(build, heads.v, q[1]));
    BOOST_OUTCOME_TRY(auto scores, build.add_one(Op::matmul, MatMulAttributes{false, true}, {heads.q, keys}));
    if (heads.scale != 1) {
        BOOST_OUTCOME_TRY(scores, build.with_scalar(Op::mul, scores, heads.scale));
    }
    if (heads.softcap != 0) {
        BOOST_OUTCOME_TRY(const auto narrowed, build.with_scalar(Op::mul, scores, 1 / heads.softcap));
        BOOST_OUTCOME_TRY(const auto bent, build.add_one(Op::tanh, NoAttributes{}, {narrowed}));
        BOOST_OUTCOME_TRY(scores, build.with_scalar(Op::mul, bent, heads.softcap));
    }
    if (heads.bias != kAbsent) {
        BOOST_OUTCOME_TRY(scores, build.add_one(Op::add, NoAttributes{}, {scores, heads.bias}));
    }
    if (heads.hidden != 0) {
        BOOST_OUTCOME_TRY(const auto bias, causal_bias(build, q[2], k[2], heads.hidden));
        BOOST_OUTCOME_TRY(scores, build.add_one(Op::add, NoAttributes{}, {scores, bias}));
    }
    if (build.shape(scores) != Shape{q[0], q[1], q[2], k[2]})
        return invalid("scores " + to_string(build.shape(scores)));
    BOOST_OUTCOME_TRY(const auto shares, build.add_one(Op::softmax, real::Axis{3}, {scores}));
    return build.add_one(Op::matmul, MatMulAttributes{}, {shares, values});
}

Result<ValueId> split_heads(real::GraphBuilder& build, ValueId x, std::int64_t heads) {
    const auto shape = build.shape(x);
    if (shape.size() != 3 || heads < 1 || shape[2] % heads != 0)
        return invalid(to_string(shape) + " in " + std::to_string(heads) + " heads");
    BOOST_OUTCOME_TRY(const auto apart, build.reshape(x, {shape[0], shape[1], heads, shape[2] / heads}));
    return build.transpose(apart, {0, 2, 1, 3});
}

Result<ValueId> join_heads(real::GraphBuilder& build, ValueId x) {
    const auto shape = build.shape(x);
    BOOST_OUTCOME_TRY(const auto turned, build.transpose(x, {0, 2, 1, 3}));
    return build.reshape(turned, {shape[0], shape[2], shape[1] * shape[3]});
}

Result<ValueId> part_of(real::GraphBuilder& build, ValueId x, std::size_t axis, std::int64_t first,
                        std::int64_t size) {
    real::SliceAttributes slice{Shape(build.shape(x).size(), 0), Shape(build.shape(x).size(), 1),
                                build.shape(x)};
    slice.start[axis] = first;
    slice.size[axis] = size;
    return build.add_one(Op::slice, std::move(slice), {x});
}

Result<ValueId> mask_bias(real::GraphBuilder& build, ValueId mask, std::int64_t batch, std::int64_t keys,
                          double hidden) {
    const auto shape = build.shape(mask);
    BOOST_OUTCOME_TRY(auto seen, build.cast(mask, ElementType::f32));
    if (shape == Shape{batch}) {
        // Counts: key t holds if t < count.
        std::vector<float> places(static_cast<std::size_t>(keys));
        std::iota(places.begin(), places.end(), 0.0F);
        BOOST_OUTCOME_TRY(const auto row, build.add_constant(Tensor({1, keys}, std::move(places))));
        BOOST_OUTCOME_TRY(const auto column, build.reshape(seen, {batch, 1}));
        BOOST_OUTCOME_TRY(const auto holds, build.add_one(Op::less, NoAttributes{}, {row, column}));
        BOOST_OUTCOME_TRY(const auto real_holds, build.cast(holds, ElementType::f32));
        BOOST_OUTCOME_TRY(seen, build.reshape(real_holds, {batch, 1, 1, keys}));
    } else if (shape == Shape{batch, keys}) {
        BOOST_OUTCOME_TRY(seen, build.reshape(seen, {batch, 1, 1, keys}));
    } else if (shape.size() == 3 && shape[2] == keys) {
        BOOST_OUTCOME_TRY(seen, build.reshape(seen, {shape[0], 1, shape[1], keys}));
    } else if (shape.size() != 4 || shape[3] != keys) {
        return unsupported("a mask of shape " + to_string(shape));
    }
    BOOST_OUTCOME_TRY(const auto one, build.scalar(1, ElementType::f32));
    BOOST_OUTCOME_TRY(const auto unseen, build.add_one(Op::sub, NoAttributes{}, {one, seen}));
    return build.with_scalar(Op::mul, unseen, hidden);
}

}  // namespace valence::ml::onnx_import
