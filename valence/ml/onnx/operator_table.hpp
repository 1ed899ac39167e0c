// Every ONNX operator that can be imported: one row each, from which import, the output of a check and
// docs/onnx.md derive. The rows stand beside their import functions, one file per family.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "valence/base/base.hpp"

namespace valence::ml::onnx_import {

class NodeContext;

/// What supports an operator (design: tier 1 in every security mode, tier 2 wherever its parts are).
enum class Tier : std::uint8_t {
    one,
    two,
    /// Vanishes on import: shape arithmetic, what constants decide.
    folded,
};

/// Turns one node into nodes of the float graph.
using ImportNode = Result<void> (*)(NodeContext&);

struct OnnxOperator {
    /// "" is ai.onnx.
    std::string_view domain;
    std::string_view name;
    /// First opset version whose form is understood.
    std::int16_t since;
    Tier tier;
    ImportNode import_node;
};

/// The newest opsets whose operators are the ones implemented.
inline constexpr std::int64_t kNewestOpset = 24;
inline constexpr std::int64_t kNewestMlOpset = 4;

/// All rows, sorted by domain and name.
const std::vector<OnnxOperator>& operator_table();
/// Null if there is none.
const OnnxOperator* find_operator(std::string_view domain, std::string_view name);

// The families.
std::span<const OnnxOperator> elementwise_operators();
std::span<const OnnxOperator> product_operators();
std::span<const OnnxOperator> window_operators();
std::span<const OnnxOperator> reduce_operators();
std::span<const OnnxOperator> norm_operators();
std::span<const OnnxOperator> shape_operators();
std::span<const OnnxOperator> index_operators();
std::span<const OnnxOperator> constant_operators();
std::span<const OnnxOperator> resize_operators();
std::span<const OnnxOperator> recurrent_operators();
std::span<const OnnxOperator> transformer_operators();
std::span<const OnnxOperator> quantised_operators();
std::span<const OnnxOperator> quantised_product_operators();
std::span<const OnnxOperator> quantised_elementwise_operators();
std::span<const OnnxOperator> classical_operators();
std::span<const OnnxOperator> tree_operators();
std::span<const OnnxOperator> vector_machine_operators();

}  // namespace valence::ml::onnx_import
