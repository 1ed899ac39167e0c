#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "valence/compute/balancer/testing/small_network.hpp"

namespace valence::compute {
namespace {

using namespace testing;

TEST(Due, ReleasesAHeldJobWhenAHolderBecomesFree) {
    SmallNetwork network;
    network.join(1, {.models = {7}});
    network.choose(1, 7);
    ASSERT_EQ(network.choose(2, 7).action, Action::hold);
    EXPECT_TRUE(network.balancer.due(network.now).decisions.empty());
    network.pass(seconds(1));
    network.complete(1, 1);
    const Due due = network.balancer.due(network.now);
    ASSERT_EQ(due.decisions.size(), 1U);
    EXPECT_EQ(due.decisions[0].job, job(2));
    EXPECT_EQ(due.decisions[0].node, node(1));
    EXPECT_EQ(due.decisions[0].reason, Reason::next_in_turn);
}

TEST(Due, GivesEverySenderItsTurn) {
    SmallNetwork network;
    network.join(1, {.models = {7}});
    network.choose(1, 7);
    // A flood of one sender, then two jobs of another.
    for (std::uint32_t j = 10; j < 20; ++j)
        network.choose(j, 7);
    for (std::uint32_t j = 20; j < 22; ++j) {
        JobRequest request = network.request(j, 7);
        request.sender = sender(2);
        network.balancer.choose(request, network.now);
    }
    std::vector<JobId> order;
    JobId running = job(1);
    for (int i = 0; i < 4; ++i) {
        network.pass(seconds(1));
        network.balancer.completed(running, node(1), {}, network.now);
        for (const Decision& decision : network.balancer.due(network.now).decisions)
            order.push_back(running = decision.job);
    }
    EXPECT_THAT(order, ::testing::ElementsAre(job(20), job(10), job(21), job(11)));
}

TEST(Due, RefusesAHeldJobWhoseDeadlinePassed) {
    SmallNetwork network;
    network.join(1, {.models = {7}});
    network.choose(1, 7);
    JobRequest request = network.request(2, 7);
    request.deadline = network.now + seconds(3);
    ASSERT_EQ(network.balancer.choose(request, network.now).action, Action::hold);
    network.pass(milliseconds(2900));
    const Due due = network.balancer.due(network.now);
    const auto refused = std::find_if(due.decisions.begin(), due.decisions.end(),
                                      [](const Decision& d) { return d.job == job(2); });
    ASSERT_NE(refused, due.decisions.end());
    EXPECT_EQ(refused->action, Action::refuse);
    EXPECT_EQ(network.balancer.held(), 0U);
}

TEST(Due, HedgesAJobThatIsLate) {
    SmallNetwork network;
    network.join(1, {.models = {7}});
    const NodeId first = network.choose(1, 7).node;
    network.join(2, {.models = {7}});
    // Expected is 1 s; with nothing measured its deviation is taken to be half of that.
    network.pass(milliseconds(2000));
    EXPECT_TRUE(network.balancer.due(network.now).decisions.empty());
    network.pass(milliseconds(100));
    const Due due = network.balancer.due(network.now);
    ASSERT_EQ(due.decisions.size(), 1U);
    EXPECT_EQ(due.decisions[0].cause, Cause::hedge);
    EXPECT_NE(due.decisions[0].node, first);

    network.pass(milliseconds(100));
    const Settled settled = network.complete(1, 2);
    EXPECT_EQ(settled.use, Settled::Use::first_answer);
    EXPECT_THAT(settled.cancellations, ::testing::ElementsAre(Cancellation{job(1), node(1)}));
    EXPECT_EQ(network.complete(1, 1).use, Settled::Use::unused) << "too late";
    network.balancer.check_invariants();
}

TEST(Due, DoesNotHedgeWhereOnlyBusyNodesAreLeft) {
    SmallNetwork network;
    network.join(1, {.models = {7}});
    network.choose(1, 7);
    network.join(2, {.models = {7}});
    JobRequest longer = network.request(2, 7);
    longer.reference_service = seconds(20);
    network.balancer.choose(longer, network.now);
    network.pass(milliseconds(2500));
    EXPECT_TRUE(network.balancer.due(network.now).decisions.empty());
}

TEST(Due, SpendsNoMoreThanItsShareOnHedges) {
    BalancerParameters parameters;
    parameters.hedge_share = Ratio::percent(1);
    parameters.timeout_factor = 1000;
    SmallNetwork network(parameters);
    for (std::uint32_t n = 0; n < 200; ++n)
        network.join(n, {.models = {7}});
    for (std::uint32_t j = 0; j < 100; ++j)
        network.choose(j, 7);
    network.pass(seconds(5));
    EXPECT_EQ(network.balancer.due(network.now).decisions.size(), 11U) << "ten, and one of a hundred";
}

TEST(Due, HedgesAtOnceWhatANodeNoLongerSpeaksOf) {
    SmallNetwork network;
    network.join(1, {.models = {7}});
    JobRequest longer = network.request(1, 7);
    longer.reference_service = seconds(60);
    network.balancer.choose(longer, network.now);
    network.join(2, {.models = {7}});
    network.pass(seconds(2));
    network.balancer.heartbeat(node(1), network.heartbeat({7}), network.now);
    const Due due = network.balancer.due(network.now);
    ASSERT_EQ(due.decisions.size(), 1U);
    EXPECT_EQ(due.decisions[0].node, node(2));
}

TEST(Due, TriesAFailedJobElsewhere) {
    SmallNetwork network;
    network.join(1, {.models = {7}});
    const NodeId first = network.choose(1, 7).node;
    network.join(2, {.models = {7}, .speed = Ratio::percent(10)});
    network.balancer.failed(job(1), first, FailureKind::error, network.now);
    const Due due = network.balancer.due(network.now);
    ASSERT_EQ(due.decisions.size(), 1U);
    EXPECT_EQ(due.decisions[0].cause, Cause::retry);
    EXPECT_EQ(due.decisions[0].node, node(2));
}

TEST(Due, GivesUpAfterSoManyAttempts) {
    BalancerParameters parameters;
    parameters.attempts = 3;
    parameters.breaker_limit = 1000;
    SmallNetwork network(parameters);
    network.join(1, {.models = {7}});
    network.choose(1, 7);
    for (int attempt = 1; attempt <= 3; ++attempt) {
        network.balancer.failed(job(1), node(1), FailureKind::error, network.now);
        const Due due = network.balancer.due(network.now);
        ASSERT_EQ(due.decisions.size(), 1U);
        EXPECT_EQ(due.decisions[0].action, attempt < 3 ? Action::dispatch : Action::refuse);
        EXPECT_EQ(due.decisions[0].reason, attempt < 3 ? Reason::free_holder : Reason::attempts_exhausted);
    }
    EXPECT_EQ(network.balancer.jobs(), 0U);
}

TEST(Due, CallsOffACopyThatTimedOut) {
    SmallNetwork network;
    network.join(1, {.models = {7}});
    network.choose(1, 7);
    network.pass(seconds(12));
    network.balancer.heartbeat(node(1), network.heartbeat({7}), network.now);
    const Due due = network.balancer.due(network.now);
    EXPECT_THAT(due.cancellations, ::testing::ElementsAre(Cancellation{job(1), node(1)}));
    ASSERT_EQ(due.decisions.size(), 1U);
    EXPECT_EQ(due.decisions[0].cause, Cause::retry);
}

TEST(Due, MovesTheJobsOfANodeThatLeft) {
    SmallNetwork network;
    network.join(1, {.models = {7}});
    network.choose(1, 7);
    network.join(2);
    network.balancer.node_left(node(1), network.now);
    const Due due = network.balancer.due(network.now);
    ASSERT_EQ(due.decisions.size(), 1U);
    EXPECT_EQ(due.decisions[0].node, node(2));
    EXPECT_FALSE(network.balancer.view(node(1), network.now));
}

TEST(Due, KeepsAHeldJobBeyondTheTimersOfALostCopy) {
    BalancerParameters parameters;
    parameters.silence = seconds(1000);
    SmallNetwork network(parameters);
    network.join(1, {.models = {7}});
    network.choose(1, 7);
    network.join(2, {.models = {7}});
    JobRequest longest = network.request(2, 7);
    longest.drawn = {node(2)};
    network.balancer.choose(longest, network.now);
    network.balancer.node_left(node(1), network.now);
    EXPECT_TRUE(network.balancer.due(network.now).decisions.empty()) << "held: the other node is busy";
    ASSERT_EQ(network.balancer.held(), 1U);
    network.pass(milliseconds(2100));  // the lost copy's hedge would be due
    for (const Decision& decision : network.balancer.due(network.now).decisions)
        EXPECT_NE(decision.reason, Reason::deadline_passed);
    EXPECT_TRUE(network.balancer.view(job(1)));
    network.balancer.check_invariants();
}

TEST(Due, ProbesANodeWithOneJobAfterItsBreakerOpened) {
    BalancerParameters parameters;
    parameters.silence = seconds(1000);
    SmallNetwork network(parameters);
    network.join(1, {.models = {7}, .slots = 4});
    network.choose(1, 7);
    network.balancer.failed(job(1), node(1), FailureKind::wrong_outcome, network.now);
    EXPECT_EQ(network.balancer.view(node(1), network.now)->breaker, CircuitBreaker::State::open);
    EXPECT_EQ(network.choose(2, 7).reason, Reason::no_healthy_node);
    network.balancer.due(network.now);
    network.pass(parameters.breaker_pause * 60);
    EXPECT_EQ(network.choose(3, 7).action, Action::dispatch);
    EXPECT_EQ(network.choose(4, 7).reason, Reason::no_healthy_node) << "one probe at a time";
    network.pass(seconds(1));
    network.complete(3, 1);
    EXPECT_EQ(network.choose(5, 7).action, Action::dispatch);
    EXPECT_EQ(network.choose(6, 7).action, Action::dispatch);
}

TEST(Due, GivesNothingToDrainingOrSilentNodes) {
    SmallNetwork network;
    network.join(1, {.models = {7}});
    Heartbeat heartbeat = network.heartbeat({7});
    heartbeat.intake = Intake::draining;
    network.balancer.heartbeat(node(1), heartbeat, network.now);
    EXPECT_EQ(network.choose(1, 7).reason, Reason::no_healthy_node);
    network.balancer.heartbeat(node(1), network.heartbeat({7}), network.now);
    network.pass(seconds(11));
    EXPECT_EQ(network.choose(2, 7).reason, Reason::no_healthy_node);
    network.balancer.heartbeat(node(1), network.heartbeat({7}), network.now);
    EXPECT_EQ(network.choose(3, 7).action, Action::dispatch);
}

TEST(Due, WithdrawnJobsAreCalledOff) {
    SmallNetwork network;
    network.join(1, {.models = {7}});
    network.choose(1, 7);
    network.choose(2, 7);
    EXPECT_THAT(network.balancer.withdraw(job(2), network.now), ::testing::IsEmpty());
    EXPECT_THAT(network.balancer.withdraw(job(1), network.now),
                ::testing::ElementsAre(Cancellation{job(1), node(1)}));
    EXPECT_EQ(network.balancer.jobs(), 0U);
    network.balancer.check_invariants();
}

}  // namespace
}  // namespace valence::compute
