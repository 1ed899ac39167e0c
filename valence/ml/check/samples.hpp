// Sample inputs from files: what a model's author has at hand.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "valence/ml/float_graph/graph.hpp"
#include "valence/ml/quantise/ranges.hpp"

namespace valence::ml {

enum class SampleError {
    /// No such file, or one that is damaged.
    unreadable = 1,
    /// Not what the model takes.
    unfit,
};
std::error_code make_error_code(SampleError);

/// What a sample must hold: the inputs' names and types, in order.
using InputTypes = std::vector<std::pair<std::string, real::TensorType>>;
InputTypes input_types(const real::Graph& graph);

/// Reads samples for a model from
///   * a .csv file: one sample a line, for a model with one input of one row (a first line of names is
///   skipped),
///   * a .npy file: samples along the first axis, for a model with one input,
///   * a folder with input_0.pb, input_1.pb … (ONNX tensors, samples along the first axis), as ONNX's own
///   test data,
///   * a folder with NAME.npy for every input.
/// At most `limit` samples, spread evenly over the file. Whose elements merely add up is refused: a picture
/// is no row of numbers. Errors name the file and what does not fit.
Result<std::vector<Sample>> read_samples(const InputTypes& inputs, const std::string& path,
                                         std::size_t limit);

}  // namespace valence::ml

template <>
struct std::is_error_code_enum<valence::ml::SampleError> : std::true_type {};
