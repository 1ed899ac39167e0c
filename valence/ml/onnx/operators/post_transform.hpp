// What ONNX-ML's models do with their raw scores, and how classifiers choose a label.
#pragma once

#include "valence/ml/onnx/node_context.hpp"

namespace valence::ml::onnx_import {

/// NONE, LOGISTIC, SOFTMAX, SOFTMAX_ZERO (softmax over the scores that are not 0, 0 for the others) along the
/// last axis.
Result<ValueId> post_transform(real::GraphBuilder& build, ValueId scores, const std::string& kind);

/// The labels of a classifier, by class; unsupported if they are strings.
Result<std::vector<std::int64_t>> class_labels(NodeContext& node, std::string_view integers,
                                               std::string_view strings);

/// Sets output 0 to the labels at `places` (i64 of rank 1) and output 1 to the scores [N, classes].
Result<void> set_classes(NodeContext& node, ValueId places, ValueId scores, std::vector<std::int64_t> labels);

/// The input as f32 [N, F]; a vector is one row.
Result<ValueId> feature_rows(NodeContext& node, std::size_t i);

}  // namespace valence::ml::onnx_import
