#include "valence/compute/simulation/experiment.hpp"

#include <atomic>

#include <tbb/task_arena.h>

#include "valence/base/parallel.hpp"
#include "valence/base/result.hpp"

namespace valence::compute::simulation {
namespace {

constexpr std::string_view kBalancer = "balancer";

constexpr Metric kMetrics[] = {
    {"p50", "s", "latency that half of the jobs do not exceed", &RunResult::p50},
    {"p99", "s", "latency that 99 % of the jobs do not exceed", &RunResult::p99},
    {"p99.9", "s", "latency that 99.9 % of the jobs do not exceed", &RunResult::p999},
    {"mean", "s", "mean latency", &RunResult::mean},
    {"busy", "%", "share of all nodes' time spent at work", &RunResult::busy},
    {"useful", "%", "share of all nodes' time spent computing first answers", &RunResult::useful},
    {"hits", "%", "jobs that found their model loaded", &RunResult::hits},
    {"jain", "", "Jain's index of the senders' mean slowdowns", &RunResult::fairness},
    {"open", "%", "jobs unanswered when the simulation ended", &RunResult::unfinished},
    {"given up", "%", "jobs that failed for good", &RunResult::given_up},
    {"copies", "", "times that a job was sent, retries and hedges included", &RunResult::copies},
};

const PolicyFacts& policy_named(std::string_view name) {
    for (const PolicyFacts& policy : all_policies())
        if (policy.name == name) return policy;
    VALENCE_CHECK(false && "a policy of all_policies()");
    return all_policies().back();
}

}  // namespace

std::span<const Metric> metrics() { return kMetrics; }

std::vector<std::string> usual_policies() {
    std::vector<std::string> names;
    for (const PolicyFacts& policy : all_policies())
        if (policy.name != "unhedged") names.emplace_back(policy.name);
    return names;
}

std::vector<Cell> run_experiment(const Experiment& experiment,
                                 const std::function<void(std::size_t, std::size_t)>& progress) {
    std::vector<Cell> cells;
    for (const double load : experiment.loads)
        for (const std::string& policy : experiment.policies)
            cells.push_back({policy, load, std::vector<RunResult>(experiment.seeds)});

    const std::size_t worlds = experiment.loads.size() * experiment.seeds;
    std::atomic<std::size_t> done = 0;
    tbb::task_arena arena(static_cast<int>(std::max(1U, experiment.threads)));
    arena.execute([&] {
        base::for_each_of(worlds, [&](std::size_t i) {
            const std::size_t load = i / experiment.seeds;
            const std::size_t seed = i % experiment.seeds;
            Scenario scenario = experiment.scenario;
            scenario.load = experiment.loads[load];
            scenario.seed += seed;
            const World world = make_world(scenario);
            for (std::size_t p = 0; p < experiment.policies.size(); ++p) {
                cells[load * experiment.policies.size() + p].runs[seed] =
                    simulate(world, policy_named(experiment.policies[p]));
                progress(++done, worlds * experiment.policies.size());
            }
        });
    });
    return cells;
}

Interval summary(const Cell& cell, double RunResult::* value) {
    std::vector<double> values;
    for (const RunResult& run : cell.runs)
        values.push_back(run.*value);
    return confidence(values);
}

std::vector<Verdict> verdicts(const std::vector<Cell>& cells) {
    std::vector<Verdict> all;
    for (const Cell& ours : cells) {
        if (ours.policy != kBalancer) continue;
        const Cell* rival = nullptr;
        for (const Cell& cell : cells) {
            if (cell.load != ours.load || cell.policy == kBalancer || cell.policy == "unhedged") continue;
            if (rival == nullptr ||
                summary(cell, &RunResult::p99).mean < summary(*rival, &RunResult::p99).mean)
                rival = &cell;
        }
        if (rival == nullptr) continue;
        std::vector<double> gains;
        for (std::size_t i = 0; i < ours.runs.size(); ++i)
            gains.push_back(rival->runs[i].p99 - ours.runs[i].p99);
        all.push_back({ours.load, rival->policy, summary(*rival, &RunResult::p99).mean,
                       summary(ours, &RunResult::p99).mean, confidence(gains)});
    }
    return all;
}

}  // namespace valence::compute::simulation
