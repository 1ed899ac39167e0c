// Why an integer graph, a .vmodel file or an input is refused.
#pragma once

#include <system_error>

namespace valence::ml {

enum class ModelError {
    /// The inputs of a run are not what the model's ports say.
    invalid_input = 1,
    /// A node breaks its operation's rules: arguments, types, shapes or parameters.
    invalid_node,
    /// A tensor, weight, body or port is out of range, unused, or written twice.
    invalid_graph,
    /// An accumulator or intermediate could leave the range the semantics allows.
    overflow,
    /// Larger than the limits of graph/limits.hpp.
    too_large,
    /// Not a .vmodel file, or one of another version.
    unknown_format,
    /// A .vmodel file that ends early or goes on too long.
    truncated,
    /// A .vmodel file with a value that its place does not allow, or not written in its one way.
    malformed,
    /// Weights that are not those the root was made of.
    wrong_weights,
};
std::error_code make_error_code(ModelError);

}  // namespace valence::ml

template <>
struct std::is_error_code_enum<valence::ml::ModelError> : std::true_type {};
