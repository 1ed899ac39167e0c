// LoadBalancer: which compute node does which job. Pure: time is a parameter, results are values, and the
// same calls give the same decisions. Its driver (the sequencer, the simulator)
//
//   * tells it what happens: node_joined, heartbeat, node_left, model_loaded, completed, failed;
//   * asks choose() for each job and sends it where the decision says, or lets it be while it is held;
//   * calls due() after each of these and at next_due(): jobs held until now, hedges, retries, cancellations;
//   * calls rebalance() every so often and passes on the orders.
//
// A decision to dispatch counts as carried out: the balancer's own count of what is in flight, not the nodes'
// heartbeats, is what it trusts.
#pragma once

#include <queue>

#include "valence/compute/balancer/balancer_parameters.hpp"
#include "valence/compute/balancer/decision.hpp"
#include "valence/compute/balancer/fleet.hpp"
#include "valence/compute/balancer/sender_turns.hpp"

namespace valence::compute {

struct Cancellation {
    JobId job;
    NodeId node;
    bool operator==(const Cancellation&) const = default;
};

/// What due() wants done.
struct Due {
    /// Jobs to be sent (again), and jobs given up.
    std::vector<Decision> decisions;
    std::vector<Cancellation> cancellations;
};

/// What an answer means.
struct Settled {
    /// Late answers and answers nobody asked for change nothing.
    enum class Use : std::uint8_t { first_answer, unused } use = Use::unused;
    /// Other copies of the job, to be called off.
    std::vector<Cancellation> cancellations;
};

struct ReplicaOrder {
    enum class Kind : std::uint8_t { load, drop } kind = Kind::load;
    NodeId node;
    ModelId model;
    bool operator==(const ReplicaOrder&) const = default;
};

/// What is known of a node, for explanation.
struct NodeView {
    NodeId node;
    NodeClass node_class = NodeClass::cpu;
    CircuitBreaker::State breaker = CircuitBreaker::State::closed;
    Intake intake = Intake::open;
    Duration wait{0};
    std::vector<JobId> in_flight;
    std::vector<ModelId> models;
    Ratio slowness;
    Ratio failure_rate;
    std::uint64_t memory_used = 0;
};

/// What is known of a job that is not done.
struct JobView {
    JobId job;
    enum class Stage : std::uint8_t { held, dispatched, awaiting_retry } stage = Stage::held;
    std::vector<NodeId> nodes;
    std::uint32_t attempts = 0;
    std::uint32_t hedges = 0;
};

struct BalancerCounts {
    std::uint64_t dispatched = 0;
    std::uint64_t held = 0;
    std::uint64_t refused = 0;
    std::uint64_t hedged = 0;
    std::uint64_t retried = 0;
    std::uint64_t loads_for_jobs = 0;
    std::uint64_t replica_orders = 0;
};

class LoadBalancer {
public:
    explicit LoadBalancer(BalancerParameters parameters = {});

    /// A node that was there already is taken to have restarted: its jobs are lost.
    void node_joined(const NodeAdvert& advert, Time now);
    /// From unknown nodes nothing is taken.
    void heartbeat(const NodeId& node, const Heartbeat& heartbeat, Time now);
    /// Its jobs will be tried elsewhere.
    void node_left(const NodeId& node, Time now);
    /// A replica that rebalance() ordered is there.
    void model_loaded(const NodeId& node, const ModelId& model, Time now);

    Decision choose(const JobRequest& request, Time now);
    Settled completed(const JobId& job, const NodeId& node, const Measurement& measurement, Time now);
    void failed(const JobId& job, const NodeId& node, FailureKind kind, Time now);
    /// Nobody wants the job any more: copies to be called off.
    std::vector<Cancellation> withdraw(const JobId& job, Time now);

    Due due(Time now);
    /// When due() will next have something to do; none while nothing waits.
    std::optional<Time> next_due(Time now) const;
    std::vector<ReplicaOrder> rebalance(Time now);

    std::optional<NodeView> view(const NodeId& node, Time now) const;
    std::optional<JobView> view(const JobId& job) const;
    /// The last decision on the job, if it is not too long ago.
    const Decision* explain(const JobId& job) const;
    const BalancerCounts& counts() const { return counts_; }
    std::size_t jobs() const { return jobs_.size(); }
    std::size_t held() const { return held_; }
    /// Ends the program unless indexes, counts and lists agree with each other. For tests; looks at
    /// everything.
    void check_invariants() const;

private:
    struct Copy {
        NodeIndex node = 0;
        Time sent;
        Duration expected{0};
        Time hedge_at;
        Time timeout_at;
    };
    struct Job {
        JobRequest request;
        ModelIndex model = 0;
        JobView::Stage stage = JobView::Stage::held;
        Turn turn;
        Duration held_cost{0};
        std::vector<Copy> copies;
        std::vector<NodeId> tried;
        std::uint32_t attempts = 0;
        std::uint32_t hedges = 0;
        Time timer = Time::max();
    };
    struct Timer {
        Time at;
        std::uint64_t serial = 0;
        JobId job;
        bool operator>(const Timer& other) const {
            return at != other.at ? at > other.at : serial > other.serial;
        }
    };
    /// How thoroughly candidates are looked for.
    enum class Search : std::uint8_t { usual, wide };
    struct Choice {
        std::vector<Candidate> candidates;
        /// Into candidates, and the nodes they are; none where nobody can.
        std::optional<std::size_t> holder;
        std::optional<std::size_t> other;
        std::vector<NodeIndex> nodes;
        bool capable = false;
    };

    // choosing (choose.cpp)
    Choice look(const Job& job, Time now, Search search);
    Decision place(Job& job, Cause cause, Time now);
    bool room_at(const Node& node, Duration wait) const;
    Duration held_wait(const Model& model) const;
    Duration cost(const Job& job) const;
    void dispatch(Job& job, NodeIndex node, Decision& decision);
    void hold(Job& job, Decision& decision);
    /// Of the jobs held, which it is one of.
    void take_out(Job& job);
    void forget(const JobId& job);
    Decision refuse(const JobId& job, Cause cause, Reason reason, Time now,
                    std::vector<Candidate> candidates = {});
    void remember(const Decision& decision);

    // what is in flight (in_flight.cpp)
    /// Something ended there: what was queued begins, and held jobs may go there.
    void slot_freed(NodeIndex node, Time now);
    void put_in_flight(NodeIndex node, const InFlight& work, Time now);
    std::optional<InFlight> take_from_flight(NodeIndex node, const JobId& job, Time now);
    void learn(NodeIndex node, const InFlight& work, const Measurement& measurement, Time now);
    void learn_overdue(NodeIndex node, const InFlight& work, Time now);
    void fail_copy(Job& job, NodeIndex node, FailureKind kind, Time now);
    void call_off(Job& job, Time now, std::vector<Cancellation>& to);

    // what is due (due.cpp)
    void release(NodeIndex node, Time now, Due& due);
    void review(Time now, Due& due);
    void run_timers(Time now, Due& due);
    void look_after(Job& job, Time now, Due& due);
    bool hedge(Job& job, Time now, Due& due);
    void arm(Job& job, Time at);

    // the slow loop (replicas.cpp)
    void measure_demand(Time now);
    std::vector<std::uint32_t> wanted_replicas() const;
    void grow(ModelIndex model, std::size_t count, Time now, std::vector<ReplicaOrder>& orders);
    void shrink(ModelIndex model, std::size_t count, std::vector<ReplicaOrder>& orders);

    BalancerParameters parameters_;
    Fleet fleet_;
    SenderTurns turns_;
    std::unordered_map<JobId, Job> jobs_;
    std::unordered_map<Address, std::uint32_t> held_by_sender_;
    std::priority_queue<Timer, std::vector<Timer>, std::greater<>> timers_;
    std::vector<JobId> retries_;
    std::vector<NodeIndex> freed_;
    /// Models with held jobs, in the order in which their first was held.
    std::vector<ModelIndex> hungry_;
    std::size_t held_ = 0;
    std::uint64_t serial_ = 0;
    Time next_review_;
    Time last_rebalance_;
    bool rebalanced_ = false;
    std::vector<Decision> remembered_;
    std::size_t next_remembered_ = 0;
    BalancerCounts counts_;
};

}  // namespace valence::compute
