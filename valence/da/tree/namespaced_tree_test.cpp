#include "valence/da/tree/namespaced_tree.hpp"

#include <gtest/gtest.h>

#include "valence/da/da_error.hpp"
#include "valence/da/testing/random_data.hpp"
#include "valence/da/tree/namespaced_root.hpp"

namespace valence::da {
namespace {

using testing::Random;

struct Leaves {
    std::vector<Namespace> names;
    std::vector<Bytes> data;
    std::vector<NamespacedHash> hashes;

    std::vector<BytesView> of(const Namespace& name) const {
        std::vector<BytesView> found;
        for (std::size_t i = 0; i < names.size(); ++i) {
            if (names[i] == name) found.push_back(data[i]);
        }
        return found;
    }
};

Leaves random_leaves(Random& random, std::size_t count, std::size_t kinds) {
    Leaves leaves;
    for (std::size_t i = 0; i < count; ++i)
        leaves.names.push_back(random.name(kinds));
    std::sort(leaves.names.begin(), leaves.names.end());
    for (const auto& name : leaves.names) {
        leaves.data.push_back(random.bytes(1 + random.below(20)));
        leaves.hashes.push_back(hash_leaf(name, leaves.data.back()));
    }
    return leaves;
}

/// RFC 6962's definition, word for word: the reference the levels are held against.
NamespacedHash reference_root(std::span<const NamespacedHash> leaves) {
    if (leaves.empty()) return empty_root();
    if (leaves.size() == 1) return leaves[0];
    const auto split = std::bit_ceil(leaves.size()) / 2;
    return *hash_node(reference_root(leaves.first(split)), reference_root(leaves.subspan(split)));
}

TEST(NamespacedTree, SplitsAtTheGreatestPowerOfTwo) {
    Random random{1};
    for (std::size_t count = 0; count <= 40; ++count) {
        const auto leaves = random_leaves(random, count, 10);
        const auto tree = NamespacedTree::build(leaves.hashes).value();
        EXPECT_EQ(tree.root(), reference_root(leaves.hashes)) << count;
        EXPECT_EQ(namespaced_root(leaves.hashes), tree.root()) << count;
    }
}

TEST(NamespacedTree, RefusesLeavesOutOfOrder) {
    Random random{2};
    auto leaves = random_leaves(random, 9, 1000);
    for (std::size_t i = 0; i + 1 < leaves.hashes.size(); ++i) {
        auto swapped = leaves.hashes;
        std::swap(swapped[i], swapped[i + 1]);
        if (swapped == leaves.hashes) continue;
        EXPECT_EQ(NamespacedTree::build(swapped).error(), Error{DaError::unordered}) << i;
        EXPECT_FALSE(namespaced_root(swapped)) << i;
    }
}

TEST(NamespacedTree, ParityDoesNotCountAsTheGreatestNamespace) {
    Random random{3};
    const auto name = random.name();
    const auto data = hash_leaf(name, Bytes{1});
    const auto parity = hash_leaf(kParityNamespace, Bytes{2});
    EXPECT_EQ(hash_node(data, parity)->max(), name);
    EXPECT_EQ(hash_node(parity, parity)->max(), kParityNamespace);
    EXPECT_FALSE(hash_node(parity, data));
}

TEST(NamespacedProof, ProvesEveryRangeAndNoOther) {
    Random random{4};
    for (std::size_t count = 1; count <= 20; ++count) {
        const auto leaves = random_leaves(random, count, 5);
        const auto tree = NamespacedTree::build(leaves.hashes).value();
        for (std::size_t begin = 0; begin < count; ++begin) {
            for (auto end = begin + 1; end <= count; ++end) {
                const auto proof = tree.prove(begin, end);
                const auto range = std::span{leaves.hashes}.subspan(begin, end - begin);
                ASSERT_TRUE(verify_leaves(proof, range, tree.root())) << count << ' ' << begin << ' ' << end;
                EXPECT_FALSE(verify_leaves(proof, range.subspan(1), tree.root()));
                EXPECT_EQ(parse_proof(encode_proof(proof)).value(), proof);
                EXPECT_EQ(verify_leaves_at(proof, range, tree.root(), count), std::has_single_bit(count));
                if (end < count) {
                    auto moved = proof;
                    ++moved.start, ++moved.end;
                    EXPECT_FALSE(verify_leaves(moved, range, tree.root()));
                }
            }
        }
    }
}

TEST(NamespacedProof, SaysWhereALeafIs) {
    Random random{5};
    const auto leaves = random_leaves(random, 8, 3);
    const auto tree = NamespacedTree::build(leaves.hashes).value();
    const auto proof = tree.prove(2, 3);
    const std::span leaf{&leaves.hashes[2], 1};
    EXPECT_TRUE(verify_leaves_at(proof, leaf, tree.root(), 8));
    EXPECT_FALSE(verify_leaves_at(proof, leaf, tree.root(), 16));
    EXPECT_FALSE(verify_leaves_at(proof, leaf, tree.root(), 4));
}

/// Everything about a namespace that is there, or not there: within the range, below and above it.
TEST(NamespacedProof, ProvesANamespaceCompleteOrAbsent) {
    Random random{6};
    for (int round = 0; round < 300; ++round) {
        const auto leaves = random_leaves(random, 1 + random.below(20), 12);
        const auto tree = NamespacedTree::build(leaves.hashes).value();
        const auto name = random.name(14);
        const auto data = leaves.of(name);
        const auto proof = tree.prove(name);
        ASSERT_TRUE(verify_namespace(proof, name, data, tree.root()));
        auto more = data;
        more.push_back(BytesView{});
        EXPECT_FALSE(verify_namespace(proof, name, more, tree.root()));
        if (data.empty()) continue;
        EXPECT_FALSE(verify_namespace(proof, name, std::span{data}.subspan(1), tree.root()));
        EXPECT_FALSE(verify_namespace({}, name, {}, tree.root()));
    }
}

/// A range proof of some of a namespace's leaves is a proof of them, but not that they are all.
TEST(NamespacedProof, DoesNotHideLeavesOfANamespace) {
    Random random{7};
    const auto leaves = random_leaves(random, 16, 2);
    const auto tree = NamespacedTree::build(leaves.hashes).value();
    const auto all = tree.prove(leaves.names[0]);
    const auto data = leaves.of(leaves.names[0]);
    ASSERT_GT(data.size(), 2u);
    for (std::size_t begin = all.start; begin < all.end; ++begin) {
        for (auto end = begin + 1; end <= all.end; ++end) {
            const auto part = std::span{data}.subspan(begin, end - begin);
            EXPECT_EQ(verify_namespace(tree.prove(begin, end), leaves.names[0], part, tree.root()),
                      begin == all.start && end == all.end);
        }
    }
    // Nor does a neighbouring leaf, or a node instead of one, deny them.
    auto denial = tree.prove(all.end, all.end + 1);
    denial.absent_leaf = leaves.hashes[all.end];
    EXPECT_FALSE(verify_namespace(denial, leaves.names[0], {}, tree.root()));
    EXPECT_FALSE(verify_namespace({}, kParityNamespace, {}, tree.root()));
}

TEST(NamespacedProof, ProvesSubtrees) {
    Random random{8};
    const auto leaves = random_leaves(random, 16, 1);
    const auto tree = NamespacedTree::build(leaves.hashes).value();
    for (std::size_t width : {1, 2, 4, 8, 16}) {
        for (std::size_t begin = 0; begin < 16; begin += width) {
            for (auto end = begin + 1; end <= 16; ++end) {
                std::vector<NamespacedHash> subtrees;
                auto at = begin;
                for (const auto size : aligned_sizes(begin, end, width)) {
                    subtrees.push_back(tree.subtree(at, size));
                    at += size;
                }
                const auto proof = tree.prove(begin, end);
                ASSERT_TRUE(verify_subtrees(proof, subtrees, width, tree.root(), 16)) << begin << ' ' << end;
                EXPECT_FALSE(verify_subtrees(proof, subtrees, width, tree.root(), 32));
                subtrees.back()[89] ^= 1;
                EXPECT_FALSE(verify_subtrees(proof, subtrees, width, tree.root(), 16));
            }
        }
    }
}

/// Any bit of proof, leaf or root changed, and it does not hold.
TEST(NamespacedProof, HoldsForNothingElse) {
    Random random{9};
    const auto leaves = random_leaves(random, 11, 6);
    const auto tree = NamespacedTree::build(leaves.hashes).value();
    const auto bytes = encode_proof(tree.prove(3, 5));
    const auto range = std::span{leaves.hashes}.subspan(3, 2);
    for (std::size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
        auto changed = bytes;
        changed[bit / 8] = static_cast<std::uint8_t>(changed[bit / 8] ^ 1 << bit % 8);
        const auto proof = parse_proof(changed);
        if (!proof || proof.value() == tree.prove(3, 5)) continue;
        EXPECT_FALSE(verify_leaves(proof.value(), range, tree.root())) << "bit " << bit;
    }
}

}  // namespace
}  // namespace valence::da
