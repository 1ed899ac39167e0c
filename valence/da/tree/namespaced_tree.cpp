#include "valence/da/tree/namespaced_tree.hpp"

#include <fmt/format.h>

#include "valence/da/da_error.hpp"
#include "valence/da/tree/namespaced_root.hpp"

namespace valence::da {
namespace {

std::size_t log2(std::size_t power) { return static_cast<std::size_t>(std::countr_zero(power)); }

}  // namespace

NamespacedTree::NamespacedTree(std::vector<std::vector<NamespacedHash>> levels)
    : levels_(std::move(levels)), root_(levels_.back().empty() ? empty_root() : levels_.back().front()) {}

Result<NamespacedTree> NamespacedTree::build(std::vector<NamespacedHash> leaves) {
    std::vector<std::vector<NamespacedHash>> levels{std::move(leaves)};
    while (levels.back().size() > 1) {
        std::vector<NamespacedHash> level((levels.back().size() + 1) / 2);
        if (!hash_level(levels.back(), level))
            return Error{DaError::unordered, fmt::format("in level {}", levels.size())};
        levels.push_back(std::move(level));
    }
    return NamespacedTree{std::move(levels)};
}

const NamespacedHash& NamespacedTree::subtree(std::size_t begin, std::size_t width) const {
    const auto& level = levels_[std::min(log2(width), levels_.size() - 1)];
    return level[begin >> log2(width)];
}

void NamespacedTree::prove(std::size_t begin, std::size_t width, NamespacedProof& proof) const {
    if (begin >= size()) return;
    if (begin + width <= proof.start || begin >= proof.end) {
        proof.nodes.push_back(subtree(begin, width));
        return;
    }
    if (width == 1) return;
    prove(begin, width / 2, proof);
    prove(begin + width / 2, width / 2, proof);
}

NamespacedProof NamespacedTree::prove(std::size_t begin, std::size_t end) const {
    VALENCE_CHECK(begin < end && end <= size());
    NamespacedProof proof{.start = begin, .end = end, .nodes = {}, .absent_leaf = {}};
    prove(0, std::bit_ceil(size()), proof);
    return proof;
}

NamespacedProof NamespacedTree::prove(const Namespace& name) const {
    if (size() == 0 || name < root_.min() || name > root_.max()) return {};
    const auto& all = levels_.front();
    const auto first = std::lower_bound(all.begin(), all.end(), name,
                                        [](const auto& leaf, const auto& n) { return leaf.min() < n; });
    const auto last = std::upper_bound(first, all.end(), name,
                                       [](const auto& n, const auto& leaf) { return n < leaf.min(); });
    const auto begin = static_cast<std::size_t>(first - all.begin());
    if (first != last) return prove(begin, static_cast<std::size_t>(last - all.begin()));
    auto proof = prove(begin, begin + 1);
    proof.absent_leaf = all[begin];
    return proof;
}

}  // namespace valence::da
