// Integers computed from integers stay exact, and masks hide what they hide, whatever calibration saw of
// either.
#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "valence/ml/check/float_border.hpp"
#include "valence/ml/float_graph/graph_builder.hpp"
#include "valence/ml/graph/validate.hpp"
#include "valence/ml/quantise/quantise.hpp"
#include "valence/ml/reference/evaluate.hpp"

namespace valence::ml {
namespace {

using real::NoAttributes;
using real::Op;
using real::ValueId;

real::Tensor integers(std::vector<std::int64_t> values) {
    const auto count = static_cast<std::int64_t>(values.size());
    return {real::Shape{1, count}, std::move(values)};
}

/// One output of the integer model of `graph` in real numbers.
std::vector<double> run_integers(const real::Graph& graph, const Sample& seen, const Sample& sample) {
    const auto quantised = quantise(graph, std::vector<Sample>{seen});
    if (!quantised) {
        ADD_FAILURE() << quantised.error().message();
        return {};
    }
    EXPECT_TRUE(validate(quantised.value()));
    const auto y = evaluate(quantised.value(), quantise_inputs(quantised.value(), sample).values);
    const Tensor& tensor = quantised.value().main.tensors[quantised.value().outputs[0].tensor];
    std::vector<double> values;
    for (const std::int64_t v : y.value()[0].data)
        values.push_back(std::ldexp(static_cast<double>(v), -tensor.exponent));
    return values;
}

/// Places of tokens as RoBERTa counts them: 1 + the number of tokens that are not padding (1) so far, 1 for
/// padding.
real::Graph places_of_tokens() {
    real::GraphBuilder build({});
    const ValueId tokens = build.add_input("tokens", {real::ElementType::i64, {1, 6}}, "int64").value();
    const ValueId padding = build.scalar(1, real::ElementType::i64).value();
    const ValueId is_padding = build.add_one(Op::equal, NoAttributes{}, {tokens, padding}).value();
    const ValueId is_token = build.add_one(Op::logical_not, NoAttributes{}, {is_padding}).value();
    const ValueId ones = build.cast(is_token, real::ElementType::i64).value();
    const ValueId counts =
        build.add_one(Op::cum_sum, real::CumulativeAttributes{1, false, false}, {ones}).value();
    const ValueId kept = build.add_one(Op::mul, NoAttributes{}, {counts, ones}).value();
    const ValueId places = build.with_scalar(Op::add, kept, 1).value();
    auto graph = build.take();
    graph.outputs.push_back({"places", places, "int64"});
    return graph;
}

TEST(QuantiseIntegers, PlacesCountedFromTokensAreExact) {
    // Calibration saw padding only: all places 1.
    const Sample seen{integers({1, 1, 1, 1, 1, 1})};
    EXPECT_EQ(run_integers(places_of_tokens(), seen, {integers({0, 9, 7, 1, 5, 1})}),
              (std::vector<double>{2, 3, 4, 1, 5, 1}));
}

TEST(QuantiseIntegers, ArithmeticIsExactBeyondWhatCalibrationSaw) {
    const auto result = [](Op op, std::int64_t x, double z) {
        real::GraphBuilder build({});
        const ValueId input = build.add_input("x", {real::ElementType::i64, {1, 1}}, "int64").value();
        const ValueId y = build.with_scalar(op, input, z).value();
        auto graph = build.take();
        graph.outputs.push_back({"y", y, "int64"});
        return run_integers(graph, {integers({1})}, {integers({x})}).at(0);
    };
    EXPECT_EQ(result(Op::add, 12345, 678), 13023);
    EXPECT_EQ(result(Op::sub, -9999, 1), -10000);
    EXPECT_EQ(result(Op::mul, 127, 99), 12573);
    EXPECT_EQ(result(Op::min, 3000, 17), 17);
    EXPECT_EQ(result(Op::max, -3000, -17), -17);
}

TEST(QuantiseIntegers, LargeOnesAreRefused) {
    real::GraphBuilder build({});
    const ValueId input = build.add_input("x", {real::ElementType::i64, {1, 1}}, "int64").value();
    const ValueId y = build.with_scalar(Op::mul, input, 20000).value();
    auto graph = build.take();
    graph.outputs.push_back({"y", y, "int64"});
    const auto quantised = quantise(graph, std::vector<Sample>{{integers({3})}});
    ASSERT_FALSE(quantised);
    EXPECT_THAT(quantised.error().message(), ::testing::HasSubstr("reach beyond ±16,383"));
}

TEST(QuantiseIntegers, AnythingButZeroIsTrue) {
    real::GraphBuilder build({});
    const ValueId input = build.add_input("x", {real::ElementType::i64, {1, 3}}, "int64").value();
    const ValueId y = build.cast(input, real::ElementType::boolean).value();
    auto graph = build.take();
    graph.outputs.push_back({"y", y, "bool"});
    EXPECT_EQ(run_integers(graph, {integers({1, 1, 1})}, {integers({0, -70000, 2})}),
              (std::vector<double>{0, 1, 1}));
}

/// softmax(x + (1 − mask)·least), the mask of integers, as exporters write an attention's.
real::Graph masked_softmax(double least) {
    real::GraphBuilder build({});
    const ValueId x = build.add_input("x", {real::ElementType::f32, {1, 3}}, "float").value();
    const ValueId mask = build.add_input("mask", {real::ElementType::i64, {1, 3}}, "int64").value();
    const ValueId seen = build.cast(mask, real::ElementType::f32).value();
    const ValueId one = build.scalar(1, real::ElementType::f32).value();
    const ValueId hidden = build.add_one(Op::sub, NoAttributes{}, {one, seen}).value();
    const ValueId bias = build.with_scalar(Op::mul, hidden, least).value();
    const ValueId sum = build.add_one(Op::add, NoAttributes{}, {x, bias}).value();
    const ValueId y = build.add_one(Op::softmax, real::Axis{1}, {sum}).value();
    auto graph = build.take();
    graph.outputs.push_back({"y", y, "float"});
    return graph;
}

TEST(QuantiseMasks, HideThoughCalibrationSawNothingHidden) {
    for (const double least : {-10000.0, -3.4028234663852886e38}) {
        const real::Tensor x({1, 3}, std::vector<float>{1, 2, 3});
        const auto y =
            run_integers(masked_softmax(least), {x, integers({1, 1, 1})}, {x, integers({1, 1, 0})});
        ASSERT_EQ(y.size(), 3u);
        EXPECT_NEAR(y[0], 1 / (1 + std::exp(1.0)), 1e-3) << least;
        EXPECT_NEAR(y[1], 1 / (1 + std::exp(-1.0)), 1e-3) << least;
        EXPECT_EQ(y[2], 0) << least;
    }
}

}  // namespace
}  // namespace valence::ml
