// Models that another tool has quantised: what their integers stand for comes out as real numbers.
#include <cmath>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "valence/ml/check/float_border.hpp"
#include "valence/ml/float_graph/executor.hpp"
#include "valence/ml/onnx/testing/model.hpp"
#include "valence/ml/quantise/quantise.hpp"
#include "valence/ml/reference/evaluate.hpp"

namespace valence::ml {
namespace {

using ::onnx::TensorProto;
using onnx_testing::attribute;
using onnx_testing::Model;
using ::testing::FloatNear;
using ::testing::Pointwise;

constexpr const char* kRuntime = "com.microsoft";

std::vector<float> run_floats(const Model& model, const real::Tensor& x) {
    const auto graph = model.import();
    if (!graph) {
        ADD_FAILURE() << graph.error().message();
        return {};
    }
    const auto y = FloatExecutor(graph.value()).run(std::vector{x});
    const auto& tensor = y.value()[0];
    if (tensor.element() == real::ElementType::f32) return {tensor.f32().begin(), tensor.f32().end()};
    std::vector<float> values;
    for (const auto v : tensor.i64())
        values.push_back(static_cast<float>(v));
    return values;
}

real::Tensor bytes(real::Shape shape, std::vector<std::int64_t> values) {
    return real::Tensor(std::move(shape), std::move(values));
}

TEST(ImportQuantised, ConvIntegerPadsWithTheZeroPoint) {
    Model model;
    model.input("x", {1, 1, 2, 2}, TensorProto::UINT8);
    model.small_integers("w", TensorProto::UINT8, {1, 1, 2, 2}, {129, 130, 127, 128});
    model.small_integers("x0", TensorProto::UINT8, {}, {10});
    model.small_integers("w0", TensorProto::UINT8, {}, {128});
    attribute(model.node("ConvInteger", {"x", "w", "x0", "w0"}, {"y"}), "pads",
              std::vector<std::int64_t>{0, 0, 0, 1});
    // Less their zero points: [1 2; 3 4] and the kernel [1 2; −1 0], padded on the right with 0.
    EXPECT_EQ(run_floats(model, bytes({1, 1, 2, 2}, {11, 12, 13, 14})), (std::vector<float>{2, -2}));
}

TEST(ImportQuantised, QLinearConvRoundsAndSaturates) {
    Model model;
    model.input("x", {1, 1, 1, 4}, TensorProto::UINT8);
    model.weight("x_scale", {}, {0.5F});
    model.small_integers("x0", TensorProto::UINT8, {}, {100});
    model.small_integers("w", TensorProto::INT8, {2, 1, 1, 1}, {2, -3});
    model.weight("w_scale", {2}, {0.5F, 1});
    model.small_integers("w0", TensorProto::INT8, {2}, {0, 0});
    model.weight("y_scale", {}, {1});
    model.small_integers("y0", TensorProto::UINT8, {}, {10});
    model.small_integers("bias", TensorProto::INT32, {2}, {4, 2});
    model.node("QLinearConv", {"x", "x_scale", "x0", "w", "w_scale", "w0", "y_scale", "y0", "bias"}, {"y"});
    // x stands for [0, 1, −1, 50], the weights for 1 and −3, the biases for 4·0.25 and 2·0.5.
    EXPECT_EQ(run_floats(model, bytes({1, 1, 1, 4}, {100, 102, 98, 200})),
              (std::vector<float>{11, 12, 10, 61, 11, 8, 14, 0}));
}

TEST(ImportQuantised, PoolingWorksOnIntegersToo) {
    Model model;
    model.input("x", {1, 1, 4}, TensorProto::UINT8);
    auto* pool = model.node("MaxPool", {"x"}, {"y"});
    attribute(pool, "kernel_shape", std::vector<std::int64_t>{2});
    attribute(pool, "strides", std::vector<std::int64_t>{2});
    EXPECT_EQ(run_floats(model, bytes({1, 1, 4}, {3, 7, 255, 0})), (std::vector<float>{7, 255}));
}

TEST(ImportQuantised, WeightsInBlocksOfFourBits) {
    for (const bool points : {false, true}) {
        Model model;
        model.add_opset(kRuntime, 1);
        model.input("x", {1, 32});
        // Two rows of 32 in blocks of 16: row 0 is 0 … 15 twice, row 1 all 9.
        std::vector<std::int32_t> packed;
        for (int k = 0; k < 16; ++k)
            packed.push_back((2 * k) % 16 | ((2 * k + 1) % 16) << 4);
        for (int k = 0; k < 16; ++k)
            packed.push_back(0x99);
        model.small_integers("w", TensorProto::UINT8, {2, 2, 8}, packed);
        model.weight("scales", {4}, {1, 2, 0.5F, 4});
        std::vector<std::string> inputs{"x", "w", "scales"};
        if (points) {
            // Points 8 and 0 of row 0, 1 and 9 of row 1.
            model.small_integers("zeros", TensorProto::UINT8, {2}, {0x08, 0x91});
            inputs.emplace_back("zeros");
        }
        auto* node = model.node("MatMulNBits", inputs, {"y"}, kRuntime);
        attribute(node, "K", std::int64_t{32});
        attribute(node, "N", std::int64_t{2});
        attribute(node, "bits", std::int64_t{4});
        attribute(node, "block_size", std::int64_t{16});
        const std::vector<float> ones(32, 1);
        // Row 0: 120 − 16·8 = −8 times 1, then 120 − 16·(8 or 0) times 2; row 1: 9 less its point.
        EXPECT_EQ(run_floats(model, real::Tensor({1, 32}, ones)),
                  (points ? std::vector<float>{232, 64} : std::vector<float>{-24, 72}))
            << points;
    }
}

TEST(ImportQuantised, ScalesInBlocks) {
    Model model(21);
    model.input("x", {2, 3});
    model.small_integers("w", TensorProto::INT8, {2, 3}, {1, 2, 3, 4, 5, 6});
    model.weight("scale", {2, 2}, {1, 10, 100, 1000});
    auto* node = model.node("DequantizeLinear", {"w", "scale"}, {"real"});
    attribute(node, "axis", std::int64_t{1});
    attribute(node, "block_size", std::int64_t{2});
    model.node("Add", {"x", "real"}, {"y"});
    EXPECT_EQ(run_floats(model, real::Tensor({2, 3}, std::vector<float>(6, 0))),
              (std::vector<float>{1, 2, 30, 400, 500, 6000}));
}

TEST(ImportQuantised, ElementsOfTwoScalesAreAdded) {
    Model model;
    model.add_opset(kRuntime, 1);
    model.input("x", {3}, TensorProto::UINT8);
    model.weight("a_scale", {}, {0.5F});
    model.small_integers("a0", TensorProto::UINT8, {}, {2});
    model.small_integers("b", TensorProto::UINT8, {3}, {1, 2, 3});
    model.weight("b_scale", {}, {2});
    model.small_integers("b0", TensorProto::UINT8, {}, {0});
    model.weight("y_scale", {}, {0.5F});
    model.small_integers("y0", TensorProto::UINT8, {}, {1});
    model.node("QLinearAdd", {"x", "a_scale", "a0", "b", "b_scale", "b0", "y_scale", "y0"}, {"y"}, kRuntime);
    // 0 + 2, 4 + 4, 100 + 6 in steps of a half, raised by 1
    EXPECT_EQ(run_floats(model, bytes({3}, {2, 10, 202})), (std::vector<float>{5, 17, 213}));
}

/// x quantised by its own range, times a weight of 8 bits, back in real numbers: what dynamic quantisation
/// makes of a MatMul.
Model dynamic_product(std::int64_t rows, std::int64_t inner, std::int64_t columns, bool fused) {
    Model model;
    model.add_opset(kRuntime, 1);
    model.input("x", {rows, inner});
    std::mt19937 random(5);
    std::vector<std::int32_t> weight;
    for (std::int64_t k = 0; k < inner * columns; ++k)
        weight.push_back(static_cast<std::int32_t>(random() % 256));
    model.small_integers("w", TensorProto::UINT8, {inner, columns}, weight);
    model.small_integers("w0", TensorProto::UINT8, {}, {121});
    model.weight("w_scale", {}, {0.003F});
    if (fused) {
        model.node("DynamicQuantizeMatMul", {"x", "w", "w_scale", "w0"}, {"y"}, kRuntime);
        return model;
    }
    model.node("DynamicQuantizeLinear", {"x"}, {"q", "scale", "zero"});
    model.node("MatMulInteger", {"q", "w", "zero", "w0"}, {"sum"});
    attribute(model.node("Cast", {"sum"}, {"real"}), "to", std::int64_t{TensorProto::FLOAT});
    model.node("Mul", {"scale", "w_scale"}, {"unit"});
    model.node("Mul", {"real", "unit"}, {"y"});
    return model;
}

real::Tensor noise(real::Shape shape, unsigned seed) {
    std::mt19937 random(seed);
    std::normal_distribution<float> normal(0.2F, 1);
    real::Tensor x(real::TensorType{real::ElementType::f32, std::move(shape)});
    for (float& v : x.f32())
        v = normal(random);
    return x;
}

TEST(ImportQuantised, ProductsOfDynamicallyQuantisedRowsAgreeInEverySpelling) {
    const auto x = noise({3, 200}, 1);
    const auto spelt = run_floats(dynamic_product(3, 200, 5, false), x);
    EXPECT_THAT(run_floats(dynamic_product(3, 200, 5, true), x), Pointwise(FloatNear(1e-4F), spelt));
}

TEST(ImportQuantised, DynamicallyQuantisedProductsHaveAnIntegerModel) {
    const auto graph = dynamic_product(4, 768, 16, false).import();
    ASSERT_TRUE(graph) << graph.error().message();
    std::vector<Sample> samples;
    for (unsigned seed = 0; seed < 12; ++seed)
        samples.push_back({noise({4, 768}, seed)});
    const auto quantised = quantise(graph.value(), samples, {.weights = WeightWidth::bits16});
    ASSERT_TRUE(quantised) << quantised.error().message();
    const Sample other{noise({4, 768}, 99)};
    const auto wanted = FloatExecutor(graph.value()).run(other).value();
    const auto got = evaluate(quantised.value(), quantise_inputs(quantised.value(), other).values);
    ASSERT_TRUE(got) << got.error().message();
    const int exponent = quantised.value().main.tensors[quantised.value().outputs[0].tensor].exponent;
    double difference = 0;
    double size = 0;
    for (std::size_t k = 0; k < got.value()[0].data.size(); ++k) {
        const double value = std::ldexp(static_cast<double>(got.value()[0].data[k]), -exponent);
        const double expected = wanted[0].f32()[k];
        difference += (value - expected) * (value - expected);
        size += expected * expected;
    }
    EXPECT_LT(std::sqrt(difference / size), 0.005);
}

}  // namespace
}  // namespace valence::ml
