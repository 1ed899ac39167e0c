// An experiment's results as text: a table for people, CSV and JSON for programs.
#include <boost/json.hpp>
#include <fmt/format.h>

#include "valence/compute/simulation/experiment.hpp"

namespace valence::compute::simulation {
namespace {

/// Of one run nothing is known about the next: it has no interval.
std::string figure(const Interval& interval, double scale, std::size_t runs) {
    if (runs < 2) return fmt::format("{:.2f}", scale * interval.mean);
    return fmt::format("{:.2f} ±{:.2f}", scale * interval.mean, scale * interval.half);
}

std::string_view verdict_text(const Interval& gain, bool beats_all, std::size_t runs) {
    if (runs < 2) return gain.mean > 0 ? "less, with one seed" : "more, with one seed";
    if (beats_all) return "less";
    return gain.mean + gain.half < 0 ? "more" : "apart, which may be chance";
}

/// Those of the table; CSV and JSON have all.
bool shown(const Metric& metric) { return metric.name != "mean" && metric.name != "copies"; }

}  // namespace

std::string table(const std::vector<Cell>& cells) {
    std::string text;
    double load = -1;
    for (const Cell& cell : cells) {
        if (cell.load != load) {
            load = cell.load;
            text += fmt::format("\nload {:.2f}\n{:<14}", load, "");
            for (const Metric& metric : metrics())
                if (shown(metric))
                    text += fmt::format(" {:>14}", metric.unit.empty()
                                                       ? std::string(metric.name)
                                                       : fmt::format("{} [{}]", metric.name, metric.unit));
            text += '\n';
        }
        text += fmt::format("{:<14}", cell.policy);
        for (const Metric& metric : metrics())
            if (shown(metric))
                text += fmt::format(" {:>14}", figure(summary(cell, metric.value),
                                                      metric.unit == "%" ? 100 : 1, cell.runs.size()));
        text += '\n';
    }
    text += '\n';
    const std::size_t runs = cells.empty() ? 0 : cells.front().runs.size();
    for (const Verdict& v : verdicts(cells)) {
        text += fmt::format(
            "load {:.2f}: p99 of the balancer {:.2f} s, of the best other ({}) {:.2f} s: {} s {}\n", v.load,
            v.balancer_p99, v.rival, v.rival_p99, figure({std::abs(v.gain.mean), v.gain.half}, 1, runs),
            verdict_text(v.gain, v.beats_all(), runs));
    }
    return text;
}

std::string csv(const std::vector<Cell>& cells, std::uint64_t first_seed) {
    std::string text = "policy,load,seed,jobs";
    for (const Metric& metric : metrics())
        text += fmt::format(",{}", metric.name);
    text += '\n';
    for (const Cell& cell : cells) {
        for (std::size_t i = 0; i < cell.runs.size(); ++i) {
            text += fmt::format("{},{},{},{}", cell.policy, cell.load, first_seed + i, cell.runs[i].jobs);
            for (const Metric& metric : metrics())
                text += fmt::format(",{:.6g}", cell.runs[i].*metric.value);
            text += '\n';
        }
    }
    return text;
}

std::string json(const Experiment& experiment, const std::vector<Cell>& cells) {
    const Scenario& scenario = experiment.scenario;
    boost::json::array rows;
    for (const Cell& cell : cells) {
        boost::json::object row{{"policy", cell.policy}, {"load", cell.load}};
        for (const Metric& metric : metrics()) {
            const Interval interval = summary(cell, metric.value);
            row[metric.name] = {{"mean", interval.mean}, {"half_width_95", interval.half}};
        }
        rows.push_back(std::move(row));
    }
    return boost::json::serialize(boost::json::object{{"nodes", scenario.nodes},
                                                      {"models", scenario.models},
                                                      {"seconds", scenario.measured},
                                                      {"warm_up", scenario.warm_up},
                                                      {"seeds", experiment.seeds},
                                                      {"first_seed", scenario.seed},
                                                      {"cells", std::move(rows)}}) +
           "\n";
}

}  // namespace valence::compute::simulation
