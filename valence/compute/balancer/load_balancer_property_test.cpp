// Random sequences of events against what must hold whatever happens.
#include <set>

#include <gtest/gtest.h>

#include "valence/compute/balancer/testing/small_network.hpp"

namespace valence::compute {
namespace {

using namespace testing;

/// Drives a balancer with random events and keeps its own account of every job.
class Storm {
public:
    explicit Storm(std::uint64_t seed) : random_(seed), network_(parameters(seed)) {
        for (std::uint32_t n = 0; n < kNodes; ++n)
            join(n);
    }

    void run(int steps) {
        for (int i = 0; i < steps; ++i) {
            network_.pass(Duration(random_.below(200'000)));
            step();
            take(network_.balancer.due(network_.now));
            network_.balancer.check_invariants();
            ASSERT_EQ(open_.size(), network_.balancer.jobs());
        }
    }

    /// Every node answers all it has until nothing is left.
    void finish() {
        for (int rounds = 0; rounds < 10'000 && !open_.empty(); ++rounds) {
            network_.pass(milliseconds(100));
            for (std::uint32_t n = 0; n < kNodes; ++n) {
                network_.balancer.heartbeat(node(n), network_.heartbeat(models_of(n)), network_.now);
                const auto view = network_.balancer.view(node(n), network_.now);
                if (view && !view->in_flight.empty()) answer(view->in_flight.front(), node(n));
            }
            take(network_.balancer.due(network_.now));
        }
    }

    std::size_t open() const { return open_.size(); }
    std::size_t settled() const { return settled_; }
    const std::vector<std::string>& log() const { return log_; }

private:
    static constexpr std::uint32_t kNodes = 12;
    static constexpr std::uint32_t kModels = 8;

    static BalancerParameters parameters(std::uint64_t seed) {
        BalancerParameters parameters;
        parameters.seed = seed;
        parameters.held_jobs = 60;
        parameters.held_jobs_of_sender = 40;
        parameters.hedge_share = Ratio::percent(30);
        return parameters;
    }

    void join(std::uint32_t n) {
        network_.join(n, {.models = models_of(n),
                          .speed = Ratio::percent(50 + 50 * (n % 3)),
                          .gigabytes = 3,
                          .slots = 1 + n % 2});
    }
    std::vector<std::uint32_t> models_of(std::uint32_t n) const { return {n % kModels, (n + 3) % kModels}; }

    NodeId some_node() { return node(random_.below(kNodes)); }

    std::optional<JobId> some_job_at(const NodeId& at) {
        const auto view = network_.balancer.view(at, network_.now);
        if (!view || view->in_flight.empty()) return std::nullopt;
        return view->in_flight[random_.below(view->in_flight.size())];
    }

    void answer(const JobId& id, const NodeId& from) {
        const Settled settled = network_.balancer.completed(id, from, {}, network_.now);
        ASSERT_EQ(settled.use, Settled::Use::first_answer);
        ASSERT_EQ(open_.erase(id), 1U);
        ++settled_;
    }

    void step() {
        const std::uint32_t what = random_.below(100);
        const NodeId at = some_node();
        if (what < 45) {
            JobRequest request = network_.request(++jobs_, random_.below(kModels));
            request.sender = sender(random_.below(4));
            if (random_.below(5) == 0) request.deadline = network_.now + Duration(random_.below(4'000'000));
            if (random_.below(20) == 0) request.drawn = {some_node(), some_node()};
            open_.insert(request.job);
            take(network_.balancer.choose(request, network_.now));
        } else if (what < 75) {
            if (const auto id = some_job_at(at)) answer(*id, at);
        } else if (what < 81) {
            if (const auto id = some_job_at(at))
                network_.balancer.failed(*id, at, static_cast<FailureKind>(random_.below(5)), network_.now);
        } else if (what < 92) {
            Heartbeat heartbeat = network_.heartbeat({random_.below(kModels), random_.below(kModels)});
            if (const auto id = some_job_at(at)) heartbeat.queue.push_back({*id, network_.now + seconds(1)});
            if (random_.below(10) == 0)
                heartbeat.queue.push_back({job(1'000'000), network_.now + seconds(2)});
            if (random_.below(30) == 0) heartbeat.intake = Intake::draining;
            network_.balancer.heartbeat(at, heartbeat, network_.now);
        } else if (what < 94) {
            network_.balancer.node_left(at, network_.now);
        } else if (what < 97) {
            join(random_.below(kNodes));
        } else if (what < 98 && jobs_ > 0) {
            const JobId id = job(1 + random_.below(jobs_));
            network_.balancer.withdraw(id, network_.now);
            open_.erase(id);
        } else {
            for (const ReplicaOrder& order : network_.balancer.rebalance(network_.now))
                if (order.kind == ReplicaOrder::Kind::load && random_.below(2) == 0)
                    network_.balancer.model_loaded(order.node, order.model, network_.now);
        }
    }

    void take(const Due& due) {
        for (const Decision& decision : due.decisions)
            take(decision);
        for (const Cancellation& c : due.cancellations)
            log_.push_back("cancel " + base::to_hex(c.job));
    }
    void take(const Decision& decision) {
        log_.push_back(describe(decision));
        ASSERT_TRUE(open_.contains(decision.job)) << log_.back();
        if (decision.action == Action::refuse) {
            open_.erase(decision.job);
            ++settled_;
        }
    }

    Sampler random_;
    SmallNetwork network_;
    std::set<JobId> open_;
    std::size_t settled_ = 0;
    std::uint32_t jobs_ = 0;
    std::vector<std::string> log_;
};

class RandomEvents : public ::testing::TestWithParam<std::uint64_t> {};

TEST_P(RandomEvents, LoseNoJobAndKeepCountsConsistent) {
    Storm storm(GetParam());
    storm.run(1500);
    if (HasFatalFailure()) return;
    storm.finish();
    EXPECT_EQ(storm.open(), 0U) << "every job was answered or refused";
    EXPECT_GT(storm.settled(), 100U);
}

TEST_P(RandomEvents, GiveTheSameDecisionsWhenRepeated) {
    Storm first(GetParam());
    Storm second(GetParam());
    first.run(400);
    second.run(400);
    EXPECT_EQ(first.log(), second.log());
    EXPECT_GT(first.log().size(), 100U);
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomEvents, ::testing::Range<std::uint64_t>(1, 41));

}  // namespace
}  // namespace valence::compute
