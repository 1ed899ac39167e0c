// A job's integers as tensors and back.
#pragma once

#include "valence/ml/reference/values.hpp"
#include "valence/outcome/job.hpp"

namespace valence::outcome {

/// The integers that all inputs (or outputs) of a graph hold together.
std::uint64_t input_size(const ml::Graph& graph);
std::uint64_t output_size(const ml::Graph& graph);

/// The tensors of the graph's inputs (or outputs), in order, that these integers are. Errors: wrong_input
/// when their number is not the model's or one is out of its tensor's range; wrong_output likewise.
Result<std::vector<ml::Values>> input_tensors(const ml::Graph& graph, const Integers& integers);
Result<std::vector<ml::Values>> output_tensors(const ml::Graph& graph, const Integers& integers);

Integers to_integers(std::span<const ml::Values> tensors);

}  // namespace valence::outcome
