// Rewrites of a float graph that keep what it computes: one file each under passes/. Every pass leaves a
// graph that holds as check() says.
#pragma once

#include <optional>

#include "valence/ml/float_graph/graph.hpp"

namespace valence::ml::real {

/// All passes below, until none finds anything, then remove_dead.
void optimise(Graph& graph);

/// Drops nodes whose results nothing reads, then values that nothing mentions; renumbers the rest.
void remove_dead(Graph& graph);

// Each answers how many places it changed. What a rewritten node no longer needs is left for remove_dead.

/// BatchNormalization with constant parameters: into the convolution or product before it where that is
/// constant and read by nothing else, otherwise a multiplication and an addition.
std::size_t fold_batch_norm(Graph& graph);
/// MatMul or Conv followed by Add of a constant: its bias.
std::size_t fuse_bias(Graph& graph);
/// MatMul or Conv with constant weights followed by arithmetic with a constant for each channel: its weights
/// and bias.
std::size_t fold_scale(Graph& graph);
/// x/2·(1 + erf(x/√2)), and the tanh form, in the spellings exporters use.
std::size_t recognise_gelu(Graph& graph);
/// x·sigmoid(x) and x·hard_sigmoid(x).
std::size_t recognise_swish(Graph& graph);
/// (x − mean)/√(variance + ε)·scale + bias over the trailing axes, and x/√(mean of squares + ε)·scale.
std::size_t recognise_norm(Graph& graph);
/// Two reshapes or transposes in a row.
std::size_t merge_moves(Graph& graph);
/// A cast to integers and back of what is whole already.
std::size_t drop_whole_casts(Graph& graph);

/// A constant that no integer model can hold.
struct UnusableConstant {
    std::string value;
    std::string reason;
};
/// The first not-a-number among the constants, or infinity among weights, if any.
std::optional<UnusableConstant> find_unusable_constant(const Graph& graph);

}  // namespace valence::ml::real
