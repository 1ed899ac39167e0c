// Ensembles whose result is the least or greatest of their trees: each tree by itself, then the extremum.
#include "valence/ml/quantise/decompositions.hpp"

namespace valence::ml {
namespace {

using real::Op;
using real::ValueId;

/// More trees than this would make a graph of unreasonable size.
constexpr std::size_t kMaxTrees = 4096;

/// Tree `number` alone. Nodes of a tree lie between its root and the next one's.
real::TreeEnsemble tree_of(const real::TreeEnsemble& all, std::size_t number) {
    const std::uint32_t first = all.roots[number];
    const auto end = number + 1 < all.roots.size() ? all.roots[number + 1] : all.nodes.size();
    real::TreeEnsemble tree;
    tree.targets = all.targets;
    tree.roots = {0};
    for (std::size_t k = first; k < end; ++k) {
        real::TreeNode node = all.nodes[k];
        if (node.branch == real::TreeBranch::leaf) {
            const auto start = static_cast<std::uint32_t>(tree.weights.size());
            tree.weights.insert(tree.weights.end(), all.weights.begin() + node.if_true,
                                all.weights.begin() + node.if_false);
            node.if_true = start;
            node.if_false = static_cast<std::uint32_t>(tree.weights.size());
        } else {
            node.if_true -= first;
            node.if_false -= first;
        }
        tree.nodes.push_back(node);
    }
    return tree;
}

}  // namespace

Results decompose_trees(const Decomposed& work) {
    const auto ensemble = work.node.get<real::TreeAttributes>().ensemble;
    const bool least = ensemble->aggregate == real::TreeAggregate::min;
    if (!least && ensemble->aggregate != real::TreeAggregate::max) return std::vector<ValueId>{};
    if (ensemble->roots.size() > kMaxTrees || !std::is_sorted(ensemble->roots.begin(), ensemble->roots.end()))
        return std::vector<ValueId>{};
    ValueId result = real::kAbsent;
    for (std::size_t number = 0; number < ensemble->roots.size(); ++number) {
        const auto tree = std::make_shared<const real::TreeEnsemble>(tree_of(*ensemble, number));
        BOOST_OUTCOME_TRY(const ValueId one,
                          work.to.add_one(Op::tree_ensemble, real::TreeAttributes{tree}, work.inputs));
        if (number == 0) {
            result = one;
            continue;
        }
        BOOST_OUTCOME_TRY(result,
                          work.to.add_one(least ? Op::min : Op::max, real::NoAttributes{}, {result, one}));
    }
    if (!ensemble->base.empty()) {
        const auto targets = static_cast<std::int64_t>(ensemble->base.size());
        BOOST_OUTCOME_TRY(const ValueId base,
                          work.to.add_constant(real::Tensor(real::Shape{targets}, ensemble->base)));
        BOOST_OUTCOME_TRY(result, work.to.add_one(Op::add, real::NoAttributes{}, {result, base}));
    }
    return std::vector{result};
}

}  // namespace valence::ml
