#include "valence/sequencer/inference/turned_away.hpp"

#include <gtest/gtest.h>

namespace valence::sequencer {
namespace {

TEST(TurnedAway, RestsTwiceAsLongEachTime) {
    TurnedAway turned_away;
    const Hash t{{1}};
    EXPECT_FALSE(turned_away.is_resting(t, 10));
    turned_away.add(t, 10);
    EXPECT_TRUE(turned_away.is_resting(t, 10));
    EXPECT_FALSE(turned_away.is_resting(t, 11));
    std::vector<std::uint64_t> runs;
    for (std::uint64_t block = 11; block < 400; ++block) {
        if (turned_away.is_resting(t, block)) continue;
        runs.push_back(block);
        turned_away.add(t, block);
        turned_away.add(t, block);
    }
    EXPECT_EQ(runs, (std::vector<std::uint64_t>{11, 13, 17, 25, 41, 73, 137, 201, 265, 329, 393}));
}

TEST(TurnedAway, KnowsWhatRestsAsLongAsAnything) {
    TurnedAway turned_away;
    const Hash t{{1}};
    int runs = 0;
    for (std::uint64_t block = 10; !turned_away.is_worn_out(t); ++block) {
        if (turned_away.is_resting(t, block)) continue;
        turned_away.add(t, block);
        ++runs;
    }
    EXPECT_EQ(runs, 6);
    turned_away.forget(t);
    EXPECT_FALSE(turned_away.is_worn_out(t));
}

TEST(TurnedAway, ForgetsWhatIsGone) {
    TurnedAway turned_away;
    const Hash kept{{1}};
    const Hash gone{{2}};
    turned_away.add(kept, 10);
    turned_away.add(gone, 10);
    turned_away.retain([&](const Hash& hash) { return hash == kept; });
    EXPECT_TRUE(turned_away.is_resting(kept, 10));
    EXPECT_FALSE(turned_away.is_resting(gone, 10));
    turned_away.forget(kept);
    EXPECT_FALSE(turned_away.is_resting(kept, 10));
}

}  // namespace
}  // namespace valence::sequencer
