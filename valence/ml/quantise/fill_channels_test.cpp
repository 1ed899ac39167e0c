// Filling the channels of 8-bit layers: the same function, and every channel at its full range.
#include "valence/ml/quantise/fill_channels.hpp"

#include <algorithm>
#include <cmath>
#include <random>

#include <gtest/gtest.h>

#include "valence/ml/float_graph/executor.hpp"

namespace valence::ml {
namespace {

using real::Op;
using real::Shape;
using real::Tensor;

Tensor noise(const Shape& shape, std::mt19937_64& random) {
    std::uniform_real_distribution<float> uniform(-1, 1);
    std::vector<float> elements(static_cast<std::size_t>(real::element_count(shape)));
    for (float& element : elements)
        element = uniform(random);
    return {shape, std::move(elements)};
}

/// Convolution, a function, pooling, flattening, a product.
struct Net {
    real::Graph graph;
    std::mt19937_64 random{3};
    real::ValueId between = real::kAbsent;

    explicit Net(Op function, real::Attributes attributes = {}) {
        const auto x = real::add_value(graph, "x", {real::ElementType::f32, {1, 2, 6, 6}});
        graph.inputs.push_back({"x", x, "float"});
        const real::Window window{{3, 3}, {1, 1}, {1, 1}, {0, 0}, {0, 0}, {4, 4}, 1, false};
        const real::Window pool{{2, 2}, {2, 2}, {1, 1}, {0, 0}, {0, 0}, {2, 2}, 1, false};
        auto at = node(Op::conv, {x, constant({5, 2, 3, 3}), constant({5})}, {1, 5, 4, 4}, window);
        between = at = node(function, {at}, {1, 5, 4, 4}, std::move(attributes));
        at = node(Op::max_pool, {at}, {1, 5, 2, 2}, pool);
        at = node(Op::reshape, {at}, {1, 20}, real::TargetShape{{1, 20}});
        at = node(Op::matmul, {at, constant({3, 20})}, {1, 3}, real::MatMulAttributes{false, true});
        graph.outputs.push_back({"y", at, "float"});
    }
    real::ValueId constant(const Shape& shape) {
        return real::add_constant(graph, "c", noise(shape, random));
    }
    real::ValueId node(Op op, std::vector<real::ValueId> inputs, const Shape& shape,
                       real::Attributes attributes) {
        const auto id = real::add_value(graph, "v", {real::ElementType::f32, shape});
        graph.nodes.push_back({op, "node", std::move(inputs), {id}, std::move(attributes)});
        return id;
    }
};

void expect_same_function(const real::Graph& a, const real::Graph& b) {
    std::mt19937_64 random{11};
    for (int round = 0; round < 8; ++round) {
        const std::vector<Tensor> x{noise(a.shape(a.inputs[0].value), random)};
        const auto expected = real::Executor(a).run(x);
        const auto got = real::Executor(b).run(x);
        ASSERT_TRUE(expected && got);
        for (std::size_t k = 0; k < expected.value()[0].f32().size(); ++k)
            EXPECT_NEAR(expected.value()[0].f32()[k], got.value()[0].f32()[k], 1e-4);
    }
}

TEST(FillChannels, GivesEveryChannelItsFullRangeAndKeepsTheFunction) {
    for (const bool leaky : {false, true}) {
        Net net(leaky ? Op::leaky_relu : Op::relu,
                leaky ? real::Attributes{real::Scalars{0.1F}} : real::Attributes{real::NoAttributes{}});
        const real::Graph before = net.graph;
        EXPECT_EQ(fill_channels(net.graph, 8), 1U);
        ASSERT_TRUE(real::check(net.graph));
        expect_same_function(before, net.graph);

        const Tensor& weight = *net.graph.constant(net.graph.nodes[0].inputs[1]);
        const Tensor& old = *before.constant(before.nodes[0].inputs[1]);
        for (std::size_t channel = 0; channel < 5; ++channel) {
            float most = 0;
            float least_factor = 4;
            float most_factor = 0;
            for (std::size_t k = 18 * channel; k < 18 * (channel + 1); ++k) {
                most = std::max(most, std::abs(weight.f32()[k]));
                least_factor = std::min(least_factor, weight.f32()[k] / old.f32()[k]);
                most_factor = std::max(most_factor, weight.f32()[k] / old.f32()[k]);
            }
            const double power = std::log2(static_cast<double>(most) / 127);
            EXPECT_NEAR(power, std::round(power), 1e-5);
            EXPECT_NEAR(least_factor, most_factor, 1e-5);
            EXPECT_GE(least_factor, 0.9999F);
            EXPECT_LE(most_factor, 2.0001F);
        }
    }
}

TEST(FillChannels, LeavesAloneWhatOthersReadAndWhatDoesNotScale) {
    Net curved(Op::sigmoid, real::NoAttributes{});
    EXPECT_EQ(fill_channels(curved.graph, 8), 0U);

    Net shared(Op::relu, real::NoAttributes{});
    shared.graph.outputs.push_back({"between", shared.between, "float"});
    EXPECT_EQ(fill_channels(shared.graph, 8), 0U);
}

TEST(FillChannels, KeepsAWeightThatAnotherLayerShares) {
    Net net(Op::relu, real::NoAttributes{});
    // A second product by the weights of the first, of a constant input.
    const auto shared = net.graph.nodes[4].inputs[1];
    const auto other =
        net.node(Op::matmul, {net.constant({1, 20}), shared}, {1, 3}, real::MatMulAttributes{false, true});
    net.graph.outputs.insert(net.graph.outputs.begin(), {"other", other, "float"});
    const real::Graph before = net.graph;
    EXPECT_EQ(fill_channels(net.graph, 8), 1U);
    ASSERT_TRUE(real::check(net.graph));
    expect_same_function(before, net.graph);
}

}  // namespace
}  // namespace valence::ml
