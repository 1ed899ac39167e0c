// The operators that can be imported as the tables of docs/onnx.md.
#pragma once

#include <string>

namespace valence::ml::onnx_import {

/// Markdown: one table per tier, sorted by domain and name.
std::string operator_document();

}  // namespace valence::ml::onnx_import
