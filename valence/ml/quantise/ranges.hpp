// Calibration: the range of every value of a float graph over sample inputs.
#pragma once

#include <span>
#include <vector>

#include "valence/base/base.hpp"
#include "valence/ml/float_graph/graph.hpp"

namespace valence::ml {

/// One set of inputs of a float graph, in the order of its inputs.
using Sample = std::vector<real::Tensor>;

/// What was seen of one value. Masks (masks.hpp) do not count for `low`; `masked` says that there may be
/// some.
struct Range {
    double low = 0;
    double high = 0;
    bool masked = false;
    /// Elements seen.
    std::uint64_t count = 0;
    /// The largest absolute value.
    double reach() const;
    void include(double value);
};

inline constexpr std::size_t kFeatureValues = 1024;

struct Ranges {
    /// By value; constants included.
    std::vector<Range> values;
    /// For each graph input of type f32 and rank 2 at most: the range of each element of its last axis.
    std::vector<std::vector<Range>> features;
    /// For the same inputs, values seen of each such element, up to kFeatureValues of them.
    std::vector<std::vector<std::vector<float>>> feature_values;
    /// For recurrent nodes, by node: the range of what happens inside (internal.hpp names the entries).
    std::vector<std::vector<Range>> internal;
};

/// Runs the samples; each must fit the graph. Errors: those of the executor, a value that is not finite
/// (named), and no samples at all.
Result<Ranges> calibrate(const real::Graph& graph, std::span<const Sample> samples);

/// Samples for those who give none: f32 inputs uniformly within `low` … `high`, token inputs over the rows of
/// the table they index, other integer inputs 1. Deterministic in `seed`.
std::vector<Sample> synthesise_samples(const real::Graph& graph, std::size_t count, double low, double high,
                                       std::uint64_t seed);

}  // namespace valence::ml
