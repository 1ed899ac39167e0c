// OpenGradient's inference call, so that contracts written for its network run here: their structures to ours
// and back.
//
//     runModelInference(ModelInferenceRequest{mode, modelCID, ModelInput{numbers, strings}}) → ModelOutput
//     Tensor{name, Number{int128 value, int128 decimals}[] values, uint32[] shape}
// A number is value / 10^decimals. Modes: 0 "vanilla" is REPLAY here, which is stronger; 1 ZK; 2 TEE. The
// model is an id in hexadecimal, or a name of the registry, whose newest version is meant.
#pragma once

#include <variant>

#include "valence/chain/inference/described_model.hpp"
#include "valence/codec/abi.hpp"
#include "valence/outcome/mode.hpp"

namespace valence::chain {

struct OpenGradientRequest {
    ml::ModelId model;
    outcome::Mode mode = outcome::Mode::replay;
    /// As named_tensors.hpp has them.
    std::vector<codec::AbiValue> tensors;
};

/// From the decoded request; else revert data that says what is wrong.
std::variant<OpenGradientRequest, Bytes> read_opengradient_request(state::JournaledState& state,
                                                                   const codec::AbiValue& request);

/// Outputs in WAD as a ModelOutput: 18 decimals, no strings, not simulated.
Bytes encode_opengradient_output(const DescribedModel& model, const std::vector<U256>& values);

}  // namespace valence::chain
