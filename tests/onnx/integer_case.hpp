// A test vector through the quantiser: the integer model, computed every way there is, beside the expected
// outputs.
#pragma once

#include <vector>

#include "case.hpp"

#include "valence/ml/float_graph/graph.hpp"
#include "valence/ml/quantise/ranges.hpp"

namespace valence::onnx_vectors {

/// One set of inputs and what the vector says comes out.
struct DataSet {
    ml::Sample inputs;
    std::vector<ml::real::Tensor> outputs;
};

/// Calibrates on the sets' own inputs, quantises (16-bit weights), and wants
///   * the same integers from the reference and from the executor: portable and AVX2, 1 and 2 threads;
///   * for integer and boolean outputs, the expected elements; one more or less where a real number was
///   rounded to an
///     integer (DynamicQuantizeLinear);
///   * for real outputs, a relative L2 error of at most kLargestError or, for outputs near 0, errors of at
///   most
///     kStepsAllowed steps of the output's scale.
/// Where an operator has steps (Floor, Less, ArgMax), inputs rounded to 16 bits may fall on the other side of
/// one: what misses the bound is compared again with the float graph on the rounded inputs; `detail` then
/// says so.
Outcome run_integers(const ml::FloatGraph& graph, const std::vector<DataSet>& sets);

inline constexpr double kLargestError = 0.005;
inline constexpr double kStepsAllowed = 2;

}  // namespace valence::onnx_vectors
