// Parts of transformers as single operators: every spelling of an attention computes the same.
#include <cmath>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "valence/ml/float_graph/executor.hpp"
#include "valence/ml/onnx/testing/model.hpp"

namespace valence::ml {
namespace {

using ::onnx::TensorProto;
using onnx_testing::attribute;
using onnx_testing::Model;
using ::testing::FloatNear;
using ::testing::Pointwise;

constexpr const char* kContributed = "com.microsoft";
constexpr std::int64_t kRows = 3;
constexpr std::int64_t kWidth = 8;
constexpr std::int64_t kHeads = 2;

std::vector<float> numbers(std::size_t count, unsigned seed) {
    std::mt19937 random(seed);
    std::normal_distribution<float> normal(0, 0.7F);
    std::vector<float> values(count);
    for (float& v : values)
        v = normal(random);
    return values;
}

std::vector<float> outputs_of(const Model& model, const std::vector<real::Tensor>& inputs) {
    const auto graph = model.import();
    if (!graph) {
        ADD_FAILURE() << graph.error().message();
        return {};
    }
    const auto y = FloatExecutor(graph.value()).run(inputs);
    if (!y) {
        ADD_FAILURE() << y.error().message();
        return {};
    }
    return {y.value()[0].f32().begin(), y.value()[0].f32().end()};
}

real::Tensor sequence() { return {{1, kRows, kWidth}, numbers(kRows * kWidth, 1)}; }

/// q, k and v from the same x: "q", "k", "v" of [1, 3, 8].
Model projected(std::int64_t opset) {
    Model model(opset);
    model.add_opset(kContributed, 1);
    model.input("x", {1, kRows, kWidth});
    for (const auto* name : {"q", "k", "v"}) {
        const auto weight = std::string{"w"} + name;
        model.weight(weight, {kWidth, kWidth}, numbers(kWidth * kWidth, static_cast<unsigned>(name[0])));
        model.node("MatMul", {"x", weight}, {name});
    }
    return model;
}

/// The attention spelt out, as an exporter does; the last key is hidden if `masked`.
std::vector<float> spelt(bool masked) {
    auto model = projected(17);
    model.integers("apart", {1, kRows, kHeads, kWidth / kHeads});
    model.integers("together", {1, kRows, kWidth});
    for (const auto* name : {"q", "k", "v"}) {
        model.node("Reshape", {name, "apart"}, {std::string{name} + "a"});
        attribute(model.node("Transpose", {std::string{name} + "a"}, {std::string{name} + "t"}), "perm",
                  std::vector<std::int64_t>{0, 2, name[0] == 'k' ? 3 : 1, name[0] == 'k' ? 1 : 3});
    }
    model.weight("scale", {}, {0.5F});  // 1/√4
    model.weight("mask", {1, 1, 1, kRows}, {0, 0, masked ? -10000.0F : 0.0F});
    model.node("MatMul", {"qt", "kt"}, {"raw"});
    model.node("Mul", {"raw", "scale"}, {"scaled"});
    model.node("Add", {"scaled", "mask"}, {"scores"});
    attribute(model.node("Softmax", {"scores"}, {"shares"}), "axis", std::int64_t{-1});
    model.node("MatMul", {"shares", "vt"}, {"mixed"});
    attribute(model.node("Transpose", {"mixed"}, {"turned"}), "perm", std::vector<std::int64_t>{0, 2, 1, 3});
    model.node("Reshape", {"turned", "together"}, {"y"});
    return outputs_of(model, {sequence()});
}

TEST(ImportTransformer, MultiHeadAttentionIsTheAttentionSpeltOut) {
    auto model = projected(17);
    attribute(model.node("MultiHeadAttention", {"q", "k", "v"}, {"y"}, kContributed), "num_heads", kHeads);
    EXPECT_THAT(outputs_of(model, {sequence()}), Pointwise(FloatNear(1e-5F), spelt(false)));
}

TEST(ImportTransformer, MasksAreFlagsOrCounts) {
    for (const bool counts : {false, true}) {
        auto model = projected(17);
        model.small_integers("mask", TensorProto::INT32, {1, kRows}, {1, 1, 0});
        model.small_integers("count", TensorProto::INT32, {1}, {2});
        attribute(model.node("MultiHeadAttention", {"q", "k", "v", "", counts ? "count" : "mask"}, {"y"},
                             kContributed),
                  "num_heads", kHeads);
        EXPECT_THAT(outputs_of(model, {sequence()}), Pointwise(FloatNear(1e-5F), spelt(true))) << counts;
    }
}

TEST(ImportTransformer, AttentionOfOpset23IsTheAttentionSpeltOut) {
    auto model = projected(23);
    auto* node = model.node("Attention", {"q", "k", "v"}, {"y"});
    attribute(node, "q_num_heads", kHeads);
    attribute(node, "kv_num_heads", kHeads);
    EXPECT_THAT(outputs_of(model, {sequence()}), Pointwise(FloatNear(1e-5F), spelt(false)));
}

TEST(ImportTransformer, AttentionMakesItsProductsItself) {
    Model model;
    model.add_opset(kContributed, 1);
    model.input("x", {1, kRows, kWidth});
    // The weights of q, k and v side by side.
    std::vector<float> weight(kWidth * 3 * kWidth);
    std::size_t part = 0;
    for (const char name : {'q', 'k', 'v'}) {
        const auto own = numbers(kWidth * kWidth, static_cast<unsigned>(name));
        for (std::size_t row = 0; row < kWidth; ++row)
            for (std::size_t column = 0; column < kWidth; ++column)
                weight[row * 3 * kWidth + part * kWidth + column] = own[row * kWidth + column];
        ++part;
    }
    model.weight("w", {kWidth, 3 * kWidth}, weight);
    attribute(model.node("Attention", {"x", "w"}, {"y"}, kContributed), "num_heads", kHeads);
    EXPECT_THAT(outputs_of(model, {sequence()}), Pointwise(FloatNear(1e-5F), spelt(false)));
}

TEST(ImportTransformer, NoQuerySeesKeysBehindIt) {
    auto model = projected(17);
    auto* node = model.node("MultiHeadAttention", {"q", "k", "v"}, {"y"}, kContributed);
    attribute(node, "num_heads", kHeads);
    attribute(node, "unidirectional", std::int64_t{1});
    const auto y = outputs_of(model, {sequence()});
    // The first row sees itself only, so it is its own value; the last sees all.
    Model value;
    value.input("x", {1, kRows, kWidth});
    value.weight("w", {kWidth, kWidth}, numbers(kWidth * kWidth, 'v'));
    value.node("MatMul", {"x", "w"}, {"y"});
    const auto v = outputs_of(value, {sequence()});
    const auto all = spelt(false);
    ASSERT_EQ(y.size(), all.size());
    for (std::size_t k = 0; k < kWidth; ++k) {
        EXPECT_NEAR(y[k], v[k], 1e-5F);
        EXPECT_NEAR(y[2 * kWidth + k], all[2 * kWidth + k], 1e-5F);
    }
}

TEST(ImportTransformer, RotationsTurnPairsOfFeatures) {
    for (const bool interleaved : {false, true}) {
        Model model(23);
        model.input("x", {1, 1, 1, 6});
        model.weight("cosines", {1, 1, 2}, {0, 1});
        model.weight("sines", {1, 1, 2}, {1, 0});
        auto* node = model.node("RotaryEmbedding", {"x", "cosines", "sines"}, {"y"});
        attribute(node, "interleaved", std::int64_t{interleaved ? 1 : 0});
        attribute(node, "rotary_embedding_dim", std::int64_t{4});
        // The first pair turns by a right angle, the second stays, what is behind them too.
        const auto y = outputs_of(model, {real::Tensor({1, 1, 1, 6}, std::vector<float>{1, 2, 3, 4, 5, 6})});
        EXPECT_EQ(
            y, (interleaved ? std::vector<float>{-2, 1, 3, 4, 5, 6} : std::vector<float>{-3, 2, 1, 4, 5, 6}));
    }
}

TEST(ImportTransformer, EmbeddingsAreAddedAndNormalised) {
    Model model;
    model.add_opset(kContributed, 1);
    model.input("tokens", {1, 2}, TensorProto::INT32);
    model.weight("words", {2, 2}, {1, 5, 2, 3});
    model.weight("places", {3, 2}, {0, 1, 1, 0, 9, 9});
    model.weight("gamma", {2}, {1, 10});
    model.weight("beta", {2}, {0, 1});
    model.node("EmbedLayerNormalization", {"tokens", "", "words", "places", "", "gamma", "beta"}, {"y", ""},
               kContributed);
    // [2 3] + [0 1] and [1 5] + [1 0]: the second feature is the larger of the two.
    const auto y = outputs_of(model, {real::Tensor({1, 2}, std::vector<std::int64_t>{1, 0})});
    EXPECT_THAT(y, Pointwise(FloatNear(1e-4F), std::vector<float>{-1, 11, -1, 11}));
}

TEST(ImportTransformer, APastIsRefusedByNameWhereItIsNotUnderstood) {
    Model model;
    model.add_opset(kContributed, 1);
    model.input("x", {1, kRows, kWidth});
    model.input("past", {2, 1, kHeads, 2, 4});
    model.weight("w", {kWidth, 3 * kWidth}, numbers(kWidth * 3 * kWidth, 1));
    attribute(model.node("Attention", {"x", "w", "", "", "past"}, {"y"}, kContributed), "num_heads", kHeads);
    const auto graph = model.import();
    ASSERT_FALSE(graph);
    EXPECT_THAT(graph.error().message(),
                ::testing::HasSubstr("com.microsoft.Attention 'y' (opset 1): a past"));
}

TEST(ImportTransformer, FusedProductsEndInTheirFunction) {
    Model model;
    model.add_opset(kContributed, 1);
    model.input("x", {1, 1, 3});
    model.weight("w", {1, 1, 1}, {-2});
    auto* node = model.node("FusedConv", {"x", "w"}, {"z"}, kContributed);
    attribute(node, "activation", std::string{"LeakyRelu"});
    auto* slope = node->add_attribute();
    slope->set_name("activation_params");
    slope->set_type(::onnx::AttributeProto::FLOATS);
    slope->add_floats(0.5F);
    model.integers("row", {1, 3});
    model.node("Reshape", {"z", "row"}, {"flat"});
    model.weight("one", {3, 1}, {1, 1, 1});
    auto* gemm = model.node("FusedGemm", {"flat", "one"}, {"y"}, kContributed);
    attribute(gemm, "activation", std::string{"Relu"});
    EXPECT_EQ(outputs_of(model, {real::Tensor({1, 1, 3}, std::vector<float>{1, -3, 3})}),
              (std::vector<float>{2}));  // −1 + 6 − 3
    attribute(gemm, "alpha", 2.0F);
    gemm->mutable_attribute(0)->set_s("Frob");
    EXPECT_THAT(model.import().error().message(), ::testing::HasSubstr("activation 'Frob'"));
}

}  // namespace
}  // namespace valence::ml
