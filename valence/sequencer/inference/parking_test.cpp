#include "valence/sequencer/inference/parking.hpp"

#include <gtest/gtest.h>

namespace valence::sequencer {
namespace {

class ParkingTest : public ::testing::Test {
protected:
    static PooledTransaction transaction(std::uint64_t sender, std::uint64_t nonce = 0) {
        auto made = std::make_shared<PoolTransaction>();
        made->sender = base::address_from_number(sender);
        made->hash = U256{sender * 1'000 + nonce + 1}.to_hash();
        made->transaction.nonce = nonce;
        made->transaction.gas_limit = 100;
        made->transaction.max_fee_per_gas = 7;
        made->transaction.value = 5;
        return made;
    }
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
    Parking parking{ParkingLimits{4, 1, 2, 3}};
};

TEST_F(ParkingTest, ATransactionWaitsForAllItsJobs) {
    const auto one = transaction(1);
    EXPECT_TRUE(parking.park(one, jobs({1, 2})));
    EXPECT_FALSE(parking.arrived(id(1)));
    EXPECT_TRUE(parking.is_waiting(one->hash));
    EXPECT_TRUE(parking.arrived(id(2)));
    EXPECT_FALSE(parking.is_waiting(one->hash));
    EXPECT_TRUE(parking.is_bound(one->hash)) << "until it is in a block";
    EXPECT_FALSE(parking.arrived(id(9)));
}

TEST_F(ParkingTest, SaysWhichJobsNobodyWaitedFor) {
    const auto ids = [](const std::optional<std::vector<chain::NeededJob>>& list) {
        std::vector<outcome::JobId> made;
        for (const auto& job : list.value())
            made.push_back(job.id);
        return made;
    };
    EXPECT_EQ(ids(parking.park(transaction(1), jobs({1, 2, 1}))), (std::vector{id(1), id(2)}));
    EXPECT_EQ(ids(parking.park(transaction(2), jobs({2, 3}))), std::vector{id(3)});
    EXPECT_TRUE(ids(parking.park(transaction(1), jobs({1}))).empty());
    parking.arrived(id(1));
    EXPECT_EQ(ids(parking.park(transaction(1), jobs({1}))), std::vector{id(1)});
}

TEST_F(ParkingTest, HoldsAStatedNumberOfTransactionsWhateverComes) {
    for (std::uint64_t sender = 1; sender <= 100; ++sender) {
        EXPECT_EQ(parking.park(transaction(sender), jobs({1})).has_value(), sender <= 4) << sender;
    }
    EXPECT_EQ(parking.count(), 4u);
    EXPECT_EQ(parking.view()->reserves.size(), 4u);
    EXPECT_EQ(parking.view()->waiting.size(), 4u);
    parking.forget(transaction(2)->hash);
    EXPECT_TRUE(parking.park(transaction(99), jobs({1})));
}

TEST_F(ParkingTest, HoldsOneOfASender) {
    EXPECT_TRUE(parking.park(transaction(1, 0), jobs({1})));
    EXPECT_FALSE(parking.park(transaction(1, 1), jobs({1})));
    EXPECT_TRUE(parking.park(transaction(1, 0), jobs({2}))) << "it asks for more";
}

TEST_F(ParkingTest, HoldsFewerOfSendersThatOthersCanEmpty) {
    for (std::uint64_t sender = 1; sender <= 3; ++sender)
        EXPECT_EQ(parking.park(transaction(sender), jobs({1}), SenderKind::delegated).has_value(),
                  sender <= 2);
    EXPECT_TRUE(parking.park(transaction(3), jobs({1})));
    parking.forget(transaction(1)->hash);
    EXPECT_TRUE(parking.park(transaction(4), jobs({1}), SenderKind::delegated));
}

TEST_F(ParkingTest, ReservesWhatATransactionMayCost) {
    parking.park(transaction(1, 3), jobs({1}));
    const auto reserves = parking.view()->reserves;
    ASSERT_EQ(reserves.size(), 1u);
    const auto& kept = reserves.at(base::address_from_number(1));
    EXPECT_EQ(kept.balance, U256{100 * 7 + 5});
    EXPECT_EQ(kept.nonce, 3u);
    parking.arrived(id(1));
    EXPECT_TRUE(parking.view()->waiting.empty());
    EXPECT_EQ(parking.view()->reserves.size(), 1u) << "until it is in a block";
}

TEST_F(ParkingTest, CountsHowOftenATransactionAsks) {
    const auto one = transaction(1);
    for (std::uint8_t ask = 1; ask <= 3; ++ask) {
        EXPECT_FALSE(parking.asks_too_often(one->hash));
        parking.park(one, jobs({ask}));
    }
    EXPECT_TRUE(parking.asks_too_often(one->hash));
}

TEST_F(ParkingTest, KnowsWhoIsBoundForLongest) {
    for (const std::uint64_t sender : {3, 1, 2})
        parking.park(transaction(sender), jobs({1}));
    EXPECT_TRUE(parking.is_oldest(transaction(3)->hash));
    EXPECT_FALSE(parking.is_oldest(transaction(1)->hash));
    parking.park(transaction(3), jobs({2}));
    EXPECT_TRUE(parking.is_oldest(transaction(3)->hash)) << "asking again does not make it younger";
    parking.forget(transaction(3)->hash);
    EXPECT_TRUE(parking.is_oldest(transaction(1)->hash));
}

TEST_F(ParkingTest, ReleasesWhoWaitsForWhatNobodyCanAnswer) {
    parking.park(transaction(1), jobs({1, 2}));
    parking.park(transaction(2), jobs({1}));
    parking.park(transaction(3), jobs({2}));
    auto released = parking.release(id(1));
    EXPECT_EQ(released.size(), 2u);
    EXPECT_FALSE(parking.is_bound(transaction(1)->hash));
    EXPECT_FALSE(parking.is_bound(transaction(2)->hash));
    EXPECT_TRUE(parking.is_waiting(transaction(3)->hash));
    EXPECT_TRUE(parking.arrived(id(2)));
    EXPECT_TRUE(parking.release(id(9)).empty());
}

}  // namespace
}  // namespace valence::sequencer
