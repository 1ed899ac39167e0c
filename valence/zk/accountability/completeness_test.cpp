// Random graphs of every operator, their tensors' extents 1, odd and whatever else: what the reference
// computes is proved, and the proof accepted. VALENCE_ZK_ROUNDS=1000 takes some minutes.
#include <gtest/gtest.h>

#include "valence/ml/reference/evaluate.hpp"
#include "valence/ml/testing/random_graph.hpp"
#include "valence/zk/accountability/samples.hpp"
#include "valence/zk/verifier/verify.hpp"

namespace valence::zk {
namespace {

class CompletenessOf : public ::testing::TestWithParam<int> {};

TEST_P(CompletenessOf, RandomGraphsAreProved) {
    constexpr std::uint64_t kElements[] = {1, 9, 40, 200};
    const std::uint8_t context[] = {1, 2};
    std::uint64_t proved = 0;
    for (std::uint64_t round = 0; round < 2 * testing::rounds(); ++round) {
        const std::uint64_t seed = 7'000'000 + 100'000 * static_cast<std::uint64_t>(GetParam() + 1) + round;
        SCOPED_TRACE(seed);
        const auto graph = std::make_shared<const ml::Graph>(ml::testing::random_graph(
            seed, {.nodes = 1 + static_cast<std::uint32_t>(seed % 4),
                   .elements = kElements[(seed / 4 + static_cast<std::uint64_t>(GetParam() + 1)) % 4],
                   .only = GetParam()}));
        const auto model = ProvingModel::commit(graph);
        if (!model) {
            EXPECT_EQ(model.error().code, make_error_code(CircuitError::unsupported_operation));
            continue;
        }
        const auto inputs = ml::testing::random_inputs(*graph, seed);
        const auto& profile = round % 4 == 3 ? kProfile128 : kProfile100;
        const auto result = prove(model.value(), inputs, context, profile);
        ASSERT_TRUE(result) << result.error().message();
        ASSERT_EQ(result.value().outputs, ml::evaluate(*graph, inputs).value());
        const auto& provable = model.value().provable();
        const auto verdict =
            verify(provable, {provable.id, inputs, result.value().outputs, context}, result.value().proof);
        ASSERT_TRUE(verdict) << verdict.error().message();
        ++proved;
    }
    EXPECT_GT(proved, 0U);
}

// −1: operators of all kinds in one graph.
INSTANTIATE_TEST_SUITE_P(Zk, CompletenessOf, ::testing::Range(-1, testing::operator_count()),
                         [](const auto& of) {
                             return of.param < 0 ? "All" : testing::operator_name(of.param);
                         });

}  // namespace
}  // namespace valence::zk
