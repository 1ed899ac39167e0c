// One node in the reference interpreter: what its operation reads and where it writes.
#pragma once

#include <span>
#include <vector>

#include "valence/ml/reference/values.hpp"

namespace valence::ml::reference {

/// The arguments of one node. The outputs have their type and shape, and zeros for elements.
struct Step {
    const Graph& graph;
    std::span<const Values* const> inputs;
    std::span<Values> outputs;

    const Values& input(std::size_t number) const { return *inputs[number]; }
    Values& output() const { return outputs[0]; }
    const Weight& weight(WeightId id) const { return graph.weights[id]; }

    /// The element that broadcasting to the output puts at `place`.
    std::int64_t broadcast_input(std::size_t number, const Place& place) const {
        return broadcast(input(number), output().shape, place);
    }
    /// The same of a weight; 0 where there is none.
    std::int64_t broadcast_weight(const std::optional<WeightId>& id, const Place& place) const {
        return id ? broadcast(weight(*id), output().shape, place) : 0;
    }
    /// Element `place` of a list among the weights; 0 where there is none.
    std::int64_t entry(const std::optional<WeightId>& id, std::size_t place) const {
        return id ? weight(*id)[place] : 0;
    }
};

void compute(const Linear&, const Step&);
void compute(const Convolution&, const Step&);
void compute(const TransposedConvolution&, const Step&);
void compute(const MatrixProduct&, const Step&);
void compute(const Combination&, const Step&);
void compute(const Product&, const Step&);
void compute(const Scaling&, const Step&);
void compute(const Sum&, const Step&);
void compute(const AveragePool&, const Step&);
void compute(const MaxPool&, const Step&);
void compute(const ReduceExtremum&, const Step&);
void compute(const ElementwiseExtremum&, const Step&);
void compute(const Lookup&, const Step&);
void compute(const Softmax&, const Step&);
void compute(const Normalise&, const Step&);
void compute(const Division&, const Step&);
void compute(const Reshape&, const Step&);
void compute(const Transpose&, const Step&);
void compute(const Slice&, const Step&);
void compute(const Concatenation&, const Step&);
void compute(const Padding&, const Step&);
void compute(const Broadcast&, const Step&);
void compute(const Selection&, const Step&);
void compute(const Gather&, const Step&);
void compute(const Constant&, const Step&);
void compute(const ArgExtremum&, const Step&);
void compute(const TopK&, const Step&);
void compute(const Comparison&, const Step&);
void compute(const Choice&, const Step&);
void compute(const IndexToActivation&, const Step&);
void compute(const ActivationToIndex&, const Step&);
void compute(const IndexMap&, const Step&);
void compute(const TreeEnsemble&, const Step&);
void compute(const Scan&, const Step&);

/// The outputs of a graph or body for its inputs, which are of its types and shapes.
std::vector<Values> run(const Graph& graph, const Subgraph& part, std::vector<Values> inputs);

}  // namespace valence::ml::reference
