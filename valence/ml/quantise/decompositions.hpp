// The families of decompose.hpp. Each adds to a graph under construction what a node computes and answers its
// results; an empty list where the node is to stay as it is.
#pragma once

#include "valence/ml/float_graph/graph_builder.hpp"

namespace valence::ml {

/// A node with its inputs as values of the graph under construction.
struct Decomposed {
    real::GraphBuilder& to;
    const real::Node& node;
    std::vector<real::ValueId> inputs;
};

using Results = Result<std::vector<real::ValueId>>;

Results decompose_function(const Decomposed& work);
Results decompose_indexing(const Decomposed& work);
Results decompose_spatial(const Decomposed& work);
Results decompose_trees(const Decomposed& work);

}  // namespace valence::ml
