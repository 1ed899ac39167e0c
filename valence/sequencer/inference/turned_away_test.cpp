#include "valence/sequencer/inference/turned_away.hpp"

#include <gtest/gtest.h>

namespace valence::sequencer {
namespace {

constexpr auto kLittle = Offer::too_little;
constexpr auto kEnough = Offer::enough;

class TurnedAwayTest : public ::testing::Test {
protected:
    static PoolTransaction transaction(std::uint8_t hash, std::uint64_t sender = 1,
                                       std::uint64_t gas = 1'000'000) {
        PoolTransaction made;
        made.sender = base::address_from_number(sender);
        made.hash.bytes[0] = hash;
        made.transaction.gas_limit = gas;
        return made;
    }
    /// The blocks that it is run for, in vain, until the last.
    std::vector<std::uint64_t> run(const PoolTransaction& t, std::uint64_t from, std::uint64_t to) {
        std::vector<std::uint64_t> runs;
        for (auto block = from; block < to; ++block) {
            if (turned_away.is_resting(t, kLittle, block)) continue;
            runs.push_back(block);
            turned_away.add(t, InVain::too_cheap, block);
            turned_away.add(t, InVain::too_cheap, block);
        }
        return runs;
    }
    using Blocks = std::vector<std::uint64_t>;
    TurnedAway turned_away;
};

TEST_F(TurnedAwayTest, RestsTwiceAsLongEachTime) {
    EXPECT_EQ(run(transaction(1), 10, 400), (Blocks{10, 11, 13, 17, 25, 41, 73, 137, 201, 265, 329, 393}));
}

TEST_F(TurnedAwayTest, KnowsWhatRestsAsLongAsAnything) {
    const auto t = transaction(1);
    EXPECT_FALSE(turned_away.is_known(t));
    EXPECT_EQ(run(t, 10, 41).size(), 5u);
    EXPECT_TRUE(turned_away.is_known(t));
    EXPECT_FALSE(turned_away.is_worn_out(t));
    run(t, 41, 42);
    EXPECT_TRUE(turned_away.is_worn_out(t));
    EXPECT_FALSE(turned_away.is_worn_out(transaction(2))) << "of the same sender";
    turned_away.forget(t.sender, t.hash);
    EXPECT_FALSE(turned_away.is_worn_out(t));
}

/// Else each replacement were a free run, and each nonce another few.
TEST_F(TurnedAwayTest, WhatComesInItsPlaceRestsWithIt) {
    run(transaction(1), 10, 100);
    EXPECT_EQ(run(transaction(2), 100, 400), (Blocks{137, 201, 265, 329, 393}));
    EXPECT_FALSE(turned_away.is_resting(transaction(3, 2), kLittle, 400)) << "another sender";
    turned_away.forget(transaction(9).sender, transaction(9).hash);
    EXPECT_TRUE(turned_away.is_resting(transaction(4), kLittle, 400)) << "something else of its was included";
}

TEST_F(TurnedAwayTest, WhatOffersMoreOrAsksForLittleDoesNot) {
    const auto cheap = transaction(1);
    turned_away.add(cheap, InVain::too_cheap, 10);
    EXPECT_TRUE(turned_away.is_resting(cheap, kEnough, 10)) << "the base fee fell: its turn comes";
    EXPECT_TRUE(turned_away.is_resting(transaction(2), kLittle, 10));
    EXPECT_FALSE(turned_away.is_resting(transaction(2), kEnough, 10));
    EXPECT_FALSE(turned_away.is_resting(transaction(2, 1, TurnedAway::kLittleGas), kLittle, 10));
    turned_away.add(transaction(5, 5), InVain::not_now, 10);
    EXPECT_TRUE(turned_away.is_resting(transaction(6, 5), kEnough, 10)) << "it was not the price";
}

TEST_F(TurnedAwayTest, ForgetsWhoDidNothingForLong) {
    const auto t = transaction(1);
    run(t, 10, 100);
    turned_away.forget_idle(200);
    EXPECT_TRUE(turned_away.is_known(t)) << "its turn came, and it may be a block late";
    turned_away.forget_idle(202);
    EXPECT_FALSE(turned_away.is_known(t));
}

TEST_F(TurnedAwayTest, RestsNotLongerWhereBlocksWereUndone) {
    const auto t = transaction(1);
    run(t, 1'000, 1'100);
    EXPECT_FALSE(turned_away.is_resting(t, kLittle, 10));
}

}  // namespace
}  // namespace valence::sequencer
