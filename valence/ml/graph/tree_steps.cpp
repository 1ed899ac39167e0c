#include "valence/ml/graph/tree_steps.hpp"

namespace valence::ml {

std::uint64_t tree_steps(const Weight& nodes, const Weight& roots) {
    std::vector<std::uint32_t> depth(nodes.shape[0], 1);
    for (std::size_t row = depth.size(); row-- > 0;)
        if (nodes[4 * row] >= 0)
            depth[row] = 1 + std::max(depth[static_cast<std::size_t>(nodes[4 * row + 2])],
                                      depth[static_cast<std::size_t>(nodes[4 * row + 3])]);
    std::uint64_t steps = 0;
    for (std::uint32_t tree = 0; tree < roots.shape[0]; ++tree)
        steps += depth[static_cast<std::size_t>(roots[tree])];
    return steps;
}

}  // namespace valence::ml
