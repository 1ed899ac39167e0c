// ImportError: why an ONNX file is refused.
#pragma once

#include <system_error>

#include "valence/base/base.hpp"

namespace valence::ml {

enum class ImportError {
    /// Not an ONNX file, or one that contradicts itself.
    malformed = 1,
    /// Larger, or with larger tensors, than allowed.
    too_large,
    /// An input dimension without a size.
    dynamic_shape,
    /// A shape was given that the input does not have.
    other_shape,
    /// Tensors kept in other files.
    external_data,
    /// Operators, attributes, element types or versions outside what docs/onnx.md lists.
    unsupported,
};

std::error_code make_error_code(ImportError);

}  // namespace valence::ml

template <>
struct std::is_error_code_enum<valence::ml::ImportError> : std::true_type {};
