// What is said to be covered is what compiles.
#include "valence/zk/protocol/circuit/coverage.hpp"

#include <gtest/gtest.h>

#include "valence/ml/graph/describe.hpp"
#include "valence/ml/testing/random_graph.hpp"
#include "valence/zk/protocol/argument/statement.hpp"

namespace valence::zk {
namespace {

TEST(ProofCoverage, CountsEveryNodeOnce) {
    const ml::Graph graph = ml::testing::random_graph(1, {.nodes = 20, .elements = 100, .only = -1});
    std::size_t nodes = 0;
    for (const OperationCoverage& each : proof_coverage(graph)) {
        nodes += each.nodes;
        EXPECT_LE(each.uncovered, each.nodes);
        EXPECT_EQ(each.reason.empty(), each.uncovered == 0) << each.operation;
    }
    EXPECT_EQ(nodes, graph.main.nodes.size());
}

TEST(ProofCoverage, AGraphCompilesExactlyIfAllItsOperationsAreCovered) {
    int covered = 0;
    for (std::uint64_t seed = 0; seed < 60; ++seed) {
        SCOPED_TRACE(seed);
        const ml::Graph graph = ml::testing::random_graph(seed, {.nodes = 4, .elements = 60, .only = -1});
        const auto coverage = proof_coverage(graph);
        const bool all = std::all_of(coverage.begin(), coverage.end(),
                                     [](const auto& each) { return each.uncovered == 0; });
        GivenSaturations flags(std::vector<Saturation>(count_saturations(graph)));
        EXPECT_EQ(compile(graph, flags).has_value(), all);
        covered += all ? 1 : 0;
    }
    EXPECT_GT(covered, 3);
}

TEST(ProofCoverage, IsDescribedALineForEachOperation) {
    EXPECT_EQ(describe({{"Linear", 3, 0, ""}, {"Softmax", 2, 2, "not yet"}, {"Scaling", 4, 1, "not yet"}}),
              "    Linear                     3  yes\n"
              "    Softmax                    2  not yet\n"
              "    Scaling                    4  1 of them: not yet\n");
}

}  // namespace
}  // namespace valence::zk
