// replay: what a model computes for a job's input.
#pragma once

#include "valence/outcome/job.hpp"
#include "valence/outcome/model_source.hpp"

namespace valence::ml {
class Workspace;
}

namespace valence::outcome {

/// The integers that all inputs (or outputs) of a graph hold together.
std::uint64_t input_size(const ml::Graph& graph);
std::uint64_t output_size(const ml::Graph& graph);

/// Runs the model. Errors: wrong_input when the number of integers is not the model's or one is out of its
/// tensor's range.
Result<Integers> replay(const LoadedModel& model, const Integers& input, unsigned threads = 1);
/// The same in a workspace that is kept from run to run.
Result<Integers> replay(const LoadedModel& model, ml::Workspace& workspace, const Integers& input,
                        unsigned threads = 1);

}  // namespace valence::outcome
