#include "valence/sequencer/inference/delivery_wait.hpp"

#include <gtest/gtest.h>

namespace valence::sequencer {
namespace {

class DeliveryWaitTest : public ::testing::Test {
protected:
    static outcome::JobId id(std::uint8_t number) {
        outcome::JobId made;
        made.bytes[0] = number;
        return made;
    }
    static std::vector<chain::NeededJob> jobs(std::initializer_list<std::uint8_t> numbers) {
        std::vector<chain::NeededJob> list;
        for (const auto number : numbers)
            list.push_back({id(number), {}, 0, 0});
        return list;
    }
    const chain::Delivery delivery{5, 100, 100, 3};
    const chain::Delivery other{6, 100, 100, 3};
    DeliveryWait wait;
};

TEST_F(DeliveryWaitTest, WaitsForAllItsJobs) {
    EXPECT_FALSE(wait.waiting());
    wait.wait(delivery, jobs({1, 2}), 10);
    EXPECT_EQ(wait.waiting(), delivery);
    EXPECT_FALSE(wait.arrived(id(1)));
    EXPECT_FALSE(wait.arrived(id(9)));
    EXPECT_TRUE(wait.arrived(id(2)));
    EXPECT_FALSE(wait.waiting());
}

TEST_F(DeliveryWaitTest, WhatNobodyCanAnswerIsWaitedForNoMore) {
    wait.wait(delivery, jobs({1, 2}), 10);
    wait.given_up(id(1));
    EXPECT_EQ(wait.waiting(), delivery);
    wait.given_up(id(2));
    EXPECT_FALSE(wait.waiting());
    EXPECT_FALSE(wait.asks_anew(delivery, jobs({1, 2}), 11)) << "it asked for these before";
}

TEST_F(DeliveryWaitTest, AnotherStateAsksAnewButNotAnotherRunForTheSameBlock) {
    wait.wait(delivery, jobs({1}), 10);
    EXPECT_FALSE(wait.asks_anew(delivery, jobs({2}), 10));
    EXPECT_TRUE(wait.asks_anew(delivery, jobs({1, 2}), 11));
    EXPECT_FALSE(wait.asks_anew(delivery, jobs({1}), 11));
    EXPECT_FALSE(wait.asks_anew(other, jobs({2}), 11));
}

TEST_F(DeliveryWaitTest, IsOverAfterAStatedNumberOfBlocks) {
    wait.wait(delivery, jobs({1}), 10);
    wait.wait(delivery, jobs({1}), 20);
    EXPECT_FALSE(wait.is_over(delivery, 9 + DeliveryWait::kLongestWait));
    EXPECT_TRUE(wait.is_over(delivery, 10 + DeliveryWait::kLongestWait));
    EXPECT_FALSE(wait.is_over(other, 10 + DeliveryWait::kLongestWait));
    // Of a block that was undone nothing is left.
    wait.wait(delivery, jobs({1}), 5);
    EXPECT_TRUE(wait.is_over(delivery, 5 + DeliveryWait::kLongestWait));
    EXPECT_FALSE(wait.is_over(delivery, 4 + DeliveryWait::kLongestWait));
}

}  // namespace
}  // namespace valence::sequencer
