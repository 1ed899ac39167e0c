#include "valence/zk/protocol/soundness/soundness.hpp"

#include <cmath>

#include <gtest/gtest.h>

namespace valence::zk {
namespace {

constexpr double kUnit = 1.0 / (1 << 20);

TEST(Bits, LogarithmsEncloseTheTrueOnes) {
    for (const std::uint64_t n : {1ULL, 2ULL, 3ULL, 5ULL, 7ULL, 1000ULL, 1ULL << 40, (1ULL << 40) + 1}) {
        const double exact = std::log2(static_cast<double>(n));
        EXPECT_LE(log2_below(n).value(), exact) << n;
        EXPECT_GT(log2_below(n).value(), exact - 1.01 * kUnit) << n;
        EXPECT_GE(log2_above(n).value(), exact) << n;
        EXPECT_LT(log2_above(n).value(), exact + 2.01 * kUnit) << n;
    }
}

TEST(Bits, PowersOfTwoHaveExactLogarithms) {
    for (int k = 0; k < 64; ++k) {
        EXPECT_EQ(log2_below(std::uint64_t{1} << k), Bits::of(k));
        EXPECT_EQ(log2_above(std::uint64_t{1} << k), Bits::of(k));
    }
}

TEST(Soundness, TheFieldIsCountedALittleSmallerThanItIs) {
    constexpr long double p = 18446744069414584321.0L;
    EXPECT_LT(field_bits(2).value(), static_cast<double>(2 * std::log2(p)));
    EXPECT_GT(field_bits(2).value(), 127.99999);
    EXPECT_LT(field_bits(3).value(), 192);
    EXPECT_GT(field_bits(3).value(), 191.99999);
}

TEST(Soundness, AQueryIsWorthWhatUniqueDecodingProves) {
    for (int s = 1; s <= 10; ++s) {
        const double exact = -std::log2((1 + std::exp2(-s)) / 2);
        EXPECT_LE(query_bits(s).value(), exact);
        EXPECT_GT(query_bits(s).value(), exact - 3 * kUnit);
    }
    EXPECT_NEAR(query_bits(1).value(), 0.41504, 1e-5);
    EXPECT_NEAR(query_bits(2).value(), 0.67807, 1e-5);
    EXPECT_NEAR(query_bits(3).value(), 0.83007, 1e-5);
}

// −log2((1 + ρ)/2)·t + grinding ≥ target, and no smaller t does it.
TEST(Soundness, QueryCounts) {
    struct Case {
        int target, log_inverse_rate, grinding, queries;
    };
    for (const Case& c : {Case{100, 1, 0, 241}, Case{100, 2, 0, 148}, Case{100, 3, 0, 121},
                          Case{100, 2, 10, 133}, Case{100, 3, 10, 109}, Case{100, 1, 10, 217},
                          Case{128, 2, 10, 175}, Case{128, 2, 0, 189}, Case{10, 2, 10, 0}}) {
        EXPECT_EQ(queries_for(Bits::of(c.target), c.log_inverse_rate, c.grinding), c.queries)
            << c.target << " bits, rate 2^-" << c.log_inverse_rate << ", grinding " << c.grinding;
    }
}

TEST(Soundness, RoundsOfTheSizesInUse) {
    EXPECT_NEAR(sumcheck_round_bits(2, 2).value(), 127, 1e-4);
    EXPECT_NEAR(batching_bits(133, 2).value(), 128 - std::log2(133), 1e-4);
    EXPECT_NEAR(fold_round_bits(1 << 18, 2).value(), 110, 1e-4);
    EXPECT_NEAR(fold_round_bits(1 << 18, 3).value(), 174, 1e-4);
    EXPECT_NEAR(lookup_bits(1 << 21, 2).value(), 107, 1e-4);
    EXPECT_NEAR(lookup_bits(1 << 25, 2).value(), 103, 1e-4);
}

TEST(SoundnessAccount, TheWorstRoundAndTheUnion) {
    SoundnessAccount account;
    account.add("a", Bits::of(101));
    account.add("b", Bits::of(103), 4);
    account.add("never", Bits::of(1), 0);
    EXPECT_EQ(account.worst(), Bits::of(101));
    EXPECT_NEAR(account.union_total(), 101 - std::log2(1 + 4 * 0.25), 1e-9);
    EXPECT_NE(account.explain().find("b (4 rounds)"), std::string::npos);
}

}  // namespace
}  // namespace valence::zk
