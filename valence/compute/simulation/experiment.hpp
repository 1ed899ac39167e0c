// Experiment: every policy at every load, over several seeds, and what it says with which confidence.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "valence/compute/simulation/simulator.hpp"
#include "valence/compute/simulation/statistics.hpp"

namespace valence::compute::simulation {

struct Experiment {
    /// Its load and seed are replaced; seeds count up from this one.
    Scenario scenario;
    std::vector<double> loads = {0.5, 0.6, 0.7, 0.8, 0.9};
    std::uint32_t seeds = 10;
    /// Of all_policies().
    std::vector<std::string> policies;
    unsigned threads = 2;
};

/// One policy at one load.
struct Cell {
    std::string policy;
    double load = 0;
    std::vector<RunResult> runs;  // by seed
};

/// Loads in the order given, within them the policies. Runs of one seed and load share their world: the same
/// nodes, jobs, failures and slow spells. `progress` (runs done, of all) is called by the threads that work.
std::vector<Cell> run_experiment(const Experiment& experiment,
                                 const std::function<void(std::size_t, std::size_t)>& progress);

/// The policies compared unless others are named: those of the usual list, the strongest simple one, the
/// balancer.
std::vector<std::string> usual_policies();

/// What is reported of a run, one row each.
struct Metric {
    std::string_view name;
    std::string_view unit;
    std::string_view about;
    double RunResult::* value;
};
std::span<const Metric> metrics();

Interval summary(const Cell& cell, double RunResult::* value);

/// How the balancer's p99 stands beside the best other policy's at one load.
struct Verdict {
    double load = 0;
    std::string rival;
    double rival_p99 = 0;
    double balancer_p99 = 0;
    /// Rival's less balancer's, paired by seed.
    Interval gain;
    bool beats_all() const { return gain.mean - gain.half > 0; }
};
std::vector<Verdict> verdicts(const std::vector<Cell>& cells);

// As text.
std::string table(const std::vector<Cell>& cells);
/// One line a run.
std::string csv(const std::vector<Cell>& cells, std::uint64_t first_seed);
/// Settings, and mean and confidence interval of every metric.
std::string json(const Experiment& experiment, const std::vector<Cell>& cells);
/// p50, p99 and p99.9 over the load, as SVG.
std::string plot(const std::vector<Cell>& cells);

}  // namespace valence::compute::simulation
