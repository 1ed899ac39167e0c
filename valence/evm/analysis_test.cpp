#include "valence/evm/analysis.hpp"

#include <gtest/gtest.h>

namespace valence::evm {
namespace {

Hash hash_of(std::uint64_t n) { return U256{n}.to_hash(); }

/// Some 1,000 bytes each, analysed.
const Bytes kCode(900);

// Else a transaction could call some contracts in turn for 100 gas each, and have every call analysed.
TEST(AnalysisCache, ForgetsNothingWhileATransactionRuns) {
    AnalysisCache cache{{2'000, 100'000}};
    cache.begin_transaction();
    std::vector<SharedAnalysis> first;
    for (std::uint64_t n = 0; n < 20; ++n)
        first.push_back(cache.get(hash_of(n), kCode));
    for (std::uint64_t n = 0; n < 20; ++n)
        EXPECT_EQ(cache.get(hash_of(n), kCode), first[n]) << n;
}

TEST(AnalysisCache, KeepsWhatWasUsedLastBetweenTransactions) {
    AnalysisCache cache{{2'500, 100'000}};
    std::vector<SharedAnalysis> first;
    for (std::uint64_t n = 0; n < 20; ++n)
        first.push_back(cache.get(hash_of(n), kCode));
    cache.begin_transaction();
    EXPECT_EQ(cache.get(hash_of(19), kCode), first[19]);
    EXPECT_NE(cache.get(hash_of(0), kCode), first[0]);
}

TEST(AnalysisCache, IsBoundedWithinATransactionToo) {
    AnalysisCache cache{{2'000, 5'000}};
    const auto first = cache.get(hash_of(0), kCode);
    for (std::uint64_t n = 1; n < 20; ++n)
        cache.get(hash_of(n), kCode);
    EXPECT_NE(cache.get(hash_of(0), kCode), first);
}

}  // namespace
}  // namespace valence::evm
