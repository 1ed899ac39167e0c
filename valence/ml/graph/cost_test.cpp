#include "valence/ml/graph/cost.hpp"

#include <gtest/gtest.h>

#include "valence/ml/testing/small_graphs.hpp"

namespace valence::ml {
namespace {

using namespace testing;

TEST(CostModel, CountsWhatTheOperationsDo) {
    const GraphCost linear = cost_of(linear_graph());
    EXPECT_EQ(linear.total.multiply_accumulates, 30U);
    EXPECT_EQ(linear.total.bytes, 30U + 20U + 12U + 16U + 2U);
    EXPECT_EQ(linear.parameters, 10U);
    EXPECT_EQ(linear.weight_bytes, 30U);
    const GraphCost lookup = cost_of(one_node(Lookup{}, {{kActivation, {9}, 0}}, {kActivation, {9}, 0}));
    EXPECT_EQ(lookup.total.lookups, 9U);
    EXPECT_EQ(lookup.nodes.size(), 1U);
}

TEST(CostModel, SaturatesRatherThanWraps) {
    const Cost most{~std::uint64_t{0}, 1, std::uint64_t{1} << 62, 3};
    EXPECT_EQ(most.times(4), (Cost{std::uint64_t{1} << 63, 4, std::uint64_t{1} << 63, 12}));
    Cost sum = most;
    sum += most;
    EXPECT_EQ(sum, (Cost{std::uint64_t{1} << 63, 2, std::uint64_t{1} << 63, 6}));
}

}  // namespace
}  // namespace valence::ml
