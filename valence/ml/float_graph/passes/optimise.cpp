#include "valence/ml/float_graph/passes.hpp"

namespace valence::ml::real {
namespace {

/// Each round shortens the graph; this many are more than any model needs.
constexpr int kMaxRounds = 8;

}  // namespace

void optimise(Graph& graph) {
    for (int round = 0; round < kMaxRounds; ++round) {
        std::size_t changes = 0;
        for (const auto pass : {drop_whole_casts, merge_moves, recognise_gelu, recognise_swish,
                                recognise_norm, fuse_bias, fold_batch_norm, fold_scale}) {
            changes += pass(graph);
            remove_dead(graph);
        }
        if (changes == 0) return;
    }
}

}  // namespace valence::ml::real
