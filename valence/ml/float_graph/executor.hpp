// Runs a float graph: plain, single-threaded, 32-bit floats. For calibration and for saying how far the
// integer model is from the original; nothing a network agrees on.
#pragma once

#include <functional>
#include <span>
#include <vector>

#include "valence/ml/float_graph/graph.hpp"

namespace valence::ml::real {

/// Called with every value of a run as it comes to be: first the inputs, then each node's outputs in order.
using Observer = std::function<void(ValueId, const Tensor&)>;

class Executor {
public:
    /// The graph must outlive the executor and hold as check() says.
    explicit Executor(const Graph& graph);

    /// Outputs in the order of Graph::outputs. Errors: inputs of another number or type than the graph's, and
    /// what depends on values (an index out of range, an integer divided by zero), with the node's name.
    Result<std::vector<Tensor>> run(std::span<const Tensor> inputs, const Observer& observer = {}) const;

private:
    const Graph& graph_;
    /// Values that nothing reads after node k.
    std::vector<std::vector<ValueId>> dead_after_;
};

}  // namespace valence::ml::real

namespace valence::ml {
using FloatExecutor = real::Executor;
}  // namespace valence::ml
