// What is known of an operation without computing it: its name, and the weights it reads.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "valence/ml/graph/graph.hpp"

namespace valence::ml {

/// "Convolution"
std::string_view name(const Operation& operation);
/// Of the alternative of Operation with this number.
std::string_view operation_name(std::size_t kind);
/// "reciprocal_square_root"; "unknown" for a number that is no function.
std::string_view name(Function function);

/// The weights an operation refers to, in the order of its members.
std::vector<WeightId> weights_of(const Operation& operation);

/// "node 3 (Convolution \"conv1\")", for messages.
std::string label(const Node& node, std::size_t number);

}  // namespace valence::ml
