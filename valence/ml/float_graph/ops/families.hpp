// The operators' type rules and kernels, one source file per family; operator.cpp lists which operator uses
// which.
#pragma once

#include "valence/ml/float_graph/operator.hpp"

namespace valence::ml::real {

using OutputTypes = Result<std::vector<TensorType>>;

// unary.cpp
OutputTypes infer_unary(Op, const Attributes&, InputTypes);
Result<void> compute_unary(Op, const Attributes&, InputTensors, std::span<Tensor>);
OutputTypes infer_cast(Op, const Attributes&, InputTypes);
Result<void> compute_cast(Op, const Attributes&, InputTensors, std::span<Tensor>);

// binary.cpp
OutputTypes infer_binary(Op, const Attributes&, InputTypes);
Result<void> compute_binary(Op, const Attributes&, InputTensors, std::span<Tensor>);
OutputTypes infer_where(Op, const Attributes&, InputTypes);
Result<void> compute_where(Op, const Attributes&, InputTensors, std::span<Tensor>);

// matmul.cpp
OutputTypes infer_matmul(Op, const Attributes&, InputTypes);
Result<void> compute_matmul(Op, const Attributes&, InputTensors, std::span<Tensor>);

// conv.cpp
OutputTypes infer_conv(Op, const Attributes&, InputTypes);
Result<void> compute_conv(Op, const Attributes&, InputTensors, std::span<Tensor>);

// conv_transpose.cpp
OutputTypes infer_conv_transpose(Op, const Attributes&, InputTypes);
Result<void> compute_conv_transpose(Op, const Attributes&, InputTensors, std::span<Tensor>);

// pool.cpp
OutputTypes infer_pool(Op, const Attributes&, InputTypes);
Result<void> compute_pool(Op, const Attributes&, InputTensors, std::span<Tensor>);

// reduce.cpp
OutputTypes infer_reduce(Op, const Attributes&, InputTypes);
Result<void> compute_reduce(Op, const Attributes&, InputTensors, std::span<Tensor>);
OutputTypes infer_arg(Op, const Attributes&, InputTypes);
Result<void> compute_arg(Op, const Attributes&, InputTensors, std::span<Tensor>);
OutputTypes infer_cum_sum(Op, const Attributes&, InputTypes);
Result<void> compute_cum_sum(Op, const Attributes&, InputTensors, std::span<Tensor>);

// norm.cpp
OutputTypes infer_norm(Op, const Attributes&, InputTypes);
Result<void> compute_norm(Op, const Attributes&, InputTensors, std::span<Tensor>);
OutputTypes infer_lrn(Op, const Attributes&, InputTypes);
Result<void> compute_lrn(Op, const Attributes&, InputTensors, std::span<Tensor>);

// softmax.cpp
OutputTypes infer_softmax(Op, const Attributes&, InputTypes);
Result<void> compute_softmax(Op, const Attributes&, InputTensors, std::span<Tensor>);

// move.cpp
OutputTypes infer_concat(Op, const Attributes&, InputTypes);
Result<void> compute_concat(Op, const Attributes&, InputTensors, std::span<Tensor>);
OutputTypes infer_split(Op, const Attributes&, InputTypes);
Result<void> compute_split(Op, const Attributes&, InputTensors, std::span<Tensor>);
OutputTypes infer_slice(Op, const Attributes&, InputTypes);
Result<void> compute_slice(Op, const Attributes&, InputTensors, std::span<Tensor>);
OutputTypes infer_transpose(Op, const Attributes&, InputTypes);
Result<void> compute_transpose(Op, const Attributes&, InputTensors, std::span<Tensor>);
OutputTypes infer_reshape(Op, const Attributes&, InputTypes);
Result<void> compute_reshape(Op, const Attributes&, InputTensors, std::span<Tensor>);
OutputTypes infer_expand(Op, const Attributes&, InputTypes);
Result<void> compute_expand(Op, const Attributes&, InputTensors, std::span<Tensor>);
OutputTypes infer_tile(Op, const Attributes&, InputTypes);
Result<void> compute_tile(Op, const Attributes&, InputTensors, std::span<Tensor>);

// pad.cpp
OutputTypes infer_pad(Op, const Attributes&, InputTypes);
Result<void> compute_pad(Op, const Attributes&, InputTensors, std::span<Tensor>);

// gather.cpp
OutputTypes infer_gather(Op, const Attributes&, InputTypes);
Result<void> compute_gather(Op, const Attributes&, InputTensors, std::span<Tensor>);
OutputTypes infer_gather_elements(Op, const Attributes&, InputTypes);
Result<void> compute_gather_elements(Op, const Attributes&, InputTensors, std::span<Tensor>);
OutputTypes infer_gather_nd(Op, const Attributes&, InputTypes);
Result<void> compute_gather_nd(Op, const Attributes&, InputTensors, std::span<Tensor>);

// scatter.cpp
OutputTypes infer_scatter_elements(Op, const Attributes&, InputTypes);
Result<void> compute_scatter_elements(Op, const Attributes&, InputTensors, std::span<Tensor>);
OutputTypes infer_scatter_nd(Op, const Attributes&, InputTypes);
Result<void> compute_scatter_nd(Op, const Attributes&, InputTensors, std::span<Tensor>);

// top_k.cpp
OutputTypes infer_top_k(Op, const Attributes&, InputTypes);
Result<void> compute_top_k(Op, const Attributes&, InputTensors, std::span<Tensor>);

// recurrent.cpp
OutputTypes infer_recurrent(Op, const Attributes&, InputTypes);
Result<void> compute_recurrent(Op, const Attributes&, InputTensors, std::span<Tensor>);

// classical.cpp
OutputTypes infer_lookup(Op, const Attributes&, InputTypes);
Result<void> compute_lookup(Op, const Attributes&, InputTensors, std::span<Tensor>);
OutputTypes infer_trees(Op, const Attributes&, InputTypes);
Result<void> compute_trees(Op, const Attributes&, InputTensors, std::span<Tensor>);

}  // namespace valence::ml::real
