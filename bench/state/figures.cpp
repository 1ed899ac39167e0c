#include "bench/state/figures.hpp"

#include <algorithm>
#include <cmath>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <time.h>

namespace valence::bench {
namespace {

/// The time that `share` of the runs do not exceed.
double quantile(const std::vector<Time>& times, double Time::* part, double share) {
    if (times.empty()) return 0;
    std::vector<double> sorted;
    for (const auto& time : times)
        sorted.push_back(time.*part);
    std::sort(sorted.begin(), sorted.end());
    return sorted[static_cast<std::size_t>(std::lround(share * static_cast<double>(sorted.size() - 1)))];
}

double clock_micros(clockid_t clock) {
    timespec time{};
    clock_gettime(clock, &time);
    return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_nsec) / 1e3;
}

std::string readable(double micros) {
    if (micros >= 1e6) return fmt::format("{:.2f} s", micros / 1e6);
    if (micros >= 1e3) return fmt::format("{:.2f} ms", micros / 1e3);
    return fmt::format("{:.3f} µs", micros);
}

}  // namespace

Time time_now() { return {clock_micros(CLOCK_MONOTONIC), clock_micros(CLOCK_PROCESS_CPUTIME_ID)}; }

void print_figures(const std::vector<Figure>& figures, const std::string& settings, Format format) {
    if (format == Format::json) {
        boost::json::array rows;
        for (const auto& figure : figures) {
            rows.push_back({{"name", figure.name},
                            {"runs", figure.times.size()},
                            {"median_us", quantile(figure.times, &Time::wall, 0.5)},
                            {"p99_us", quantile(figure.times, &Time::wall, 0.99)},
                            {"median_cpu_us", quantile(figure.times, &Time::cpu, 0.5)},
                            {"note", figure.note}});
        }
        fmt::print("{}\n",
                   boost::json::serialize(boost::json::object{{"settings", settings}, {"figures", rows}}));
        return;
    }
    fmt::print("{}\n{:<52} {:>6} {:>12} {:>12} {:>12}\n", settings, "", "runs", "median", "p99",
               "median cpu");
    for (const auto& figure : figures) {
        const auto text = [&](double Time::* part, double share) {
            return readable(quantile(figure.times, part, share));
        };
        fmt::print("{:<52} {:>6} {:>12} {:>12} {:>12}  {}\n", figure.name, figure.times.size(),
                   text(&Time::wall, 0.5), text(&Time::wall, 0.99), text(&Time::cpu, 0.5), figure.note);
    }
}

}  // namespace valence::bench
