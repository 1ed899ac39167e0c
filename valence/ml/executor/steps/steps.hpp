// One planner per operation: decides how its tensors lie and adds the steps that compute it.
#pragma once

#include "valence/ml/executor/builder.hpp"

namespace valence::ml::executor {

Result<void> plan_step(Builder&, const Node&, const Linear&);
Result<void> plan_step(Builder&, const Node&, const Convolution&);
Result<void> plan_step(Builder&, const Node&, const TransposedConvolution&);
Result<void> plan_step(Builder&, const Node&, const MatrixProduct&);
Result<void> plan_step(Builder&, const Node&, const Combination&);
Result<void> plan_step(Builder&, const Node&, const Product&);
Result<void> plan_step(Builder&, const Node&, const Scaling&);
Result<void> plan_step(Builder&, const Node&, const Sum&);
Result<void> plan_step(Builder&, const Node&, const AveragePool&);
Result<void> plan_step(Builder&, const Node&, const MaxPool&);
Result<void> plan_step(Builder&, const Node&, const ReduceExtremum&);
Result<void> plan_step(Builder&, const Node&, const ElementwiseExtremum&);
Result<void> plan_step(Builder&, const Node&, const Lookup&);
Result<void> plan_step(Builder&, const Node&, const Softmax&);
Result<void> plan_step(Builder&, const Node&, const Normalise&);
Result<void> plan_step(Builder&, const Node&, const Division&);
Result<void> plan_step(Builder&, const Node&, const Reshape&);
Result<void> plan_step(Builder&, const Node&, const Transpose&);
Result<void> plan_step(Builder&, const Node&, const Slice&);
Result<void> plan_step(Builder&, const Node&, const Concatenation&);
Result<void> plan_step(Builder&, const Node&, const Padding&);
Result<void> plan_step(Builder&, const Node&, const Broadcast&);
Result<void> plan_step(Builder&, const Node&, const Selection&);
Result<void> plan_step(Builder&, const Node&, const Gather&);
Result<void> plan_step(Builder&, const Node&, const Constant&);
Result<void> plan_step(Builder&, const Node&, const ArgExtremum&);
Result<void> plan_step(Builder&, const Node&, const TopK&);
Result<void> plan_step(Builder&, const Node&, const Comparison&);
Result<void> plan_step(Builder&, const Node&, const Choice&);
Result<void> plan_step(Builder&, const Node&, const IndexToActivation&);
Result<void> plan_step(Builder&, const Node&, const ActivationToIndex&);
Result<void> plan_step(Builder&, const Node&, const IndexMap&);
Result<void> plan_step(Builder&, const Node&, const TreeEnsemble&);
Result<void> plan_step(Builder&, const Node&, const Scan&);

/// A box of elements from one view to another: element p of `shape` from from[from_origin + p·strides] to
/// to[to_origin + p·strides], strides of each view, origins in elements.
void emit_copy(Builder&, const View& from, const View& to, const Shape& shape, std::ptrdiff_t from_origin = 0,
               std::ptrdiff_t to_origin = 0);

}  // namespace valence::ml::executor
