#include "valence/compute/simulation/statistics.hpp"

#include <algorithm>
#include <cmath>

namespace valence::compute::simulation {
namespace {

/// Student's t for 97.5 %, by degrees of freedom from 1.
constexpr double kStudent[] = {12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228,
                               2.201,  2.179, 2.160, 2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086,
                               2.080,  2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042};
constexpr double kNormal = 1.960;

}  // namespace

double quantile(std::vector<float>& values, double share) {
    if (values.empty()) return 0;
    const double rank = std::ceil(share * static_cast<double>(values.size()));
    const auto at = static_cast<std::ptrdiff_t>(std::max(1.0, rank)) - 1;
    std::nth_element(values.begin(), values.begin() + at, values.end());
    return static_cast<double>(values[static_cast<std::size_t>(at)]);
}

double jain_index(const std::vector<double>& values) {
    double sum = 0;
    double squares = 0;
    for (const double x : values) {
        sum += x;
        squares += x * x;
    }
    return squares == 0 ? 1 : sum * sum / (static_cast<double>(values.size()) * squares);
}

Interval confidence(const std::vector<double>& values) {
    Interval interval;
    if (values.empty()) return interval;
    const auto n = static_cast<double>(values.size());
    for (const double x : values)
        interval.mean += x / n;
    if (values.size() < 2) return interval;
    double squares = 0;
    for (const double x : values)
        squares += (x - interval.mean) * (x - interval.mean);
    const std::size_t freedom = values.size() - 1;
    const double t = freedom <= std::size(kStudent) ? kStudent[freedom - 1] : kNormal;
    interval.half = t * std::sqrt(squares / (n - 1) / n);
    return interval;
}

}  // namespace valence::compute::simulation
