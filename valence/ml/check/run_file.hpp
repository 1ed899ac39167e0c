// Running an integer model on inputs from files.
#pragma once

#include <string>

#include "valence/base/base.hpp"
#include "valence/ml/graph/graph.hpp"

namespace valence::ml {

/// Runs the model on every sample of `path` (samples.hpp; empty: one sample of zeros) and answers its outputs
/// as text, one output a line: name, shape, numbers. Says how many input elements were out of range. `graph`
/// has passed validate().
Result<std::string> run_on_file(Graph graph, const std::string& path, unsigned threads);

}  // namespace valence::ml
