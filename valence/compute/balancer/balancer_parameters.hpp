// What can be set about the balancer. docs/balancer.md says what each is for and what it was tried with.
#pragma once

#include "valence/compute/balancer/ratio.hpp"

namespace valence::compute {

using std::chrono::milliseconds;
using std::chrono::seconds;

struct BalancerParameters {
    /// Salts the sampling of candidates.
    std::uint64_t seed = 0;

    // Candidates of one choice.
    std::uint32_t free_holders = 6;
    std::uint32_t busy_holders = 4;
    std::uint32_t others = 6;

    /// A model is loaded on another node only when its holders' best wait exceeds this many load times.
    Ratio load_patience = Ratio::percent(150);
    /// How far ahead the loss of an evicted model is counted.
    Duration eviction_horizon = seconds(20);
    /// Work that may wait at a node beside what it is doing: about what a message there and back takes, so
    /// that the node does not idle between two jobs. All else waits here, where it can still go elsewhere.
    Duration node_queue = milliseconds(50);

    // Jobs that wait here.
    std::uint32_t held_jobs = 100'000;
    std::uint32_t held_jobs_of_sender = 20'000;
    /// How often the choice for waiting jobs is made again.
    Duration review_every = milliseconds(100);
    std::uint32_t reviews_at_once = 64;

    // Sending a job a second time.
    /// A hedge is due after the expected time plus this many deviations: 2 is about the 95th percentile.
    Ratio hedge_deviations = Ratio::percent(200);
    Duration hedge_floor = milliseconds(50);
    std::uint32_t hedges_of_job = 1;
    /// Hedges in all, of jobs dispatched.
    Ratio hedge_share = Ratio::percent(5);
    /// A copy is given up after this many times its expected time.
    std::uint32_t timeout_factor = 12;
    Duration timeout_floor = seconds(2);
    std::uint32_t attempts = 4;

    // Circuit breaker.
    /// Sum of the failures' weights without a success between that opens it.
    std::uint32_t breaker_limit = 4;
    Duration breaker_pause = seconds(5);
    Duration breaker_longest_pause = seconds(600);
    /// A node not heard of for so long gets no jobs.
    Duration silence = seconds(10);

    // Slow loop: how many nodes hold a model.
    Duration rebalance_every = seconds(2);
    std::uint32_t least_replicas = 8;
    /// The share of a node's time that one replica is planned to take, and of all memory that is planned.
    Ratio replica_share = Ratio::percent(25);
    Ratio memory_share = Ratio::percent(90);
    /// Replicas are added below wanted · grow_below, and taken away above wanted · shrink_above, seen in
    /// shrink_patience rounds on end.
    Ratio grow_below = Ratio::percent(85);
    Ratio shrink_above = Ratio::percent(250);
    std::uint32_t shrink_patience = 5;
    /// Orders a round, of all nodes; at least 2.
    Ratio orders_share = Ratio::percent(5);

    /// Decisions remembered for those who ask.
    std::uint32_t remembered = 4096;
};

}  // namespace valence::compute
