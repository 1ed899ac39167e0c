#include <gtest/gtest.h>

#include "valence/compute/balancer/testing/small_network.hpp"

namespace valence::compute {
namespace {

using namespace testing;

class Replicas : public ::testing::Test {
protected:
    static BalancerParameters parameters() {
        BalancerParameters parameters;
        parameters.orders_share = Ratio::percent(100);
        parameters.least_replicas = 1;
        parameters.silence = seconds(1'000'000);
        return parameters;
    }
    /// One round of the slow loop in which each model m has demands[m] jobs, each of one second, done at
    /// once.
    std::vector<ReplicaOrder> round(const std::vector<std::uint32_t>& demands) {
        for (std::uint32_t m = 0; m < demands.size(); ++m) {
            for (std::uint32_t i = 0; i < demands[m]; ++i) {
                const Decision decision = network_.choose(++jobs_, m);
                network_.balancer.withdraw(decision.job, network_.now);
            }
        }
        network_.pass(seconds(2));
        const auto orders = network_.balancer.rebalance(network_.now);
        for (const ReplicaOrder& order : orders)
            if (order.kind == ReplicaOrder::Kind::load)
                network_.balancer.model_loaded(order.node, order.model, network_.now);
        network_.balancer.check_invariants();
        return orders;
    }
    std::size_t holders(std::uint32_t m) {
        std::size_t count = 0;
        for (std::uint32_t n = 0; n < 40; ++n) {
            const auto view = network_.balancer.view(node(n), network_.now);
            count +=
                view && std::find(view->models.begin(), view->models.end(), model(m)) != view->models.end();
        }
        return count;
    }

    SmallNetwork network_{parameters()};
    std::uint32_t jobs_ = 0;
};

TEST_F(Replicas, FollowDemandUpwards) {
    network_.join(0, {.models = {0, 1}});
    for (std::uint32_t n = 1; n < 40; ++n)
        network_.join(n);
    network_.balancer.rebalance(network_.now);
    for (int i = 0; i < 20; ++i)
        round({8, 0});
    // 8 jobs of a second in two seconds are 4 nodes; at a quarter of a node each, 16 replicas.
    EXPECT_GE(holders(0), 13U);
    EXPECT_LE(holders(0), 16U);
    EXPECT_EQ(holders(1), 1U);
}

TEST_F(Replicas, StayWhileDemandFluctuates) {
    for (std::uint32_t n = 0; n < 40; ++n)
        network_.join(n, {.models = n < 16 ? std::vector<std::uint32_t>{0} : std::vector<std::uint32_t>{}});
    network_.balancer.rebalance(network_.now);
    round({8});
    std::size_t orders = 0;
    for (std::uint32_t i = 0; i < 40; ++i)
        orders += round({i % 2 == 0 ? 7U : 8U}).size();
    EXPECT_EQ(orders, 0U);
}

TEST_F(Replicas, GoWhenDemandStaysAwayForLong) {
    for (std::uint32_t n = 0; n < 40; ++n)
        network_.join(n, {.models = {0}});
    network_.balancer.rebalance(network_.now);
    for (std::uint32_t i = 0; i + 1 < parameters().shrink_patience; ++i)
        EXPECT_TRUE(round({2}).empty()) << "not before its patience is over";
    for (int i = 0; i < 60; ++i)
        round({2});
    // Four replicas are wanted; up to two and a half times as many may stay.
    EXPECT_EQ(holders(0), 10U);
}

TEST_F(Replicas, AreNotPlacedOnBusyOrFailingNodes) {
    network_.join(0, {.models = {0}});
    network_.join(1, {.models = {6}});
    network_.join(2, {.models = {5}});
    network_.balancer.rebalance(network_.now);
    ASSERT_EQ(network_.choose(1000, 5).node, node(2));
    ASSERT_EQ(network_.choose(1001, 6).node, node(1));
    network_.balancer.failed(job(1001), node(1), FailureKind::wrong_outcome, network_.now);
    for (int i = 0; i < 5; ++i)
        round({4});
    EXPECT_EQ(holders(0), 1U);
}

}  // namespace
}  // namespace valence::compute
