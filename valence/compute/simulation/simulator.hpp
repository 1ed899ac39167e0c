// Simulator: a network of compute nodes in virtual time, event by event. Nodes do one thing at a time,
// loading included, in the order in which it came.
#pragma once

#include "valence/compute/simulation/policy.hpp"

namespace valence::compute::simulation {

/// What came of one run. Times in seconds.
struct RunResult {
    double p50 = 0;
    double p99 = 0;
    double p999 = 0;
    double mean = 0;
    /// Shares of all nodes' time within the measurement: at work; at work that was the first answer to a job.
    double busy = 0;
    double useful = 0;
    /// Share of begun jobs that found their model in the node's memory.
    double hits = 0;
    /// Jain's index over senders of how many times longer than on an idle reference machine their jobs took.
    double fairness = 0;
    /// Shares of measured jobs that had no answer when the simulation ended (they count with the time until
    /// then), and that were given up.
    double unfinished = 0;
    double given_up = 0;
    /// Copies sent for each job.
    double copies = 0;
    std::uint64_t jobs = 0;
    bool operator==(const RunResult&) const = default;
};

RunResult simulate(const World& world, const PolicyFacts& policy);

}  // namespace valence::compute::simulation
