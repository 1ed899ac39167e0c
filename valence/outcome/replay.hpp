// replay: what a model computes for a job's input.
#pragma once

#include "valence/outcome/model_source.hpp"
#include "valence/outcome/tensors.hpp"

namespace valence::ml {
class Workspace;
}

namespace valence::outcome {

/// Runs the model. Errors: wrong_input when the number of integers is not the model's or one is out of its
/// tensor's range.
Result<Integers> replay(const LoadedModel& model, const Integers& input, unsigned threads = 1);
/// The same in a workspace that is kept from run to run.
Result<Integers> replay(const LoadedModel& model, ml::Workspace& workspace, const Integers& input,
                        unsigned threads = 1);

}  // namespace valence::outcome
