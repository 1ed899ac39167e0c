// The border of the precompile: int256 values in WAD to a job's integers, and an outcome's integers back.
#pragma once

#include <optional>
#include <span>

#include "valence/chain/inference/described_model.hpp"
#include "valence/outcome/job.hpp"

namespace valence::chain {

/// All inputs of the model one after the other. Error: ModelError::invalid_input when their number is not
/// the model's.
Result<outcome::Integers> to_job_input(const DescribedModel& model, std::span<const U256> wad);

/// Whether these can be the outputs of the model: as many, each in its tensor's range.
bool is_output_of(const ml::Graph& graph, const outcome::Integers& output);

/// The outputs that from_job_output() makes of what is answered; nothing if there are none.
std::optional<outcome::Integers> to_job_output(const DescribedModel& model, std::span<const U256> wad);

/// All outputs one after the other, in WAD; `output` is one of the model.
std::vector<U256> from_job_output(const DescribedModel& model, const outcome::Integers& output);

}  // namespace valence::chain
