// The few statistics that the simulator reports.
#pragma once

#include <vector>

namespace valence::compute::simulation {

/// The value that `share` of the values do not exceed (nearest rank). Reorders them; 0 of none.
double quantile(std::vector<float>& values, double share);

/// (Σx)² / (n Σx²): 1 when all have the same, 1/n when one has all.
double jain_index(const std::vector<double>& values);

struct Interval {
    double mean = 0;
    /// Half the width of the 95 % confidence interval of the mean, by Student's t; 0 of fewer than two.
    double half = 0;
};
Interval confidence(const std::vector<double>& values);

}  // namespace valence::compute::simulation
