// Scaling and shifting the output channels of a convolution or product by constants: into its weights and
// bias.
#pragma once

#include <optional>
#include <vector>

#include "valence/ml/float_graph/passes/rewrite.hpp"

namespace valence::ml::real {

/// y = x·factor + offset, one of each per channel.
struct ChannelAffine {
    std::vector<double> factor;
    std::vector<double> offset;
};

/// Output channels of a conv or conv_transpose (axis 1) or of a matmul by one matrix (the last axis) with
/// constant weights and, if any, a bias by channel; 0 where it is none of these.
std::size_t foldable_channels(const Graph& graph, const Node& product);

/// The constant by channel of `product`'s output, if it varies over channels alone.
std::optional<std::vector<double>> by_channel(const Graph& graph, const Node& product,
                                              const Tensor& constant);

/// Makes `node` compute what `affine` makes of the product, of which foldable_channels() is not 0.
void fold_into_product(Rewrite& rewrite, Node& node, const Node& product, const ChannelAffine& affine);

}  // namespace valence::ml::real
