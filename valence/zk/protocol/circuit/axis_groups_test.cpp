// Which axes are laid out together. Whoever changes one of these answers changes circuits, and models' ids.
#include "valence/zk/protocol/circuit/axis_groups.hpp"

#include <gtest/gtest.h>

namespace valence::zk {
namespace {

using Groups = AxisGroups;

TEST(AxisGroups, TheLargestWasteGoesFirst) {
    // 2^k/extent: 8/5, 4/3, 16/9.
    EXPECT_EQ(least_padding({5, 3, 9}, {{0}, {1}, {2}}), (Groups{{2}, {0}, {1}}));
    // The first of equals, 4/3 both; and the order of the others stays.
    EXPECT_EQ(least_padding({4, 3, 6}, {{0}, {1}, {2}}), (Groups{{1}, {0}, {2}}));
    EXPECT_EQ(least_padding({4, 3}, {{0}, {}, {1}}), (Groups{{1}, {0}}));
    EXPECT_EQ(least_padding({}, {{}}), (Groups{{}}));
}

TEST(AxisGroups, AxesStandAloneUpToAThirdOfPadding) {
    EXPECT_EQ(by_axis({}), (Groups{{}}));
    EXPECT_EQ(by_axis({7}), (Groups{{0}}));
    // 4/3 is accepted, and 27/20 would be.
    EXPECT_EQ(by_axis({3, 3}), (Groups{{0}, {1}}));
    EXPECT_EQ(by_axis({4, 190}), (Groups{{1}, {0}}));
    // (4/3)² is not: {0} and {1, 2} leave 4/3, the second going first.
    EXPECT_EQ(by_axis({3, 3, 3}), (Groups{{1, 2}, {0}}));
    // 64/33 twice.
    EXPECT_EQ(by_axis({33, 33}), (Groups{{0, 1}}));
    // Joining 5 and 5 to 25 takes 32/25 instead of 8/5; but 8/5 goes first either way.
    EXPECT_EQ(by_axis({8, 5, 5}), (Groups{{1, 2}, {0}}));
}

TEST(AxisGroups, ImagesKeepRowsApartUpToASixth) {
    // 32/28 for a second axis of 28: less than 6/5.
    EXPECT_EQ(image_groups({1, 6, 28, 28}), (Groups{{1}, {0}, {2}, {3}}));
    // Exactly 6/5 times as much is still accepted; one batch of 15 or another makes no difference.
    EXPECT_EQ(image_groups({1, 15, 7, 9}), (Groups{{3}, {0}, {1}, {2}}));
    EXPECT_EQ(image_groups({15, 15, 7, 9}), (Groups{{3}, {0}, {1}, {2}}));
    EXPECT_EQ(image_groups({1, 9, 5, 5}), (Groups{{1}, {0}, {2, 3}}));
    EXPECT_EQ(image_groups({1, 16, 10, 10}), (Groups{{2, 3}, {0}, {1}}));
}

TEST(AxisGroups, KernelsAreSplitByTheChannelsOfTheirInput) {
    EXPECT_EQ(weight_groups({16, 6, 5, 5}), (Groups{{0, 2, 3}, {1}}));
    EXPECT_EQ(weight_groups({16, 1, 5, 5}), by_axis({16, 1, 5, 5}));
    EXPECT_EQ(weight_groups({16, 6, 1, 1}), by_axis({16, 6, 1, 1}));
    EXPECT_EQ(weight_groups({84, 120}), by_axis({84, 120}));
}

TEST(AxisGroups, PaddingIsComparedExactly) {
    const auto padding = [](std::uint32_t a, std::uint32_t b) {
        return Padding::of({1, a, b}, {{0}, {1}, {2}});
    };
    // (4/3)² and 16/9, which are not one number in floating point.
    EXPECT_FALSE(padding(3, 3).exceeds(padding(9, 1)));
    EXPECT_FALSE(padding(9, 1).exceeds(padding(3, 3)));
    EXPECT_TRUE(padding(9, 1).exceeds(padding(9, 2), 1, 2));
    // 8/5 is 6/5 of 4/3.
    EXPECT_FALSE(padding(5, 1).exceeds(padding(3, 1), 6, 5));
    EXPECT_TRUE(padding(5, 1).exceeds(padding(3, 1), 119, 100));
    // Extents at their largest.
    const Padding large = Padding::of({1, (1U << 30) + 1}, {{0}, {1}});
    EXPECT_TRUE(large.exceeds(Padding{}, 2 * 127, 128));
    EXPECT_FALSE(large.exceeds(Padding{}, 2, 1));
    EXPECT_FALSE(large.exceeds(large));
}

}  // namespace
}  // namespace valence::zk
