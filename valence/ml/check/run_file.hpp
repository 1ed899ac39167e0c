// Running an integer model on inputs from files.
#pragma once

#include <string>
#include <vector>

#include "valence/base/base.hpp"
#include "valence/ml/float_graph/tensor.hpp"
#include "valence/ml/graph/graph.hpp"
#include "valence/ml/quantise/ranges.hpp"
#include "valence/ml/reference/values.hpp"

namespace valence::ml {

/// What running a model on a file of samples gave.
struct FileRun {
    /// One output a line: name, shape, numbers; then how many input elements were out of range.
    std::string text;
    /// Each output of all samples, stacked along the first axis.
    std::vector<real::Tensor> outputs;
};

/// The samples of `path` (samples.hpp; empty: one sample of zeros) for an integer model.
Result<std::vector<Sample>> read_inputs(const Graph& graph, const std::string& path);

/// One line: name, shape and the first numbers of a tensor that an input or output names, in real units.
std::string describe(const Graph& graph, const Port& port, const Values& values);

/// Runs the model on every sample of `path` (samples.hpp; empty: one sample of zeros). `graph` has passed
/// validate().
Result<FileRun> run_on_file(Graph graph, const std::string& path, unsigned threads);

}  // namespace valence::ml
