// Floats in, floats out: runs an integer model on the inputs of its float original, for comparison only. (The
// network's border is 18-decimal integers: model/border.hpp.)
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "valence/ml/executor/plan.hpp"
#include "valence/ml/executor/run.hpp"
#include "valence/ml/float_graph/tensor.hpp"
#include "valence/ml/quantise/ranges.hpp"

namespace valence::ml {

/// A model's inputs as integers, and how many elements lay outside their range and were moved to its end.
struct QuantisedInputs {
    std::vector<Values> values;
    std::uint64_t saturated = 0;
};
/// Rounds half to even and saturates, as the network's border does.
QuantisedInputs quantise_inputs(const Graph& graph, const Sample& sample);

/// An output as floats; indices as integers.
real::Tensor dequantise(const Tensor& tensor, const Values& values);

}  // namespace valence::ml
