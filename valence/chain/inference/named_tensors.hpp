// Tensors as contracts name and shape them: (string name, uint32[] shape, int256[] data)[].
#pragma once

#include <variant>

#include "valence/chain/inference/described_model.hpp"
#include "valence/codec/abi.hpp"

namespace valence::chain {

inline constexpr std::string_view kTensorsType = "(string,uint32[],int256[])[]";

/// The inputs of the model one after the other, from tensors in any order; an axis of the model's shape may
/// be left out where its extent is 1. Otherwise revert data that says what is wrong.
std::variant<std::vector<U256>, Bytes> inputs_by_name(const DescribedModel& model,
                                                      const std::vector<codec::AbiValue>& tensors);

/// The same of the outputs; the errors speak of inputs all the same.
std::variant<std::vector<U256>, Bytes> outputs_by_name(const DescribedModel& model,
                                                       const std::vector<codec::AbiValue>& tensors);

/// The outputs with their names and shapes.
codec::AbiValue outputs_with_names(const DescribedModel& model, const std::vector<U256>& values);

/// Return data of modelInfo.
Bytes encode_model_info(const DescribedModel& model);

}  // namespace valence::chain
