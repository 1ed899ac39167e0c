#include "valence/ml/model/border.hpp"

#include <gtest/gtest.h>

#include "valence/ml/graph/model_error.hpp"

namespace valence::ml {
namespace {

/// Numerators of 10^−18.
U256 wad(std::int64_t value) {
    const U256 magnitude{static_cast<std::uint64_t>(value < 0 ? -value : value)};
    return value < 0 ? -magnitude : magnitude;
}

constexpr std::int64_t kOne = 1'000'000'000'000'000'000;

/// One input and the same tensor as output.
Graph pass(ElementType type, const Shape& shape, std::int8_t exponent,
           const std::vector<std::int8_t>& exponents = {}) {
    Graph graph;
    graph.main.tensors = {{type, shape, exponent}};
    graph.main.inputs = {0};
    graph.main.outputs = {0};
    graph.inputs = {{"in", "", 0, exponents}};
    graph.outputs = {{"out", "", 0, {}}};
    return graph;
}

std::int64_t one(const Graph& graph, const U256& value) {
    return from_wad(graph, 0, std::vector{value}).value().values.data[0];
}

TEST(Border, RoundsHalfToEven) {
    const Graph graph = pass(ElementType::activation, {}, 0);
    EXPECT_EQ(one(graph, wad(kOne / 2)), 0);
    EXPECT_EQ(one(graph, wad(kOne / 2 + 1)), 1);
    EXPECT_EQ(one(graph, wad(kOne + kOne / 2)), 2);
    EXPECT_EQ(one(graph, wad(2 * kOne + kOne / 2)), 2);
    EXPECT_EQ(one(graph, wad(-kOne / 2)), 0);
    EXPECT_EQ(one(graph, wad(-kOne / 2 - 1)), -1);
    EXPECT_EQ(one(graph, wad(-kOne - kOne / 2)), -2);
    EXPECT_EQ(one(graph, wad(-2 * kOne - kOne / 2)), -2);
}

TEST(Border, ScalesByTheTensorsOrTheFeaturesExponent) {
    EXPECT_EQ(one(pass(ElementType::activation, {}, 8), wad(3 * kOne / 2)), 384);
    EXPECT_EQ(one(pass(ElementType::activation, {}, -3), wad(9 * kOne)), 1);
    const Graph graph = pass(ElementType::activation, {2, 2}, 8, {4, -1});
    const auto values = from_wad(graph, 0, std::vector{wad(kOne), wad(8 * kOne), wad(-kOne), wad(kOne)});
    EXPECT_EQ(values.value().values.data, (std::vector<std::int64_t>{16, 4, -16, 0}));
}

TEST(Border, SaturatesAndCounts) {
    const Graph graph = pass(ElementType::activation, {6}, 8);
    U256 least;
    least.limbs[3] = std::uint64_t{1} << 63;
    const U256 most = least - U256{1};
    const auto result = from_wad(graph, 0,
                                 std::vector{wad(kOne), most, least, U256{200} * wad(kOne),
                                             -(U256{128} * wad(kOne)), -(U256{129} * wad(kOne))});
    EXPECT_EQ(result.value().values.data,
              (std::vector<std::int64_t>{256, 32767, -32768, 32767, -32768, -32768}));
    EXPECT_EQ(result.value().saturated, 4U);
}

TEST(Border, HoldsAtTheLargestExponents) {
    for (const int exponent : {-32, 32}) {
        const Graph graph = pass(ElementType::activation, {}, static_cast<std::int8_t>(exponent));
        const U256 large = U256{1} << 159;
        EXPECT_EQ(one(graph, large), 32767);
        EXPECT_EQ(one(graph, -large), -32768);
        EXPECT_EQ(one(graph, wad(0)), 0);
    }
    // 10^−18·2^32 is far below a half.
    EXPECT_EQ(one(pass(ElementType::activation, {}, 32), wad(1)), 0);
}

TEST(Border, IndicesAreIntegersTimesWad) {
    const Graph graph = pass(ElementType::index, {3}, 5);
    const auto result =
        from_wad(graph, 0, std::vector{wad(7 * kOne), -(U256{2147483648} * wad(kOne)), U256{1} << 200});
    EXPECT_EQ(result.value().values.data, (std::vector<std::int64_t>{7, -2147483648LL, 2147483647LL}));
    EXPECT_EQ(result.value().saturated, 1U);
    EXPECT_EQ(to_wad(graph, 0, result.value().values)[0], wad(7 * kOne));
}

TEST(Border, OutputsAreExact) {
    for (int f = -5; f <= 18; ++f) {
        const Graph graph = pass(ElementType::activation, {4}, static_cast<std::int8_t>(f));
        const Values values{ElementType::activation, {4}, {1, -1, 32767, -32768}};
        const auto out = to_wad(graph, 0, values);
        const auto back = from_wad(graph, 0, out).value();
        EXPECT_EQ(back.values.data, values.data) << f;
        EXPECT_EQ(back.saturated, 0U) << f;
        // out·2^f = q·10^18 with nothing lost.
        if (f >= 0) {
            EXPECT_EQ(out[0] << static_cast<std::uint64_t>(f), wad(kOne)) << f;
            EXPECT_EQ(out[1], -out[0]) << f;
        }
    }
}

TEST(Border, RefusesAnotherNumberOfValues) {
    const Graph graph = pass(ElementType::activation, {2}, 0);
    const auto result = from_wad(graph, 0, std::vector{wad(1)});
    ASSERT_TRUE(result.has_error());
    EXPECT_EQ(result.error(), Error{ModelError::invalid_input});
}

}  // namespace
}  // namespace valence::ml
