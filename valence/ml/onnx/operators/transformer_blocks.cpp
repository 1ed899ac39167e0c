// Parts of transformers as single operators: attention, embeddings, rotations of ONNX and onnxruntime.
#include <cmath>

#include "valence/ml/onnx/operator_table.hpp"
#include "valence/ml/onnx/operators/attention.hpp"
#include "valence/ml/onnx/operators/quantised_values.hpp"

namespace valence::ml::onnx_import {
namespace {

using ::onnx::TensorProto;
using real::NoAttributes;

/// What onnxruntime lowers hidden scores by if nothing else is said.
constexpr float kHidden = -10000;

/// 1/√H for a scale of 0.
double scale_of(float given, std::int64_t head) {
    return given != 0 ? static_cast<double>(given) : 1 / std::sqrt(static_cast<double>(head));
}

Result<ValueId> added(real::GraphBuilder& build, ValueId x, ValueId bias) {
    if (bias == kAbsent) return x;
    if (x == kAbsent) return bias;
    return build.add_one(Op::add, NoAttributes{}, {x, bias});
}

/// [B, N, T, H] behind the past's, if there is one.
Result<ValueId> continued(real::GraphBuilder& build, ValueId past, ValueId x) {
    if (past == kAbsent) return x;
    return build.add_one(Op::concat, real::Axis{2}, {past, x});
}

/// The rest of Attention and QAttention, from the products q, k, v side by side: [B, S, 3·D].
Result<void> self_attention(NodeContext& node, ValueId product, std::size_t mask_at, std::size_t past_at,
                            std::size_t bias_at) {
    auto& build = node.build();
    BOOST_OUTCOME_TRY(const auto count, node.integer("num_heads", 0));
    BOOST_OUTCOME_TRY(const auto one_way, node.integer("unidirectional", 0));
    BOOST_OUTCOME_TRY(const auto hidden, node.number("mask_filter_value", kHidden));
    BOOST_OUTCOME_TRY(const auto scale, node.number("scale", 0));
    BOOST_OUTCOME_TRY(auto sizes, node.integers("qkv_hidden_sizes"));
    for (const auto* name : {"do_rotary", "past_present_share_buffer"}) {
        BOOST_OUTCOME_TRY(const auto asked, node.integer(name, 0));
        if (asked != 0) return unsupported(std::string{name} + " = 1");
    }
    node.ignore("rotary_embedding_dim");
    if (node.has(past_at)) return unsupported("a past");
    const auto shape = build.shape(product);
    if (shape.size() != 3) return invalid("input " + to_string(shape));
    if (sizes.empty()) sizes.assign(3, shape[2] / 3);
    if (sizes.size() != 3 || sizes[0] + sizes[1] + sizes[2] != shape[2])
        return invalid("qkv_hidden_sizes " + to_string(sizes));
    ValueId parts[3];
    std::int64_t first = 0;
    for (std::size_t i = 0; i < 3; ++i) {
        BOOST_OUTCOME_TRY(const auto part, part_of(build, product, 2, first, sizes[i]));
        BOOST_OUTCOME_TRY(parts[i], split_heads(build, part, count));
        first += sizes[i];
    }
    ValueId bias = node.input(bias_at);
    if (node.has(mask_at)) {
        BOOST_OUTCOME_TRY(const auto mask, mask_bias(build, node.input(mask_at), shape[0], shape[1],
                                                     static_cast<double>(hidden)));
        BOOST_OUTCOME_TRY(bias, added(build, bias, mask));
    }
    Heads heads{parts[0], parts[1], parts[2], bias, scale_of(scale, sizes[0] / count)};
    if (one_way != 0) heads.hidden = static_cast<double>(hidden);
    BOOST_OUTCOME_TRY(const auto y, attend(build, heads));
    BOOST_OUTCOME_TRY(const auto joined, join_heads(build, y));
    node.set(0, joined, TensorProto::FLOAT);
    if (node.wants(1)) return unsupported("the keys and values are asked for");
    return success();
}

/// com.microsoft.Attention: (x[B, S, D], w, bias?, mask?, past?, attention bias?)
Result<void> attention_runtime(NodeContext& node) {
    BOOST_OUTCOME_TRYV(node.require(2));
    auto& build = node.build();
    std::vector<ValueId> operands{node.input(0), node.input(1)};
    if (node.has(2)) operands.push_back(node.input(2));
    BOOST_OUTCOME_TRY(const auto product,
                      build.add_one(Op::matmul, real::MatMulAttributes{}, std::move(operands)));
    return self_attention(node, product, 3, 4, 5);
}

/// com.microsoft.QAttention: (x, w, bias, x scale, w scale, mask?, x zero?, w zero?, past?)
Result<void> attention_quantised(NodeContext& node) {
    BOOST_OUTCOME_TRYV(node.require(5));
    auto& build = node.build();
    BOOST_OUTCOME_TRY(const auto x, dequantised(node, 0, 3, 6, -1));
    BOOST_OUTCOME_TRY(const auto w, dequantised(node, 1, 4, 7, -1));
    BOOST_OUTCOME_TRY(const auto product,
                      build.add_one(Op::matmul, real::MatMulAttributes{}, {x, w, node.input(2)}));
    return self_attention(node, product, 5, 8, node.input_count());
}

/// com.microsoft.MultiHeadAttention: (q[B, S, D], k, v, bias?, mask?, attention bias?, past k?, past v?); k
/// and v may have their heads split.
Result<void> multi_head_attention(NodeContext& node) {
    BOOST_OUTCOME_TRYV(node.require(1));
    auto& build = node.build();
    BOOST_OUTCOME_TRY(const auto count, node.integer("num_heads", 0));
    BOOST_OUTCOME_TRY(const auto one_way, node.integer("unidirectional", 0));
    BOOST_OUTCOME_TRY(const auto hidden, node.number("mask_filter_value", kHidden));
    BOOST_OUTCOME_TRY(const auto scale, node.number("scale", 0));
    if (!node.has(1) || !node.has(2) || node.shape(0).size() != 3)
        return unsupported("queries, keys and values in one input");
    for (std::size_t i = 8; i < node.input_count(); ++i)
        if (node.has(i)) return unsupported("input " + std::to_string(i));
    ValueId parts[3];
    std::int64_t first = 0;
    for (std::size_t i = 0; i < 3; ++i) {
        auto x = node.input(i);
        const bool is_split = node.shape(i).size() == 4;
        if (node.has(3)) {
            if (is_split) return unsupported("a bias of keys whose heads are split");
            const auto size = node.shape(i).back();
            BOOST_OUTCOME_TRY(const auto bias, part_of(build, node.input(3), 0, first, size));
            BOOST_OUTCOME_TRY(x, added(build, x, bias));
            first += size;
        }
        if (!is_split) {
            BOOST_OUTCOME_TRY(x, split_heads(build, x, count));
        }
        parts[i] = x;
    }
    BOOST_OUTCOME_TRY(const auto k, continued(build, node.input(6), parts[1]));
    BOOST_OUTCOME_TRY(const auto v, continued(build, node.input(7), parts[2]));
    auto bias = node.input(5);
    if (node.has(4)) {
        BOOST_OUTCOME_TRY(const auto mask, mask_bias(build, node.input(4), node.shape(0)[0],
                                                     build.shape(k)[2], static_cast<double>(hidden)));
        BOOST_OUTCOME_TRY(bias, added(build, bias, mask));
    }
    Heads heads{parts[0], k, v, bias, scale_of(scale, build.shape(parts[0])[3])};
    if (one_way != 0) heads.hidden = static_cast<double>(hidden);
    BOOST_OUTCOME_TRY(const auto y, attend(build, heads));
    BOOST_OUTCOME_TRY(const auto joined, join_heads(build, y));
    node.set(0, joined);
    if (node.wants(1)) node.set(1, k);
    if (node.wants(2)) node.set(2, v);
    return success();
}

/// Attention of opset 23: (Q, K, V, mask?, past K?, past V?), heads split or side by side.
Result<void> attention(NodeContext& node) {
    BOOST_OUTCOME_TRYV(node.require(3));
    auto& build = node.build();
    BOOST_OUTCOME_TRY(const auto causal, node.integer("is_causal", 0));
    BOOST_OUTCOME_TRY(const auto softcap, node.number("softcap", 0));
    BOOST_OUTCOME_TRY(const auto scale, node.number("scale", 0));
    BOOST_OUTCOME_TRY(const auto mode, node.integer("qk_matmul_output_mode", 0));
    BOOST_OUTCOME_TRY(const auto q_heads, node.integer("q_num_heads", 0));
    BOOST_OUTCOME_TRY(const auto kv_heads, node.integer("kv_num_heads", 0));
    node.ignore("softmax_precision");
    if (mode != 0 || node.wants(3)) return unsupported("the scores are asked for");
    if (node.has(6)) return unsupported("numbers of keys that hold (nonpad_kv_seqlen)");
    const bool joined = node.shape(0).size() == 3;
    ValueId parts[3];
    for (std::size_t i = 0; i < 3; ++i) {
        parts[i] = node.input(i);
        if (!joined) continue;
        BOOST_OUTCOME_TRY(parts[i], split_heads(build, parts[i], i == 0 ? q_heads : kv_heads));
    }
    BOOST_OUTCOME_TRY(const auto k, continued(build, node.input(4), parts[1]));
    BOOST_OUTCOME_TRY(const auto v, continued(build, node.input(5), parts[2]));
    auto bias = node.input(3);
    if (bias != kAbsent && node.type(3).element == ElementType::boolean) {
        BOOST_OUTCOME_TRY(const auto zero, build.scalar(0, ElementType::f32));
        BOOST_OUTCOME_TRY(const auto low, build.scalar(kHidden, ElementType::f32));
        BOOST_OUTCOME_TRY(bias, build.add_one(Op::where, NoAttributes{}, {bias, zero, low}));
    }
    if (build.shape(parts[0]).size() != 4) return invalid("query " + to_string(node.shape(0)));
    Heads heads{parts[0], k, v, bias, scale_of(scale, build.shape(parts[0])[3])};
    // Without a past, the first query sees the first key.
    if (causal != 0 && build.shape(k)[2] != build.shape(parts[0])[2] && !node.has(4))
        return unsupported("is_causal = 1 with other numbers of queries and keys");
    if (causal != 0) heads.hidden = kHidden;
    heads.softcap = static_cast<double>(softcap);
    BOOST_OUTCOME_TRY(auto y, attend(build, heads));
    if (joined) {
        BOOST_OUTCOME_TRY(y, join_heads(build, y));
    }
    node.set(0, y);
    if (node.wants(1)) node.set(1, k);
    if (node.wants(2)) node.set(2, v);
    return success();
}

/// x[B, N, S, H] with pairs of its first 2·R features turned by angles of [B or 1, 1, S, R]; a pair is
/// features r and r + R, or 2r and 2r + 1.
Result<ValueId> turned(real::GraphBuilder& build, ValueId x, ValueId cosines, ValueId sines,
                       bool interleaved) {
    const auto shape = build.shape(x);
    const auto pairs = build.shape(cosines).back();
    if (2 * pairs > shape[3]) return invalid("more angles than pairs of features");
    BOOST_OUTCOME_TRY(const auto front, part_of(build, x, 3, 0, 2 * pairs));
    const Shape apart = interleaved ? Shape{shape[0], shape[1], shape[2], pairs, 2}
                                    : Shape{shape[0], shape[1], shape[2], 2, pairs};
    BOOST_OUTCOME_TRY(const auto paired, build.reshape(front, apart));
    const std::size_t axis = interleaved ? 4 : 3;
    ValueId halves[2];
    for (const std::int64_t i : {0, 1}) {
        BOOST_OUTCOME_TRY(const auto half, part_of(build, paired, axis, i, 1));
        BOOST_OUTCOME_TRY(halves[i], build.reshape(half, {shape[0], shape[1], shape[2], pairs}));
    }
    ValueId results[2];
    for (const int i : {0, 1}) {
        BOOST_OUTCOME_TRY(const auto straight, build.add_one(Op::mul, NoAttributes{}, {halves[i], cosines}));
        BOOST_OUTCOME_TRY(const auto across, build.add_one(Op::mul, NoAttributes{}, {halves[1 - i], sines}));
        BOOST_OUTCOME_TRY(const auto sum,
                          build.add_one(i == 0 ? Op::sub : Op::add, NoAttributes{}, {straight, across}));
        auto single = apart;
        single[axis] = 1;
        BOOST_OUTCOME_TRY(results[i], build.reshape(sum, single));
    }
    BOOST_OUTCOME_TRY(const auto together, build.add_one(Op::concat, real::Axis{static_cast<int>(axis)},
                                                         {results[0], results[1]}));
    BOOST_OUTCOME_TRY(const auto flat, build.reshape(together, {shape[0], shape[1], shape[2], 2 * pairs}));
    if (2 * pairs == shape[3]) return flat;
    BOOST_OUTCOME_TRY(const auto rest, part_of(build, x, 3, 2 * pairs, shape[3] - 2 * pairs));
    return build.add_one(Op::concat, real::Axis{3}, {flat, rest});
}

/// RotaryEmbedding of opset 23, (x, cosines, sines, positions?), and onnxruntime's, (x, positions, cosines,
/// sines).
Result<void> rotary(NodeContext& node, std::size_t positions_at, std::size_t cosines_at,
                    std::size_t sines_at) {
    BOOST_OUTCOME_TRYV(node.require(3));
    auto& build = node.build();
    BOOST_OUTCOME_TRY(const auto interleaved, node.integer("interleaved", 0));
    BOOST_OUTCOME_TRY(const auto count, node.integer("num_heads", 0));
    BOOST_OUTCOME_TRY(const auto width, node.integer("rotary_embedding_dim", 0));
    if (!node.has(cosines_at) || !node.has(sines_at)) return invalid("no cosines or sines");
    const bool joined = node.shape(0).size() == 3;
    auto x = node.input(0);
    if (joined) {
        const auto head = width > 0 ? width : 2 * node.shape(cosines_at).back();
        if (count == 0 && (head < 1 || node.shape(0)[2] % head != 0)) return invalid("no number of heads");
        BOOST_OUTCOME_TRY(x, split_heads(build, x, count > 0 ? count : node.shape(0)[2] / head));
    }
    const auto shape = build.shape(x);
    if (shape.size() != 4) return invalid("input " + to_string(shape));
    ValueId angles[2]{node.input(cosines_at), node.input(sines_at)};
    for (ValueId& table : angles) {
        if (node.has(positions_at)) {
            auto positions = node.input(positions_at);
            if (build.shape(positions) == Shape{1}) {
                // One number: where the first position is.
                Tensor places(real::TensorType{ElementType::i64, {1, shape[2]}});
                for (std::int64_t s = 0; s < shape[2]; ++s)
                    places.i64()[static_cast<std::size_t>(s)] = s;
                BOOST_OUTCOME_TRY(const auto row, build.add_constant(std::move(places)));
                BOOST_OUTCOME_TRY(positions, build.add_one(Op::add, NoAttributes{}, {row, positions}));
            }
            BOOST_OUTCOME_TRY(table, build.add_one(Op::gather, real::Axis{0}, {table, positions}));
        }
        const auto rows = build.shape(table);
        if (rows.size() != 3 || rows[1] != shape[2]) return invalid("angles " + to_string(rows));
        BOOST_OUTCOME_TRY(table, build.reshape(table, {rows[0], 1, rows[1], rows[2]}));
    }
    BOOST_OUTCOME_TRY(auto y, turned(build, x, angles[0], angles[1], interleaved != 0));
    if (joined) {
        BOOST_OUTCOME_TRY(y, join_heads(build, y));
    }
    node.set(0, y);
    return success();
}

Result<void> rotary_standard(NodeContext& node) { return rotary(node, 3, 1, 2); }

Result<void> rotary_runtime(NodeContext& node) {
    BOOST_OUTCOME_TRY(const auto packed, node.integer("is_packed_batching", 0));
    BOOST_OUTCOME_TRY(const auto scale, node.number("scale", 1));
    if (packed != 0) return unsupported("is_packed_batching = 1");
    if (scale != 1) return unsupported("a scale");
    return rotary(node, 1, 2, 3);
}

/// com.microsoft.EmbedLayerNormalization: (tokens, segments?, words, positions, segment table?, gamma, beta,
/// mask?, places?) → (norm, counts of the mask?, sum?)
Result<void> embed_layer_norm(NodeContext& node) {
    for (const std::size_t i : {0U, 2U, 3U, 5U, 6U})
        if (!node.has(i)) return invalid("input " + std::to_string(i) + " is missing");
    auto& build = node.build();
    BOOST_OUTCOME_TRY(const auto epsilon, node.number("epsilon", 1e-12F));
    node.ignore("mask_index_type");
    const auto tokens = node.shape(0);
    if (tokens.size() != 2 || node.shape(3).size() != 2 || tokens[1] > node.shape(3)[0])
        return invalid("tokens " + to_string(tokens));
    BOOST_OUTCOME_TRY(auto sum, build.add_one(Op::gather, real::Axis{0}, {node.input(2), node.input(0)}));
    ValueId places;
    if (node.has(8)) {
        BOOST_OUTCOME_TRY(places, build.add_one(Op::gather, real::Axis{0}, {node.input(3), node.input(8)}));
    } else {
        BOOST_OUTCOME_TRY(places, part_of(build, node.input(3), 0, 0, tokens[1]));
    }
    BOOST_OUTCOME_TRY(sum, added(build, sum, places));
    if (node.has(1) && node.has(4)) {
        BOOST_OUTCOME_TRY(const auto segments,
                          build.add_one(Op::gather, real::Axis{0}, {node.input(4), node.input(1)}));
        BOOST_OUTCOME_TRY(sum, added(build, sum, segments));
    }
    BOOST_OUTCOME_TRYV(node.result(Op::layer_norm, real::NormAttributes{2, 1, epsilon},
                                   {sum, node.input(5), node.input(6)}));
    if (node.wants(1)) {
        if (node.has(7)) {
            BOOST_OUTCOME_TRY(const auto counts,
                              build.add_one(Op::reduce_sum, real::ReducedAxes{{1}, false}, {node.input(7)}));
            node.set(1, counts, TensorProto::INT32);
        } else {
            BOOST_OUTCOME_TRY(
                const auto none,
                build.add_constant(
                    Tensor({tokens[0]}, std::vector<std::int64_t>(static_cast<std::size_t>(tokens[0]), 0))));
            node.set(1, none, TensorProto::INT32);
        }
    }
    if (node.wants(2)) node.set(2, sum);
    return success();
}

constexpr OnnxOperator kTransformerRows[] = {
    {"", "Attention", 23, Tier::two, attention},
    {"", "RotaryEmbedding", 23, Tier::two, rotary_standard},
    {"com.microsoft", "Attention", 1, Tier::two, attention_runtime},
    {"com.microsoft", "QAttention", 1, Tier::two, attention_quantised},
    {"com.microsoft", "MultiHeadAttention", 1, Tier::two, multi_head_attention},
    {"com.microsoft", "RotaryEmbedding", 1, Tier::two, rotary_runtime},
    {"com.microsoft", "EmbedLayerNormalization", 1, Tier::two, embed_layer_norm},
};

}  // namespace

std::span<const OnnxOperator> transformer_operators() { return kTransformerRows; }

}  // namespace valence::ml::onnx_import
