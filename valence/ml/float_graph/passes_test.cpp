// Every pass: what it recognises becomes one operator, and the graph computes what it computed before.
#include "valence/ml/float_graph/passes.hpp"

#include <cmath>
#include <random>

#include <gtest/gtest.h>

#include "valence/ml/float_graph/executor.hpp"
#include "valence/ml/float_graph/graph_builder.hpp"

namespace valence::ml::real {
namespace {

class Random {
public:
    Tensor tensor(Shape shape) {
        Tensor t(TensorType{ElementType::f32, std::move(shape)});
        for (auto& v : t.f32())
            v = distribution_(engine_);
        return t;
    }
    /// Positive, as variances are.
    Tensor positive(Shape shape) {
        auto t = tensor(std::move(shape));
        for (auto& v : t.f32())
            v = std::fabs(v) + 0.1F;
        return t;
    }

private:
    std::mt19937 engine_{7};
    std::normal_distribution<float> distribution_{0, 1.5F};
};

/// A builder whose failures end the test.
class Build {
public:
    ValueId input(Shape shape) {
        return builder_.add_input("x", {ElementType::f32, std::move(shape)}, "float").value();
    }
    ValueId constant(Tensor t) { return builder_.add_constant(std::move(t)).value(); }
    ValueId constant(float v) { return constant(Tensor(Shape{}, std::vector<float>{v})); }
    ValueId node(Op op, std::vector<ValueId> inputs, Attributes attributes = NoAttributes{}) {
        auto id = builder_.add_one(op, std::move(attributes), std::move(inputs));
        if (!id) ADD_FAILURE() << id.error().message();
        return id.value();
    }
    Graph finish(ValueId output) {
        auto graph = builder_.take();
        graph.outputs.push_back({"y", output, "float"});
        return graph;
    }

private:
    GraphBuilder builder_{BuildLimits{}};
};

Tensor run(const Graph& graph, const Tensor& input) {
    auto outputs = Executor(graph).run(std::vector<Tensor>{input});
    EXPECT_TRUE(outputs.has_value());
    return outputs.value()[0];
}

std::size_t count_of(const Graph& graph, Op op) {
    return static_cast<std::size_t>(
        std::count_if(graph.nodes.begin(), graph.nodes.end(), [&](const Node& n) { return n.op == op; }));
}

/// Optimises and checks that the graph is one node of `op`, which gives the same results.
void becomes(Graph graph, Op op, std::size_t nodes = 1) {
    Random random;
    const auto x = random.tensor(graph.shape(graph.inputs[0].value));
    const auto before = run(graph, x);
    optimise(graph);
    const auto checked = check(graph);
    ASSERT_TRUE(checked) << checked.error().message();
    EXPECT_EQ(graph.nodes.size(), nodes) << to_string(graph);
    EXPECT_EQ(count_of(graph, op), 1U) << to_string(graph);
    const auto after = run(graph, x);
    ASSERT_EQ(after.type(), before.type());
    for (std::size_t i = 0; i < before.f32().size(); ++i)
        EXPECT_NEAR(after.f32()[i], before.f32()[i], 1e-4F * (1 + std::fabs(before.f32()[i])));
}

TEST(Passes, GeluOfAnErrorFunctionInBothOrders) {
    for (const bool half_first : {true, false}) {
        Build b;
        const auto x = b.input({2, 5});
        const auto erf = b.node(Op::erf, {b.node(Op::div, {x, b.constant(1.41421356F)})});
        const auto sum = b.node(Op::add, {erf, b.constant(1)});
        const auto y = half_first ? b.node(Op::mul, {b.node(Op::mul, {b.constant(0.5F), x}), sum})
                                  : b.node(Op::mul, {b.node(Op::mul, {x, sum}), b.constant(0.5F)});
        becomes(b.finish(y), Op::gelu);
    }
}

TEST(Passes, GeluOfAHyperbolicTangent) {
    Build b;
    const auto x = b.input({3, 4});
    const auto cube = b.node(Op::pow, {x, b.constant(3)});
    const auto inner = b.node(Op::add, {x, b.node(Op::mul, {cube, b.constant(0.044715F)})});
    const auto tanh = b.node(Op::tanh, {b.node(Op::mul, {inner, b.constant(0.7978845608F)})});
    const auto y =
        b.node(Op::mul, {b.node(Op::mul, {x, b.constant(0.5F)}), b.node(Op::add, {tanh, b.constant(1)})});
    becomes(b.finish(y), Op::gelu_tanh);
}

TEST(Passes, AnotherFactorIsNoGelu) {
    Build b;
    const auto x = b.input({4});
    const auto erf = b.node(Op::erf, {b.node(Op::mul, {x, b.constant(0.7F)})});
    const auto y =
        b.node(Op::mul, {b.node(Op::mul, {x, b.constant(0.5F)}), b.node(Op::add, {erf, b.constant(1)})});
    auto graph = b.finish(y);
    optimise(graph);
    EXPECT_EQ(count_of(graph, Op::gelu), 0U);
}

TEST(Passes, SwishAndHardSwish) {
    {
        Build b;
        const auto x = b.input({2, 3});
        becomes(b.finish(b.node(Op::mul, {x, b.node(Op::sigmoid, {x})})), Op::swish);
    }
    {
        Build b;
        const auto x = b.input({2, 3});
        const auto gate = b.node(Op::clip, {b.node(Op::add, {x, b.constant(3)})}, Bounds{0, 6});
        becomes(b.finish(b.node(Op::div, {b.node(Op::mul, {x, gate}), b.constant(6)})), Op::hard_swish);
    }
    {
        Build b;
        const auto x = b.input({2, 3});
        becomes(b.finish(b.node(Op::mul, {b.node(Op::hard_sigmoid, {x}, Scalars{1.0F / 6, 0.5F}), x})),
                Op::hard_swish);
    }
}

TEST(Passes, LayerNormalisationWithScaleAndBias) {
    Random random;
    Build b;
    const auto x = b.input({2, 3, 8});
    const ReducedAxes last{{2}, true};
    const auto centred = b.node(Op::sub, {x, b.node(Op::reduce_mean, {x}, last)});
    const auto variance = b.node(Op::reduce_mean, {b.node(Op::pow, {centred, b.constant(2)})}, last);
    const auto root = b.node(Op::sqrt, {b.node(Op::add, {variance, b.constant(1e-5F)})});
    const auto scaled = b.node(Op::mul, {b.node(Op::div, {centred, root}), b.constant(random.tensor({8}))});
    becomes(b.finish(b.node(Op::add, {scaled, b.constant(random.tensor({8}))})), Op::layer_norm);
}

TEST(Passes, LayerNormalisationThatSubtractsTheMeanTwice) {
    Random random;
    Build b;
    const auto x = b.input({2, 8});
    const ReducedAxes last{{1}, true};
    const auto divided = b.node(Op::sub, {x, b.node(Op::reduce_mean, {x}, last)});
    const auto squared = b.node(Op::sub, {x, b.node(Op::reduce_mean, {x}, last)});
    const auto variance = b.node(Op::reduce_mean, {b.node(Op::mul, {squared, squared})}, last);
    const auto root = b.node(Op::sqrt, {b.node(Op::add, {variance, b.constant(1e-5F)})});
    becomes(b.finish(b.node(Op::div, {divided, root})), Op::layer_norm);
}

TEST(Passes, RootMeanSquareNormalisation) {
    Random random;
    Build b;
    const auto x = b.input({2, 8});
    const auto mean = b.node(Op::reduce_mean, {b.node(Op::mul, {x, x})}, ReducedAxes{{1}, true});
    const auto root = b.node(Op::sqrt, {b.node(Op::add, {mean, b.constant(1e-6F)})});
    const auto normal = b.node(Op::mul, {x, b.node(Op::reciprocal, {root})});
    becomes(b.finish(b.node(Op::mul, {b.constant(random.tensor({8})), normal})), Op::rms_norm);
}

TEST(Passes, BiasJoinsAProduct) {
    Random random;
    Build b;
    const auto x = b.input({3, 4});
    const auto y = b.node(Op::matmul, {x, b.constant(random.tensor({4, 5}))}, MatMulAttributes{});
    becomes(b.finish(b.node(Op::add, {b.constant(random.tensor({5})), y})), Op::matmul);
}

Window window(std::int64_t out, std::int64_t groups) {
    return {{3, 3}, {1, 1}, {1, 1}, {1, 1}, {1, 1}, {out, out}, groups, false};
}

ValueId batch_norm(Build& b, Random& random, ValueId x, std::int64_t channels) {
    return b.node(Op::batch_norm,
                  {x, b.constant(random.tensor({channels})), b.constant(random.tensor({channels})),
                   b.constant(random.tensor({channels})), b.constant(random.positive({channels}))},
                  NormAttributes{1, 1, 1e-5F});
}

TEST(Passes, BatchNormalisationFoldsIntoConvolutions) {
    Random random;
    {
        Build b;
        const auto y = b.node(
            Op::conv,
            {b.input({1, 4, 5, 5}), b.constant(random.tensor({6, 2, 3, 3})), b.constant(random.tensor({6}))},
            window(5, 2));
        becomes(b.finish(batch_norm(b, random, y, 6)), Op::conv);
    }
    {
        Build b;
        const auto y = b.node(Op::conv_transpose,
                              {b.input({1, 4, 5, 5}), b.constant(random.tensor({4, 3, 3, 3}))}, window(5, 2));
        becomes(b.finish(batch_norm(b, random, y, 6)), Op::conv_transpose);
    }
    for (const bool transposed : {false, true}) {
        Build b;
        const auto w = b.constant(random.tensor(transposed ? Shape{5, 4} : Shape{4, 5}));
        const auto y = b.node(Op::matmul, {b.input({2, 4}), w}, MatMulAttributes{false, transposed});
        becomes(b.finish(batch_norm(b, random, y, 5)), Op::matmul);
    }
}

TEST(Passes, BatchNormalisationAloneIsAMultiplicationAndAnAddition) {
    Random random;
    Build b;
    becomes(b.finish(batch_norm(b, random, b.input({2, 3, 4}), 3)), Op::mul, 2);
}

TEST(Passes, ScalingAndShiftingOfChannelsJoinAConvolution) {
    Random random;
    Build build;
    const auto x = build.input({1, 4, 6, 5});
    Window window;
    window.kernel = {3, 3};
    window.strides = {1, 1};
    window.dilations = {1, 1};
    window.before = {1, 1};
    window.after = {1, 1};
    window.output = {6, 5};
    window.groups = 2;
    const auto conv = build.node(
        Op::conv, {x, build.constant(random.tensor({6, 2, 3, 3})), build.constant(random.tensor({6}))},
        window);
    const auto scaled = build.node(Op::mul, {build.constant(0.3F), conv});
    const auto shifted = build.node(Op::sub, {scaled, build.constant(random.tensor({6, 1, 1}))});
    becomes(build.finish(build.node(Op::div, {shifted, build.constant(-2.0F)})), Op::conv);
}

TEST(Passes, ScalingOfColumnsJoinsAProductOfAnyRank) {
    Random random;
    Build build;
    const auto x = build.input({2, 3, 4});
    const auto product =
        build.node(Op::matmul, {x, build.constant(random.tensor({4, 5}))}, MatMulAttributes{});
    becomes(build.finish(build.node(Op::mul, {product, build.constant(random.tensor({5}))})), Op::matmul);
}

TEST(Passes, ScalingOfRowsStays) {
    Random random;
    Build build;
    const auto x = build.input({2, 3, 4});
    const auto product =
        build.node(Op::matmul, {x, build.constant(random.tensor({4, 3}))}, MatMulAttributes{});
    becomes(build.finish(build.node(Op::mul, {product, build.constant(random.tensor({3, 1}))})), Op::mul, 2);
}

TEST(Passes, AProductReadTwiceKeepsItsResult) {
    Random random;
    Build b;
    const auto y =
        b.node(Op::matmul, {b.input({2, 4}), b.constant(random.tensor({4, 4}))}, MatMulAttributes{});
    const auto sum = b.node(Op::add, {b.node(Op::add, {y, b.constant(random.tensor({4}))}), y});
    auto graph = b.finish(sum);
    const auto x = random.tensor({2, 4});
    const auto before = run(graph, x);
    optimise(graph);
    EXPECT_EQ(run(graph, x), before);
    EXPECT_EQ(count_of(graph, Op::matmul), 1U);
}

TEST(Passes, MovesInARowBecomeOne) {
    Build b;
    const auto x = b.input({2, 3, 4});
    const auto turned =
        b.node(Op::transpose, {b.node(Op::transpose, {x}, Permutation{{1, 2, 0}})}, Permutation{{2, 1, 0}});
    becomes(b.finish(turned), Op::transpose);
}

TEST(Passes, WholeNumbersNeedNoCastToIntegersAndBack) {
    // What a quantised product is: round(x)·W for whole W, as integers, then as real numbers.
    Build b;
    const auto whole = b.node(Op::round, {b.input({1, 2})});
    const auto weight = b.constant(Tensor(Shape{2, 1}, std::vector<float>{3, -7}));
    const auto product = b.node(Op::matmul, {whole, weight}, MatMulAttributes{});
    const auto there = b.node(Op::cast, {product}, CastTo{ElementType::i64});
    auto graph = b.finish(b.node(Op::cast, {there}, CastTo{ElementType::f32}));
    optimise(graph);
    EXPECT_EQ(count_of(graph, Op::cast), 0U);
    EXPECT_EQ(run(graph, Tensor({1, 2}, std::vector<float>{1.4F, 2.6F})).f32()[0], -18);
}

TEST(Passes, FractionsAreCastToIntegersAndBack) {
    Build b;
    const auto there = b.node(Op::cast, {b.node(Op::relu, {b.input({2})})}, CastTo{ElementType::i64});
    auto graph = b.finish(b.node(Op::cast, {there}, CastTo{ElementType::f32}));
    optimise(graph);
    EXPECT_EQ(count_of(graph, Op::cast), 2U);
}

TEST(Passes, ConstantsWithoutAValueAreFound) {
    Random random;
    for (const float bad : {std::nanf(""), INFINITY}) {
        Build b;
        auto w = random.tensor({4, 4});
        w.f32()[3] = bad;
        auto graph =
            b.finish(b.node(Op::matmul, {b.input({1, 4}), b.constant(std::move(w))}, MatMulAttributes{}));
        EXPECT_TRUE(find_unusable_constant(graph).has_value());
    }
    Build b;
    auto graph = b.finish(b.node(Op::max, {b.input({1, 4}), b.constant(-INFINITY)}));
    EXPECT_FALSE(find_unusable_constant(graph).has_value());
}

}  // namespace
}  // namespace valence::ml::real
