// GraphError: why a float graph, or a run of one, is refused. The context names the node and the values.
#pragma once

#include <system_error>

#include "valence/base/base.hpp"

namespace valence::ml::real {

enum class GraphError {
    /// Element types an operator does not take.
    type_invalid = 1,
    /// Shapes or attributes that do not fit one another.
    shape_invalid,
    /// More elements, bytes or work than allowed.
    too_large,
    /// A value known only at run time that the operator has no result for: index, divisor.
    value_invalid,
    /// Nodes out of order, values missing: not a graph.
    malformed,
};

std::error_code make_error_code(GraphError);

}  // namespace valence::ml::real

template <>
struct std::is_error_code_enum<valence::ml::real::GraphError> : std::true_type {};
