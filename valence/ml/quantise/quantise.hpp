// The quantiser: a float graph and sample inputs → the integer graph the network agrees on. The last place
// where floating point occurs; what it decides is in the graph, and nobody repeats it.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "valence/ml/float_graph/graph.hpp"
#include "valence/ml/graph/graph.hpp"
#include "valence/ml/quantise/ranges.hpp"

namespace valence::ml {

enum class QuantiseError {
    /// An operator, or a use of one, that has no integer semantics.
    unsupported = 1,
    /// No samples, samples that do not fit, values that are not finite.
    calibration,
    /// Weights for which the bound on accumulators can't be kept.
    accumulator,
};

std::error_code make_error_code(QuantiseError);

enum class WeightWidth : std::uint8_t {
    automatic,  // 8 bits from kLargeModel weights on, else 16
    bits8,
    bits16,
};

/// From this many weights on, `automatic` takes 8 bits: four times less memory traffic than 32-bit floats.
inline constexpr std::uint64_t kLargeModel = 4'000'000;

struct QuantiseOptions {
    WeightWidth weights = WeightWidth::automatic;
    /// Room above the largest value seen in calibration before an activation saturates; at least 1. Where
    /// very many elements were seen, less of it is taken.
    double headroom = 1.25;
};

/// One node of the float graph that can't be quantised.
struct QuantiseProblem {
    std::string op;
    std::string node;
    std::string reason;
};

struct QuantiseResult {
    Graph graph;
    /// The graph is complete if this is empty.
    std::vector<QuantiseProblem> problems;
    /// Of the weights: 8 or 16.
    int bits = 16;
};

/// Quantises as much as can be; errors only where nothing more can be said (calibration fails).
Result<QuantiseResult> inspect_quantised(const real::Graph& graph, std::span<const Sample> samples,
                                         const QuantiseOptions& options = {});

/// The integer graph; QuantiseError::unsupported with all problems, one a line, if there are any.
Result<Graph> quantise(const real::Graph& graph, std::span<const Sample> samples,
                       const QuantiseOptions& options = {});

}  // namespace valence::ml

template <>
struct std::is_error_code_enum<valence::ml::QuantiseError> : std::true_type {};
