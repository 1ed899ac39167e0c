#include "valence/compute/balancer/estimate.hpp"

#include <gtest/gtest.h>

namespace valence::compute {
namespace {

TEST(SquareRoot, IsTheFloor) {
    for (const std::uint64_t root : {0ULL, 1ULL, 2ULL, 3ULL, 1000ULL, 65535ULL, 65536ULL, 4294967295ULL}) {
        EXPECT_EQ(square_root(root * root), root);
        EXPECT_EQ(square_root(root * root + root), root);
    }
    EXPECT_EQ(square_root(65536ULL * 65536 - 1), 65535U);
    EXPECT_EQ(square_root(~0ULL), 4294967295ULL);
}

TEST(Estimate, IsExactAtFirst) {
    Estimate estimate;
    for (const int x : {1000, 3000, 2000, 2000})
        estimate.add(Duration(x));
    EXPECT_NEAR(static_cast<double>(estimate.mean().count()), 2000, 1);
    EXPECT_NEAR(static_cast<double>(estimate.deviation().count()), 707, 2);
}

TEST(Estimate, ForgetsWhatWasLongAgo) {
    Estimate estimate;
    for (int i = 0; i < 1000; ++i)
        estimate.add(Duration(1'000'000));
    for (int i = 0; i < 100; ++i)
        estimate.add(Duration(2'000'000));
    EXPECT_NEAR(static_cast<double>(estimate.mean().count()), 2'000'000, 20'000);
}

TEST(Estimate, TakesAnyDuration) {
    Estimate estimate;
    estimate.add(Duration::min());
    estimate.add(Duration::max());
    estimate.add(Duration::max());
    EXPECT_GE(estimate.mean().count(), 0);
    EXPECT_LE(estimate.mean().count(), 1 << 30);
}

TEST(RatioEstimate, StartsFromItsGuessAndLeavesIt) {
    RatioEstimate estimate(Ratio::percent(25));
    EXPECT_EQ(estimate.mean(), Ratio::percent(25));
    for (int i = 0; i < 40; ++i)
        estimate.add(Ratio::percent(200), 2, 3);
    EXPECT_NEAR(static_cast<double>(estimate.mean().bits()), 2.0 * Ratio::kOne, 0.02 * Ratio::kOne);
}

TEST(Ratio, IsBoundedAndSaysOneOfNothing) {
    EXPECT_EQ(Ratio::of(5, 0).bits(), Ratio::kOne);
    EXPECT_EQ(Ratio::of(0, 5).bits(), Ratio::kLeast);
    EXPECT_EQ(Ratio::of(std::int64_t{1} << 62, 1).bits(), Ratio::kMost);
    EXPECT_EQ(Ratio::percent(150).times(Duration(10)), Duration(15));
    EXPECT_EQ(Ratio::percent(200).inverse(), Ratio::percent(50));
}

}  // namespace
}  // namespace valence::compute
