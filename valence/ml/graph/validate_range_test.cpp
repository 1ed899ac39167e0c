// That no sum overflows is proved before a graph is accepted.
#include <gtest/gtest.h>

#include "valence/ml/graph/model_error.hpp"
#include "valence/ml/graph/validate.hpp"
#include "valence/ml/reference/evaluate.hpp"
#include "valence/ml/testing/small_graphs.hpp"

namespace valence::ml {
namespace {

using namespace testing;

/// At the bound a sum is accepted and one above it is not.
TEST(ValidateRange, ProvesTheAccumulatorBound) {
    const auto scaled = [](std::uint8_t shift, std::int64_t bias, std::uint8_t e) {
        return one_node(Linear{0, 1, 2, {.shift = shift, .low = -32768, .high = 32767}},
                        {{kActivation, {1}, 0}}, {kActivation, {1}, 0},
                        {weight(WeightType::int16, {1, 1}, {0}), weight(WeightType::int64, {1}, {bias}),
                         weight(WeightType::uint8, {1}, {e})});
    };
    EXPECT_TRUE(validate(scaled(0, std::int64_t{1} << 30, 0)).has_value());
    EXPECT_FALSE(validate(scaled(0, (std::int64_t{1} << 30) + 1, 0)).has_value());
    // With the rounding term: 2^46 − 2^15 + 2^15 at shift 16.
    EXPECT_TRUE(validate(scaled(16, (std::int64_t{1} << 31) - 1, 15)).has_value());
    EXPECT_FALSE(validate(scaled(16, std::int64_t{1} << 31, 15)).has_value());
    EXPECT_TRUE(validate(scaled(24, (std::int64_t{1} << 39) - 256, 15)).has_value());
    const auto result = validate(scaled(24, std::int64_t{1} << 39, 15));
    ASSERT_TRUE(result.has_error());
    EXPECT_EQ(result.error(), Error{ModelError::overflow});
    EXPECT_NE(result.error().context.find("\"only\""), std::string::npos) << result.error().message();
}

TEST(ValidateRange, BoundsHowFarSumsLieOutsideTheClamp) {
    const auto clamped = [](std::int64_t bias, std::int16_t low, std::int16_t high) {
        return validate(
                   one_node(Linear{0, 1, {}, {.shift = 0, .low = low, .high = high}}, {{kActivation, {1}, 0}},
                            {kActivation, {1}, 0},
                            {weight(WeightType::int16, {1, 1}, {0}), weight(WeightType::int64, {1}, {bias})}))
            .has_value();
    };
    constexpr std::int64_t kExcess = std::int64_t{1} << 30;
    EXPECT_TRUE(clamped(kExcess - 1, -5, 0));
    EXPECT_FALSE(clamped(kExcess, -5, 0));
    EXPECT_TRUE(clamped(-(kExcess - 1), 0, 5));
    EXPECT_FALSE(clamped(-kExcess, 0, 5));
}

TEST(ValidateRange, UsesTheRangeThatEarlierNodesLeave) {
    const auto graph = [](std::int16_t high) {
        Graph g = one_node(Linear{0, {}, {}, {.shift = 0}}, {{kActivation, {1}, 0}}, {kActivation, {1}, 0},
                           {weight(WeightType::int16, {1, 1}, {32767})});
        g.main.tensors.push_back({kActivation, {1}, 0});
        g.main.nodes.insert(
            g.main.nodes.begin(),
            Node{Combination{{1}, {}, {.shift = 0, .low = 0, .high = high}}, {0}, {2}, "relu"});
        g.main.nodes[1].inputs = {2};
        return g;
    };
    EXPECT_TRUE(validate(graph(32767)).has_value());
    EXPECT_TRUE(validate(graph(100)).has_value());
    // Σ of 33 such inputs fits only where the clamp says so.
    const auto summed = [&](std::int16_t high) {
        Graph g = graph(high);
        g.weights[0] = weight(WeightType::int16, {1, 33}, std::vector<std::int64_t>(33, 32767));
        for (const TensorId id : {0U, 2U})
            g.main.tensors[id].shape = {33};
        return validate(g).has_value();
    };
    EXPECT_FALSE(summed(32767));
    EXPECT_TRUE(summed(100));
}

/// What is accepted can be computed: nothing overflows (the sanitizers look) and every element is in range,
/// after any change of a graph that validate() lets pass.
TEST(ValidateRange, AcceptedMutationsComputeWithinRange) {
    int accepted = 0;
    for (std::uint64_t seed = 0; seed < 400; ++seed) {
        Graph graph = random_graph(seed % 80, {.nodes = 5, .elements = 60});
        Random random{seed};
        const auto mutate_requantisation = [&](Requantisation& out) {
            out.shift = static_cast<std::uint8_t>(random.below(26));
            out.low = static_cast<std::int16_t>(random.between(-32768, 32767));
            if (random.chance(1, 2)) out.high = static_cast<std::int16_t>(random.between(-32768, 32767));
        };
        Node& node = graph.main.nodes[random.below(graph.main.nodes.size())];
        if (random.chance(1, 2))
            std::visit(
                [&](auto& op) {
                    if constexpr (requires { op.out.shift; }) mutate_requantisation(op.out);
                    if constexpr (requires { op.axis; }) op.axis = static_cast<std::uint8_t>(random.below(4));
                    if constexpr (requires { op.window; }) op.window.before[0] = random.below(4);
                    if constexpr (requires { op.states; }) op.states = random.below(4);
                },
                node.operation);
        else if (!graph.weights.empty() && random.chance(1, 2))
            for (std::uint8_t& byte : graph.weights[random.below(graph.weights.size())].data)
                byte = static_cast<std::uint8_t>(random.next());
        else if (!node.inputs.empty() && random.chance(1, 2))
            node.inputs[random.below(node.inputs.size())] = random.below(graph.main.tensors.size() + 1);
        else
            graph.main.tensors[random.below(graph.main.tensors.size())].shape =
                Shape{random.below(4), 1 + random.below(4)};
        if (!validate(graph).has_value()) continue;
        ++accepted;
        const auto outputs = evaluate(graph, testing::random_inputs(graph, seed)).value();
        for (const Values& output : outputs)
            for (const std::int64_t element : output.data) {
                const bool index = output.type == kIndex;
                ASSERT_GE(element, index ? INT32_MIN : INT16_MIN) << seed;
                ASSERT_LE(element, index ? INT32_MAX : INT16_MAX) << seed;
            }
    }
    EXPECT_GT(accepted, 30);
}

}  // namespace
}  // namespace valence::ml
