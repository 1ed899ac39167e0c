// Figures: times of repeated work, printed as median and p99, as text or JSON.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace valence::bench {

/// In microseconds: by the clock, and of all cores together.
struct Time {
    double wall = 0;
    double cpu = 0;
};

struct Figure {
    std::string name;
    std::vector<Time> times;
    /// What else there is to know: counts, sizes.
    std::string note;
};

enum class Format : std::uint8_t { text, json };

/// What the process has used so far.
Time time_now();

/// What `work` takes; with a count, what each of so many repetitions within it does.
template <typename Work>
Time timed(Work&& work, double count = 1) {
    const auto start = time_now();
    work();
    const auto end = time_now();
    return {(end.wall - start.wall) / count, (end.cpu - start.cpu) / count};
}

/// `settings` is what the figures depend on, such as how commits are made durable.
void print_figures(const std::vector<Figure>&, const std::string& settings, Format);

}  // namespace valence::bench
