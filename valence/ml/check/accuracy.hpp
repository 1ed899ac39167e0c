// How far an integer model is from the float model it was made of, over samples.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "valence/ml/executor/plan.hpp"
#include "valence/ml/float_graph/graph.hpp"
#include "valence/ml/quantise/ranges.hpp"

namespace valence::ml {

struct OutputAccuracy {
    std::string name;
    /// Largest |difference| of an element, in the output's units.
    double max_error = 0;
    /// ‖difference‖₂ / ‖float output‖₂ over all samples.
    double relative_l2 = 0;
    /// Share of rows whose greatest element is at the same place, for outputs whose last axis has several
    /// elements; share of equal elements for integer outputs.
    std::optional<double> agreement;
};

struct Accuracy {
    std::size_t samples = 0;
    std::vector<OutputAccuracy> outputs;
    /// Elements of inputs outside the calibrated range.
    std::uint64_t saturated = 0;
    std::uint64_t elements = 0;
    /// Median time of one run of the integer model on one thread, in microseconds.
    double run_microseconds = 0;
};

/// Runs both models on every sample. Errors: those of the executors.
Result<Accuracy> measure_accuracy(const real::Graph& original, const Plan& plan,
                                  std::span<const Sample> samples);

}  // namespace valence::ml
