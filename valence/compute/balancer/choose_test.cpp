#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "valence/compute/balancer/testing/small_network.hpp"

namespace valence::compute {
namespace {

using namespace testing;

const Candidate* candidate(const Decision& decision, std::uint32_t n) {
    for (const Candidate& c : decision.candidates)
        if (c.node == node(n)) return &c;
    return nullptr;
}

TEST(Choose, PrefersANodeThatHasTheModel) {
    SmallNetwork network;
    network.join(1);
    network.join(2, {.models = {7}});
    network.join(3);
    const Decision decision = network.choose(1, 7);
    EXPECT_EQ(decision.action, Action::dispatch);
    EXPECT_EQ(decision.reason, Reason::free_holder);
    EXPECT_EQ(decision.node, node(2));
    EXPECT_EQ(decision.terms.load, Duration(0));
    EXPECT_EQ(decision.terms.service, seconds(1));
}

TEST(Choose, PrefersTheFasterOfTwoFreeHolders) {
    SmallNetwork network;
    network.join(1, {.models = {7}});
    network.join(2, {.models = {7}, .speed = Ratio::percent(200)});
    EXPECT_EQ(network.choose(1, 7).node, node(2));
}

TEST(Choose, PrefersMoreStakeAmongEquals) {
    SmallNetwork network;
    network.join(1, {.models = {7}, .stake = 5});
    network.join(2, {.models = {7}, .stake = 6});
    network.join(3, {.models = {7}, .stake = 5});
    EXPECT_EQ(network.choose(1, 7).node, node(2));
}

TEST(Choose, LoadsTheModelWhereNobodyHasIt) {
    SmallNetwork network;
    network.join(1, {.models = {1}});
    const Decision decision = network.choose(1, 7);
    EXPECT_EQ(decision.action, Action::dispatch);
    EXPECT_EQ(decision.reason, Reason::only_by_loading);
    EXPECT_EQ(decision.terms.load,
              std::chrono::microseconds(1'000'000'000 / 1024 * 1'000'000LL / (kGigabyte >> 10)));
}

TEST(Choose, WaitsForAHolderRatherThanLoadingTooEarly) {
    SmallNetwork network;
    network.join(1, {.models = {7}});
    network.join(2);
    ASSERT_EQ(network.choose(1, 7).node, node(1));
    const Decision second = network.choose(2, 7);
    EXPECT_EQ(second.action, Action::hold);
    EXPECT_EQ(second.reason, Reason::holders_busy);
    EXPECT_EQ(candidate(second, 2)->exclusion, Exclusion::load_too_early);
}

TEST(Choose, LoadsElsewhereOnceTheHoldersWaitExceedsTheMultipleOfTheLoadTime) {
    SmallNetwork network;
    network.join(1, {.models = {7}});
    network.join(2);
    JobRequest longer = network.request(1, 7);
    longer.reference_service = seconds(10);
    ASSERT_EQ(network.balancer.choose(longer, network.now).node, node(1));
    const Decision second = network.choose(2, 7);
    EXPECT_EQ(second.action, Action::dispatch);
    EXPECT_EQ(second.reason, Reason::load_pays);
    EXPECT_EQ(second.node, node(2));
    EXPECT_EQ(candidate(second, 1)->terms.wait, seconds(10));
}

TEST(Choose, EvictsWhereItCostsLeast) {
    SmallNetwork network;
    // Both must drive a model out; that of node 1 is wanted, and nobody else has it.
    network.join(1, {.models = {1}, .gigabytes = 1});
    network.join(2, {.models = {2}, .gigabytes = 1});
    network.join(3, {.models = {2, 3}});
    for (std::uint32_t n = 4; n < 20; ++n)
        network.join(n, {.models = {2}, .modes = 0});
    const Decision decision = network.choose(1, 7);
    EXPECT_EQ(decision.node, node(3)) << "it has room";
    const Candidate* one = candidate(decision, 1);
    const Candidate* two = candidate(decision, 2);
    ASSERT_TRUE(one != nullptr && two != nullptr);
    EXPECT_GT(one->terms.eviction, Duration(0));
    EXPECT_LT(two->terms.eviction, one->terms.eviction) << "many others have model 2";
}

TEST(Choose, CountsWhatItSentItselfWhateverAStaleHeartbeatSays) {
    SmallNetwork network;
    network.join(1, {.models = {7}});
    network.join(2, {.models = {7}});
    const NodeId first = network.choose(1, 7).node;
    network.pass(milliseconds(100));
    network.balancer.heartbeat(first, network.heartbeat({7}), network.now);  // "I have nothing to do"
    EXPECT_NE(network.choose(2, 7).node, first);
    EXPECT_EQ(network.balancer.view(first, network.now)->in_flight.size(), 1U);
}

TEST(Choose, CountsOtherClientsWorkFromHeartbeats) {
    SmallNetwork network;
    network.join(1, {.models = {7}});
    network.join(2, {.models = {7}, .speed = Ratio::percent(50)});
    Heartbeat heartbeat = network.heartbeat({7});
    heartbeat.queue.push_back({job(999), network.now + seconds(30)});
    network.balancer.heartbeat(node(1), heartbeat, network.now);
    EXPECT_EQ(network.choose(1, 7).node, node(2));
    EXPECT_EQ(network.balancer.view(node(1), network.now)->wait, seconds(30));
}

TEST(Choose, CountsTheProofsInTheWorksForZkOnly) {
    SmallNetwork network;
    const auto both = static_cast<outcome::ModeSet>(outcome::bit(kMode) | outcome::bit(outcome::Mode::zk));
    network.join(1, {.models = {7}, .speed = Ratio::percent(200), .modes = both});
    network.join(2, {.models = {7}, .modes = both});
    Heartbeat heartbeat = network.heartbeat({7});
    heartbeat.proofs_until = network.now + seconds(5);
    network.balancer.heartbeat(node(1), heartbeat, network.now);
    JobRequest proved = network.request(1, 7);
    proved.mode = outcome::Mode::zk;
    const Decision decision = network.balancer.choose(proved, network.now);
    EXPECT_EQ(decision.node, node(2));
    EXPECT_EQ(candidate(decision, 1)->terms.proof_queue, seconds(5));
    EXPECT_EQ(network.choose(2, 7).node, node(1));
}

TEST(Choose, BelievesMeasurementsRatherThanAdvertisements) {
    SmallNetwork network;
    network.join(
        1, {.models = {7}, .speed = Ratio::percent(400)});  // it is as slow as half the reference machine
    network.join(2, {.models = {7}});
    for (std::uint32_t j = 0; j < 30; ++j) {
        const Decision decision = network.choose(j, 7);
        network.pass(decision.node == node(1) ? seconds(2) : seconds(1));
        network.balancer.completed(job(j), decision.node, {Duration(0), milliseconds(1)}, network.now);
        network.balancer.heartbeat(node(1), network.heartbeat({7}), network.now);
        network.balancer.heartbeat(node(2), network.heartbeat({7}), network.now);
    }
    EXPECT_EQ(network.choose(100, 7).node, node(2));
}

TEST(Choose, AvoidsNodesThatFailOften) {
    SmallNetwork network;
    network.join(1, {.models = {7}});
    network.join(2, {.models = {7}});
    const NodeId first = network.choose(1, 7).node;
    network.balancer.failed(job(1), first, FailureKind::refused, network.now);
    const Due due = network.balancer.due(network.now);
    ASSERT_EQ(due.decisions.size(), 1U);
    network.balancer.completed(job(1), due.decisions[0].node, {}, network.now + seconds(1));
    network.pass(seconds(1));
    const Decision decision = network.choose(2, 7);
    EXPECT_NE(decision.node, first);
    EXPECT_EQ(decision.terms.risk, Duration(0));
}

TEST(Choose, SaysOfEveryUnfitNodeWhy) {
    struct {
        NodeOptions node;
        Exclusion exclusion;
    } const unfit[] = {{{.modes = 1}, Exclusion::mode},
                       {{.stake = 9}, Exclusion::stake},
                       {{.gigabytes = 3, .stake = 10}, Exclusion::memory}};
    for (const auto& row : unfit) {
        SmallNetwork network;
        network.join(1, row.node);
        JobRequest request = network.request(1, 7);
        request.model_bytes = 4 * kGigabyte;
        request.stake = row.exclusion == Exclusion::mode ? 0 : 10;
        const Decision decision = network.balancer.choose(request, network.now);
        EXPECT_EQ(decision.action, Action::refuse);
        EXPECT_EQ(decision.reason, Reason::no_such_node);
        EXPECT_EQ(network.balancer.jobs(), 0U);
        if (row.exclusion == Exclusion::mode) continue;  // such nodes are not even looked at
        ASSERT_EQ(decision.candidates.size(), 1U);
        EXPECT_EQ(decision.candidates[0].exclusion, row.exclusion) << exclusion_name(row.exclusion);
    }
}

TEST(Choose, RefusesAtOnceWhatCannotMeetItsDeadlineAnywhere) {
    SmallNetwork network;
    network.join(1, {.models = {7}});
    network.join(2);
    JobRequest request = network.request(1, 7);
    request.deadline = network.now + milliseconds(999);
    const Decision refused = network.balancer.choose(request, network.now);
    EXPECT_EQ(refused.action, Action::refuse);
    EXPECT_EQ(refused.reason, Reason::deadline_unreachable);
    EXPECT_EQ(refused.terms.service, seconds(1)) << "the best there was";
    request.deadline = network.now + milliseconds(1001);
    EXPECT_EQ(network.balancer.choose(request, network.now).action, Action::dispatch);
}

TEST(Choose, RefusesWhatWouldWaitBeyondItsDeadline) {
    SmallNetwork network;
    network.join(1, {.models = {7}});
    network.choose(1, 7);
    JobRequest request = network.request(2, 7);
    request.deadline = network.now + milliseconds(1500);
    EXPECT_EQ(network.balancer.choose(request, network.now).reason, Reason::deadline_unreachable);
}

TEST(Choose, GivesAJobToTheNodesItNamesOnly) {
    SmallNetwork network;
    network.join(1, {.models = {7}});
    network.join(2);
    JobRequest request = network.request(1, 7);
    request.drawn = {node(2)};
    const Decision decision = network.balancer.choose(request, network.now);
    EXPECT_EQ(decision.node, node(2));
    EXPECT_EQ(decision.reason, Reason::drawn);
    request.job = job(2);
    EXPECT_EQ(network.balancer.choose(request, network.now).node, node(2))
        << "busy, but nobody else may do it";
    request.job = job(3);
    request.drawn = {node(9)};
    EXPECT_EQ(network.balancer.choose(request, network.now).reason, Reason::no_such_node);
}

TEST(Choose, RefusesAJobThatIsBeingDone) {
    SmallNetwork network;
    network.join(1, {.models = {7}});
    network.choose(1, 7);
    EXPECT_EQ(network.choose(1, 7).reason, Reason::known_job);
    EXPECT_EQ(network.balancer.jobs(), 1U);
}

TEST(Choose, BoundsTheJobsThatWait) {
    BalancerParameters parameters;
    parameters.held_jobs = 3;
    parameters.held_jobs_of_sender = 2;
    SmallNetwork network(parameters);
    network.join(1, {.models = {7}});
    for (std::uint32_t j = 1; j <= 3; ++j)
        network.choose(j, 7);
    EXPECT_EQ(network.choose(4, 7).reason, Reason::too_many_of_sender);
    JobRequest other = network.request(5, 7);
    other.sender = sender(2);
    EXPECT_EQ(network.balancer.choose(other, network.now).action, Action::hold);
    other.job = job(6);
    EXPECT_EQ(network.balancer.choose(other, network.now).reason, Reason::too_many_held);
    network.balancer.check_invariants();
}

TEST(Choose, IsNotMovedByAbsurdClaims) {
    SmallNetwork network;
    network.join(1, {.models = {7}});
    network.pass(seconds(1));
    Heartbeat heartbeat = network.heartbeat({});
    for (std::uint32_t m = 1000; m < 1000 + 3 * kMostModelsReported; ++m)
        heartbeat.cached.push_back({model(m), ~std::uint64_t{0}});
    heartbeat.queue.push_back({job(999), Time::max()});
    heartbeat.proofs_until = Time::max();
    network.balancer.heartbeat(node(1), heartbeat, network.now);
    const NodeView view = *network.balancer.view(node(1), network.now);
    EXPECT_EQ(view.models.size(), kMostModelsReported);
    EXPECT_EQ(view.wait, std::chrono::hours(1));
    network.balancer.check_invariants();
    // What jobs say of a model's size replaces what the node said.
    JobRequest request = network.request(1, 1000);
    request.drawn = {node(1)};
    EXPECT_EQ(network.balancer.choose(request, network.now).action, Action::dispatch);
    network.balancer.check_invariants();
}

TEST(Choose, RemembersDecisionsAndExplainsThem) {
    SmallNetwork network;
    network.join(1, {.models = {7}});
    const Decision decision = network.choose(1, 7);
    ASSERT_NE(network.balancer.explain(job(1)), nullptr);
    EXPECT_EQ(*network.balancer.explain(job(1)), decision);
    EXPECT_EQ(network.balancer.explain(job(2)), nullptr);
    EXPECT_EQ(describe(decision),
              "job 0x01000000… (arrival) to node 0x01000000…: a node with the model is free; 1000.0 ms = "
              "wait 0.0 + "
              "load 0.0 + service 1000.0 + eviction 0.0 + proof queue 0.0 + risk 0.0; 1 considered");
}

}  // namespace
}  // namespace valence::compute
