// Every lowering: the integer graph computes what the float graph does, within the quantisation bound.
#include "valence/ml/quantise/quantise.hpp"

#include <algorithm>
#include <cmath>
#include <random>

#include <gtest/gtest.h>

#include "valence/ml/float_graph/executor.hpp"
#include "valence/ml/reference/evaluate.hpp"

namespace valence::ml {
namespace {

using real::Op;

/// A float graph under construction, with random constants.
struct Net {
    real::Graph graph;
    std::mt19937_64 random{7};

    real::Tensor noise(const real::Shape& shape, double reach) {
        std::uniform_real_distribution<double> uniform(-reach, reach);
        std::vector<float> elements(static_cast<std::size_t>(real::element_count(shape)));
        for (float& element : elements)
            element = static_cast<float>(uniform(random));
        return {shape, std::move(elements)};
    }
    real::ValueId input(const real::Shape& shape, real::ElementType element = real::ElementType::f32) {
        const real::ValueId id =
            real::add_value(graph, "x" + std::to_string(graph.inputs.size()), {element, shape});
        graph.inputs.push_back({graph.value(id).name, id, "float"});
        return id;
    }
    real::ValueId constant(real::Tensor tensor) { return real::add_constant(graph, "c", std::move(tensor)); }
    real::ValueId weights(const real::Shape& shape, double reach = 1) {
        return constant(noise(shape, reach));
    }
    std::vector<real::ValueId> nodes(Op op, std::vector<real::ValueId> inputs,
                                     const std::vector<real::TensorType>& types,
                                     real::Attributes attributes = {}) {
        std::vector<real::ValueId> outputs;
        for (const real::TensorType& type : types)
            outputs.push_back(real::add_value(graph, "v", type));
        graph.nodes.push_back({op, "node", std::move(inputs), outputs, std::move(attributes)});
        return outputs;
    }
    real::ValueId node(Op op, std::vector<real::ValueId> inputs, const real::Shape& shape,
                       real::Attributes attributes = {}, real::ElementType element = real::ElementType::f32) {
        return nodes(op, std::move(inputs), {{element, shape}}, std::move(attributes))[0];
    }
    void output(real::ValueId id) { graph.outputs.push_back({"y", id, "float"}); }

    std::vector<Sample> samples(std::size_t count, double reach) {
        std::vector<Sample> result(count);
        for (Sample& sample : result)
            for (const real::Port& port : graph.inputs)
                sample.push_back(noise(graph.shape(port.value), reach));
        return result;
    }

    /// ‖integer − float‖₂ / ‖float‖₂ over fresh samples of inputs in ±reach.
    double error(double reach = 1, const QuantiseOptions& options = {}) {
        EXPECT_TRUE(real::check(graph).has_value());
        const auto quantised = quantise(graph, samples(32, reach), options);
        if (!quantised) {
            ADD_FAILURE() << quantised.error().message();
            return 1;
        }
        return distance(quantised.value(), samples(16, reach * 0.95));
    }

    double distance(const Graph& integers, const std::vector<Sample>& fresh) {
        const real::Executor executor(graph);
        double difference = 0;
        double size = 0;
        for (const Sample& sample : fresh) {
            const auto expected = executor.run(sample);
            std::vector<Values> inputs;
            for (std::size_t k = 0; k < sample.size(); ++k) {
                const Port& port = integers.inputs[k];
                const Tensor& tensor = integers.main.tensors[port.tensor];
                Values values{tensor.type, tensor.shape, {}};
                for (std::size_t place = 0; place < sample[k].f32().size(); ++place) {
                    const std::int8_t exponent = port.exponents.empty()
                                                     ? tensor.exponent
                                                     : port.exponents[place % port.exponents.size()];
                    values.data.push_back(static_cast<std::int64_t>(
                        std::clamp(std::nearbyint(std::ldexp(double{sample[k].f32()[place]}, exponent)),
                                   -32768.0, 32767.0)));
                }
                inputs.push_back(std::move(values));
            }
            const auto got = evaluate(integers, inputs);
            if (!expected || !got) {
                ADD_FAILURE() << (got ? "" : got.error().message());
                return 1;
            }
            for (std::size_t k = 0; k < got.value().size(); ++k) {
                const Tensor& tensor = integers.main.tensors[integers.outputs[k].tensor];
                for (std::size_t place = 0; place < got.value()[k].data.size(); ++place) {
                    const real::Tensor& reference = expected.value()[k];
                    const double wanted = reference.element() == real::ElementType::f32
                                              ? reference.f32()[place]
                                          : reference.element() == real::ElementType::i64
                                              ? static_cast<double>(reference.i64()[place])
                                              : reference.boolean()[place];
                    const double value =
                        std::ldexp(static_cast<double>(got.value()[k].data[place]), -tensor.exponent);
                    difference += (value - wanted) * (value - wanted);
                    size += wanted * wanted;
                }
            }
        }
        return size > 0 ? std::sqrt(difference / size) : std::sqrt(difference);
    }
};

TEST(Quantise, KeepsADenseLayerWithReluWithinAHundredthPercent) {
    Net net;
    const auto x = net.input({1, 40});
    const auto product = net.node(Op::matmul, {x, net.weights({40, 30}), net.weights({30})}, {1, 30},
                                  real::MatMulAttributes{});
    net.output(net.node(Op::relu, {product}, {1, 30}));
    EXPECT_LT(net.error(), 1e-4);
}

TEST(Quantise, FusesReluIntoTheLayer) {
    Net net;
    const auto x = net.input({1, 8});
    const auto product = net.node(Op::matmul, {x, net.weights({8, 4})}, {1, 4}, real::MatMulAttributes{});
    net.output(net.node(Op::relu, {product}, {1, 4}));
    const auto graph = quantise(net.graph, net.samples(8, 1));
    ASSERT_TRUE(graph.has_value()) << graph.error().message();
    ASSERT_EQ(graph.value().main.nodes.size(), 1u);
    EXPECT_EQ(std::get<Linear>(graph.value().main.nodes[0].operation).out.low, 0);
}

TEST(Quantise, GivesRowsOfVeryDifferentSizeScalesOfTheirOwn) {
    Net net;
    const auto x = net.input({1, 16});
    real::Tensor weights = net.noise({16, 3}, 1);
    for (std::size_t k = 0; k < 16; ++k)
        weights.f32()[k * 3 + 1] *= 0.02f;
    const auto product = net.node(Op::matmul, {x, net.constant(weights)}, {1, 3}, real::MatMulAttributes{});
    // Only the small column is looked at.
    net.output(net.node(Op::slice, {product}, {1, 1}, real::SliceAttributes{{0, 1}, {1, 1}, {1, 1}}));
    EXPECT_LT(net.error(), 0.01);
}

TEST(Quantise, TakesFeaturesOfVeryDifferentSize) {
    Net net;
    const auto x = net.input({1, 3});
    real::Tensor weights({3, 1}, std::vector<float>{1000.0f, 1.0f, 0.001f});
    net.output(net.node(Op::matmul, {x, net.constant(weights)}, {1, 1}, real::MatMulAttributes{}));
    const auto scaled = [&](std::size_t count) {
        auto samples = net.samples(count, 1);
        for (Sample& sample : samples) {
            sample[0].f32()[0] *= 0.001f;
            sample[0].f32()[2] *= 1000.0f;
        }
        return samples;
    };
    const auto graph = quantise(net.graph, scaled(32));
    ASSERT_TRUE(graph.has_value()) << graph.error().message();
    EXPECT_EQ(graph.value().inputs[0].exponents.size(), 3u);
    EXPECT_LT(net.distance(graph.value(), scaled(16)), 1e-3);
}

TEST(Quantise, FoldsAScalerIntoTheLayerBehindIt) {
    Net net;
    const auto x = net.input({1, 6});
    const auto shifted = net.node(Op::sub, {x, net.weights({6}, 5)}, {1, 6});
    const auto scaled =
        net.node(Op::div, {shifted, net.constant({{6}, std::vector<float>{1, 2, 3, 4, 5, 0.01f}})}, {1, 6});
    net.output(net.node(Op::matmul, {scaled, net.weights({6, 2}), net.weights({2})}, {1, 2},
                        real::MatMulAttributes{}));
    const auto graph = quantise(net.graph, net.samples(8, 1));
    ASSERT_TRUE(graph.has_value()) << graph.error().message();
    EXPECT_EQ(graph.value().main.nodes.size(), 1u);
    EXPECT_LT(net.error(), 5e-4);
}

/// x·scale + offset in front of a padded convolution costs no rounding: x is padded with what scales to 0.
TEST(Quantise, FoldsScalingIntoThePaddedConvolutionBehindIt) {
    Net net;
    const auto x = net.input({1, 3, 8, 8});
    const real::Shape shape{1, 3, 8, 8};
    const auto scaled = net.node(Op::mul, {x, net.constant({{}, std::vector<float>{0.7F}})}, shape);
    const auto shifted = net.node(Op::add, {net.constant({{}, std::vector<float>{0.2F}}), scaled}, shape);
    net.output(net.node(Op::conv, {shifted, net.weights({4, 3, 3, 3})}, {1, 4, 8, 8},
                        real::Window{{3, 3}, {1, 1}, {1, 1}, {1, 1}, {1, 1}, {8, 8}, 1, false}));
    const auto graph = quantise(net.graph, net.samples(8, 1));
    ASSERT_TRUE(graph.has_value()) << graph.error().message();
    ASSERT_EQ(graph.value().main.nodes.size(), 2u);
    EXPECT_TRUE(std::holds_alternative<Padding>(graph.value().main.nodes[0].operation));
    EXPECT_LT(net.error(), 2e-4);
}

TEST(Quantise, ScalesAndShiftsChannelsInOneStep) {
    Net net;
    const auto x = net.input({1, 3, 4, 4});
    const real::Shape shape{1, 3, 4, 4};
    const auto scaled = net.node(Op::mul, {x, net.weights({3, 1, 1})}, shape);
    const auto shifted = net.node(Op::add, {scaled, net.weights({3, 1, 1})}, shape);
    net.output(net.node(Op::sigmoid, {shifted}, shape));
    const auto graph = quantise(net.graph, net.samples(8, 1));
    ASSERT_TRUE(graph.has_value()) << graph.error().message();
    std::size_t scalings = 0;
    for (const Node& node : graph.value().main.nodes)
        scalings += std::holds_alternative<Scaling>(node.operation) ? 1 : 0;
    EXPECT_EQ(scalings, 1u);
    EXPECT_LT(net.error(), 1e-4);
}

/// Beyond ±12 a sigmoid is flat: digits are not spent on where its argument goes from there.
TEST(Quantise, LetsArgumentsSaturateWhereAFunctionIsFlat) {
    Net net;
    const auto x = net.input({1, 16});
    const auto product =
        net.node(Op::matmul, {x, net.weights({16, 16}, 200)}, {1, 16}, real::MatMulAttributes{});
    net.output(net.node(Op::sigmoid, {product}, {1, 16}));
    const auto graph = quantise(net.graph, net.samples(64, 1));
    ASSERT_TRUE(graph.has_value()) << graph.error().message();
    EXPECT_EQ(graph.value().main.tensors[graph.value().main.nodes[0].outputs[0]].exponent, 11);
    EXPECT_LT(net.error(), 2e-3);
}

TEST(Quantise, KeepsEightBitWeightsWithinAPercent) {
    Net net;
    const auto x = net.input({1, 100});
    net.output(net.node(Op::matmul, {x, net.weights({100, 50})}, {1, 50}, real::MatMulAttributes{}));
    EXPECT_LT(net.error(1, {.weights = WeightWidth::bits8}), 0.01);
}

real::Window window(std::int64_t kernel, std::int64_t stride, std::int64_t padding, std::int64_t out,
                    std::int64_t groups = 1) {
    return {{kernel, kernel},   {stride, stride}, {1, 1}, {padding, padding},
            {padding, padding}, {out, out},       groups, false};
}

TEST(Quantise, KeepsConvolutionsAndPools) {
    Net net;
    const auto x = net.input({1, 4, 9, 9});
    const auto conv = net.node(Op::conv, {x, net.weights({6, 2, 3, 3}), net.weights({6})}, {1, 6, 9, 9},
                               window(3, 1, 1, 9, 2));
    const auto most = net.node(Op::max_pool, {conv}, {1, 6, 4, 4}, window(2, 2, 0, 4));
    net.output(net.node(Op::average_pool, {most}, {1, 6, 4, 4}, window(3, 1, 1, 4)));
    EXPECT_LT(net.error(), 5e-4);
}

TEST(Quantise, KeepsTransposedConvolutions) {
    Net net;
    const auto x = net.input({1, 4, 5, 5});
    net.output(
        net.node(Op::conv_transpose, {x, net.weights({4, 3, 3, 3})}, {1, 3, 11, 11}, window(3, 2, 0, 11)));
    EXPECT_LT(net.error(), 5e-4);
}

TEST(Quantise, KeepsArithmeticOnElements) {
    Net net;
    const auto x = net.input({3, 5});
    const auto z = net.input({1, 5});
    const auto sum = net.node(Op::add, {x, z}, {3, 5});
    const auto product = net.node(Op::mul, {sum, x}, {3, 5});
    const auto scaled = net.node(Op::mul, {product, net.weights({5}, 30)}, {3, 5});
    const auto shifted = net.node(Op::sub, {net.weights({3, 1}), scaled}, {3, 5});
    net.output(net.node(Op::max, {shifted, z}, {3, 5}));
    EXPECT_LT(net.error(), 5e-4);
}

TEST(Quantise, DividesWithoutLosingDigits) {
    Net net;
    const auto x = net.input({4, 4});
    const auto z = net.node(
        Op::add, {net.node(Op::abs, {x}, {4, 4}), net.constant({{}, std::vector<float>{0.5f}})}, {4, 4});
    net.output(net.node(Op::div, {x, z}, {4, 4}));
    EXPECT_LT(net.error(), 5e-4);
}

struct CurveCase {
    Op op;
    real::Attributes attributes;
    double reach;
};

class QuantiseCurve : public testing::TestWithParam<CurveCase> {};

TEST_P(QuantiseCurve, StaysWithinHalfAPerMille) {
    Net net;
    const auto x = net.input({8, 32});
    net.output(net.node(GetParam().op, {x}, {8, 32}, GetParam().attributes));
    EXPECT_LT(net.error(GetParam().reach), 5e-4) << real::name(GetParam().op);
}

INSTANTIATE_TEST_SUITE_P(Functions, QuantiseCurve,
                         testing::Values(CurveCase{Op::sigmoid, {}, 8}, CurveCase{Op::tanh, {}, 4},
                                         CurveCase{Op::exp, {}, 3}, CurveCase{Op::gelu, {}, 6},
                                         CurveCase{Op::erf, {}, 3}, CurveCase{Op::softplus, {}, 10},
                                         CurveCase{Op::leaky_relu, real::Scalars{0.01f, 0}, 5},
                                         CurveCase{Op::swish, real::Scalars{1, 0}, 6},
                                         CurveCase{Op::mish, {}, 6}, CurveCase{Op::hard_swish, {}, 6},
                                         CurveCase{Op::elu, real::Scalars{1, 0}, 4},
                                         CurveCase{Op::abs, {}, 100}, CurveCase{Op::sin, {}, 6}));

TEST(Quantise, KeepsAttention) {
    Net net;
    const auto q = net.input({1, 2, 8, 16});
    const auto k = net.input({1, 2, 8, 16});
    const auto v = net.input({1, 2, 8, 16});
    const auto scores = net.node(Op::matmul, {q, k}, {1, 2, 8, 8}, real::MatMulAttributes{false, true});
    real::Tensor mask({8, 8}, std::vector<float>(64, 0.0f));
    for (std::size_t row = 0; row < 8; ++row)
        for (std::size_t column = row + 1; column < 8; ++column)
            mask.f32()[row * 8 + column] = -3.4e38f;
    const auto masked = net.node(Op::add, {scores, net.constant(mask)}, {1, 2, 8, 8});
    const auto weights = net.node(Op::softmax, {masked}, {1, 2, 8, 8}, real::Axis{3});
    net.output(net.node(Op::matmul, {weights, v}, {1, 2, 8, 16}, real::MatMulAttributes{}));
    EXPECT_LT(net.error(2), 2e-3);
}

TEST(Quantise, KeepsNormalisations) {
    Net net;
    const auto x = net.input({4, 48});
    const auto layer = net.node(Op::layer_norm, {x, net.weights({48}), net.weights({48})}, {4, 48},
                                real::NormAttributes{1, 1, 1e-5f});
    const auto rms =
        net.node(Op::rms_norm, {layer, net.weights({48})}, {4, 48}, real::NormAttributes{1, 1, 1e-5f});
    net.output(net.node(Op::log_softmax, {rms}, {4, 48}, real::Axis{1}));
    EXPECT_LT(net.error(5), 2e-3);
}

/// A spectrum's magnitudes differ by orders; their squares do not fit into 16 bits, they themselves do.
TEST(Quantise, KeepsMagnitudesOfVeryDifferentSize) {
    Net net;
    const auto x = net.input({1, 256});
    const auto z = net.input({1, 256});
    const auto two = net.constant({{}, std::vector<float>{2.0F}});
    const auto left = net.node(Op::pow, {x, two}, {1, 256});
    const auto right = net.node(Op::mul, {z, z}, {1, 256});
    const auto sum = net.node(Op::add, {left, right}, {1, 256});
    const auto root = net.node(Op::sqrt, {sum}, {1, 256});
    net.output(net.node(Op::log, {root}, {1, 256}));
    EXPECT_LT(net.distance(quantise(net.graph, net.samples(32, 1)).value(), net.samples(8, 0.01)), 2e-2);
}

TEST(Quantise, KeepsReductions) {
    Net net;
    const auto x = net.input({4, 6, 10});
    const auto mean = net.node(Op::reduce_mean, {x}, {4, 6, 1}, real::ReducedAxes{{2}, true});
    const auto sum = net.node(Op::reduce_sum, {mean}, {6}, real::ReducedAxes{{0, 2}, false});
    net.output(sum);
    net.output(net.node(Op::reduce_max, {x}, {10}, real::ReducedAxes{{0, 1}, false}));
    net.output(net.node(Op::reduce_log_sum_exp, {x}, {4, 6}, real::ReducedAxes{{2}, false}));
    net.output(net.node(Op::cum_sum, {x}, {4, 6, 10}, real::CumulativeAttributes{1, false, true}));
    EXPECT_LT(net.error(), 1e-3);
}

TEST(Quantise, KeepsAnLstm) {
    Net net;
    const auto x = net.input({20, 1, 6});
    const auto outputs =
        net.nodes(Op::lstm, {x, net.weights({32, 6}, 0.5), net.weights({32, 8}, 0.5), net.weights({32}, 0.2)},
                  {{real::ElementType::f32, {20, 1, 8}},
                   {real::ElementType::f32, {1, 8}},
                   {real::ElementType::f32, {1, 8}}},
                  real::RecurrentAttributes{.hidden = 8});
    for (const auto id : outputs)
        net.output(id);
    EXPECT_LT(net.error(), 3e-3);
}

TEST(Quantise, KeepsAGru) {
    for (const bool linear : {true, false}) {
        Net net;
        const auto x = net.input({20, 1, 6});
        const auto outputs = net.nodes(
            Op::gru,
            {x, net.weights({24, 6}, 0.5), net.weights({24, 8}, 0.5), net.weights({24}, 0.2),
             net.weights({24}, 0.2)},
            {{real::ElementType::f32, {20, 1, 8}}, {real::ElementType::f32, {1, 8}}},
            real::RecurrentAttributes{.hidden = 8, .reverse = !linear, .linear_before_reset = linear});
        for (const auto id : outputs)
            net.output(id);
        EXPECT_LT(net.error(), 3e-3);
    }
}

TEST(Quantise, KeepsARecurrentLayerWithTanhAndWithRelu) {
    for (const real::Activation activation : {real::Activation::tanh, real::Activation::relu}) {
        Net net;
        const auto x = net.input({6, 1, 5});
        real::RecurrentAttributes attributes;
        attributes.hidden = 7;
        attributes.f = activation;
        const auto results =
            net.nodes(Op::rnn, {x, net.weights({7, 5}), net.weights({7, 7}, 0.3), net.weights({7})},
                      {{real::ElementType::f32, {6, 1, 7}}, {real::ElementType::f32, {1, 7}}}, attributes);
        net.output(results[0]);
        net.output(results[1]);
        EXPECT_LT(net.error(), 5e-4);
    }
}

TEST(Quantise, WalksTreesAsTheOriginalDoes) {
    Net net;
    const auto x = net.input({1, 3});
    auto ensemble = std::make_shared<real::TreeEnsemble>();
    using real::TreeBranch;
    ensemble->nodes = {{TreeBranch::less_or_equal, false, 0, 0.25f, 1, 2},
                       {TreeBranch::greater, false, 1, -0.5f, 3, 4},
                       {TreeBranch::less, false, 2, 0.125f, 5, 6},
                       {TreeBranch::leaf, false, 0, 0, 0, 1},
                       {TreeBranch::leaf, false, 0, 0, 1, 2},
                       {TreeBranch::leaf, false, 0, 0, 2, 3},
                       {TreeBranch::leaf, false, 0, 0, 3, 4}};
    ensemble->roots = {0};
    ensemble->weights = {{0, 1.5f}, {0, -2.0f}, {0, 0.75f}, {0, 3.0f}};
    ensemble->base = {0.1f};
    net.output(net.node(Op::tree_ensemble, {x}, {1, 1}, real::TreeAttributes{ensemble}));
    EXPECT_LT(net.error(), 1e-4);
}

TEST(Quantise, NamesEveryNodeWithoutIntegerSemantics) {
    Net net;
    const auto x = net.input({1, 4});
    net.output(net.node(Op::fmod, {x, net.weights({4})}, {1, 4}));
    net.output(net.node(Op::asin, {x}, {1, 4}));
    const auto result = inspect_quantised(net.graph, net.samples(4, 1));
    ASSERT_TRUE(result.has_value());
    EXPECT_EQ(result.value().problems.size(), 2u);
}

TEST(Quantise, RefusesToCalibrateOnNothing) {
    Net net;
    net.output(net.node(Op::relu, {net.input({2})}, {2}));
    const auto result = quantise(net.graph, {});
    ASSERT_FALSE(result.has_value());
    EXPECT_EQ(result.error().code, make_error_code(QuantiseError::calibration));
}

}  // namespace
}  // namespace valence::ml
