#include "valence/zk/prover/merkle/merkle_tree.hpp"

#include <random>

#include <gtest/gtest.h>

#include "valence/zk/protocol/merkle/merkle_hash.hpp"
#include "valence/zk/protocol/merkle/merkle_opening.hpp"
#include "valence/zk/protocol/proof/proof_error.hpp"

namespace valence::zk {
namespace {

using crypto::Blake3Messages;
using Positions = std::vector<std::uint64_t>;

Bytes random_bytes(std::size_t size) {
    std::mt19937_64 random(size);
    Bytes bytes(size);
    for (auto& byte : bytes)
        byte = static_cast<std::uint8_t>(random());
    return bytes;
}

/// A tree with its leaves, and the openings of it.
struct Forest {
    Forest(int log_leaves, std::size_t leaf_bytes)
        : shape{log_leaves, leaf_bytes},
          bytes(random_bytes(leaf_bytes << log_leaves)),
          leaves(Blake3Messages::consecutive(bytes, leaf_bytes)),
          tree(leaves, log_leaves) {}

    Bytes open(const Positions& positions) const {
        ProofWriter proof;
        tree.open(leaves, positions, proof);
        return proof.take();
    }
    BytesView leaf(std::uint64_t position) const {
        return BytesView(bytes).subspan(position * shape.leaf_bytes, shape.leaf_bytes);
    }

    MerkleShape shape;
    Bytes bytes;
    Blake3Messages leaves;
    MerkleTree tree;
};

Result<BytesView> receive(const Hash& root, const MerkleShape& shape, const Positions& positions,
                          BytesView proof) {
    ProofReader reader(proof);
    BOOST_OUTCOME_TRY(const auto leaves, receive_merkle_opening(root, shape, positions, reader));
    BOOST_OUTCOME_TRY(reader.finish());
    return leaves;
}

/// The definition of the root, one hash at a time.
Hash root_of(std::span<const Hash> level) {
    if (level.size() == 1) return level.front();
    std::vector<Hash> parents;
    for (std::size_t i = 0; i < level.size(); i += 2) {
        crypto::Blake3 node(merkle_node_key());
        parents.push_back(node.update(level[i].bytes).update(level[i + 1].bytes).digest());
    }
    return root_of(parents);
}

TEST(MerkleTree, RootIsThatOfItsDefinition) {
    for (const int log_leaves : {0, 1, 2, 3, 4, 7, 13}) {
        for (const std::size_t leaf_bytes : {8, 64, 200}) {
            const Forest forest(log_leaves, leaf_bytes);
            std::vector<Hash> digests;
            for (std::uint64_t i = 0; i < std::uint64_t{1} << log_leaves; ++i)
                digests.push_back(crypto::blake3(forest.leaf(i), merkle_leaf_key()));
            EXPECT_EQ(forest.tree.root(), root_of(digests)) << log_leaves << ", " << leaf_bytes;
        }
    }
}

TEST(MerkleTree, ColumnsOfAMatrixAreLeaves) {
    std::vector<Extension2> matrix;
    for (std::uint64_t i = 0; i < 4 * 16; ++i)
        matrix.push_back(Extension2(Extension2::Coefficients{Goldilocks(i), Goldilocks(i * i)}));
    const auto columns = columns_of<Extension2>(matrix, 4);
    const MerkleTree tree(columns, 4);
    ProofWriter proof;
    tree.open(columns, Positions{3, 9}, proof);
    ProofReader reader(proof.bytes());
    const auto elements =
        receive_merkle_elements<Extension2>(tree.root(), {4, columns.length()}, Positions{3, 9}, reader);
    const std::vector<Extension2> expected{matrix[3], matrix[19], matrix[35], matrix[51],
                                           matrix[9], matrix[25], matrix[41], matrix[57]};
    EXPECT_EQ(elements.value(), expected);
}

TEST(MerkleOpening, EverySetOfPositionsOfASmallTreeOpens) {
    const Forest forest(3, 24);
    for (unsigned set = 1; set < 256; ++set) {
        Positions positions;
        Bytes expected;
        for (std::uint64_t i = 0; i < 8; ++i) {
            if ((set >> i & 1) == 0) continue;
            positions.push_back(i);
            base::append(expected, forest.leaf(i));
        }
        const Bytes proof = forest.open(positions);
        EXPECT_TRUE(
            base::equal(receive(forest.tree.root(), forest.shape, positions, proof).value(), expected));
        EXPECT_EQ(proof.size(), expected.size() + 32 * merkle_sibling_count(forest.shape, positions));
    }
}

TEST(MerkleOpening, SharedSiblingsAreLeftOut) {
    const MerkleShape shape{10, 8};
    EXPECT_EQ(merkle_sibling_count(shape, Positions{0}), 10U);
    EXPECT_EQ(merkle_sibling_count(shape, Positions{0, 1}), 9U);
    EXPECT_EQ(merkle_sibling_count(shape, Positions{0, 2}), 10U);
    EXPECT_EQ(merkle_sibling_count(shape, Positions{0, 1023}), 18U);
    EXPECT_EQ(merkle_sibling_count({0, 8}, Positions{0}), 0U);
}

TEST(MerkleOpening, PositionsAreOpenedOnceInAscendingOrder) {
    EXPECT_EQ(opening_order({5, 1, 5, 0, 1}), (Positions{0, 1, 5}));
}

TEST(MerkleOpening, EveryAlteredByteIsRefused) {
    const Forest forest(5, 40);
    const Positions positions{0, 7, 8, 9, 31};
    const Bytes proof = forest.open(positions);
    for (std::size_t i = 0; i < proof.size(); ++i) {
        Bytes altered = proof;
        altered[i] ^= static_cast<std::uint8_t>(1 << i % 8);
        EXPECT_EQ(receive(forest.tree.root(), forest.shape, positions, altered).error(),
                  Error(ProofError::merkle_mismatch))
            << i;
    }
}

TEST(MerkleOpening, EveryTruncationAndEveryTrailingByteIsRefused) {
    const Forest forest(5, 40);
    const Positions positions{3, 17};
    Bytes proof = forest.open(positions);
    for (std::size_t size = 0; size < proof.size(); ++size) {
        EXPECT_EQ(receive(forest.tree.root(), forest.shape, positions, BytesView(proof).first(size)).error(),
                  Error(ProofError::truncated));
    }
    proof.push_back(0);
    EXPECT_EQ(receive(forest.tree.root(), forest.shape, positions, proof).error(),
              Error(ProofError::trailing_bytes));
}

TEST(MerkleOpening, LeavesAtOtherPositionsAreRefused) {
    const Forest forest(4, 16);
    const Bytes proof = forest.open({2, 9});
    for (std::uint64_t first = 0; first < 16; ++first) {
        for (std::uint64_t second = first + 1; second < 16; ++second) {
            if (first == 2 && second == 9) continue;
            EXPECT_FALSE(receive(forest.tree.root(), forest.shape, {first, second}, proof))
                << first << ", " << second;
        }
    }
}

TEST(MerkleOpening, ALeafForTwoPositionsIsRefused) {
    const Forest forest(4, 16);
    Bytes twice;
    base::append(twice, forest.leaf(6));
    base::append(twice, forest.leaf(6));
    const Bytes proof = forest.open({6, 7});
    base::append(twice, BytesView(proof).subspan(32));
    EXPECT_EQ(receive(forest.tree.root(), forest.shape, {6, 7}, twice).error(),
              Error(ProofError::merkle_mismatch));
}

// Two digests are as long as a leaf of 64 bytes: a node over leaves, given as a leaf of a tree one level
// lower, or a leaf that was chosen to be two digests, given as a node.
TEST(MerkleOpening, ALeafIsNoNode) {
    const Forest forest(3, 64);
    std::vector<Hash> digests(8), nodes(4);
    crypto::blake3_batch(forest.leaves, merkle_leaf_key(), digests);
    hash_merkle_nodes(digests, nodes);
    const BytesView pairs{reinterpret_cast<const std::uint8_t*>(digests.data()), 8 * Hash::kSize};

    Bytes node_as_leaf;
    base::append(node_as_leaf, pairs.first(64));
    base::append(node_as_leaf, nodes[1].bytes);
    base::append(node_as_leaf, BytesView(forest.open({0})).last(32));
    EXPECT_EQ(receive(forest.tree.root(), {2, 64}, {0}, node_as_leaf).error(),
              Error(ProofError::merkle_mismatch));

    const MerkleTree of_pairs(Blake3Messages::consecutive(pairs, 64), 2);
    EXPECT_NE(of_pairs.root(), forest.tree.root());
    Bytes leaf_as_node;
    base::append(leaf_as_node, forest.leaf(0));
    base::append(leaf_as_node, pairs.subspan(32, 32));
    ProofWriter upper;
    of_pairs.open(Blake3Messages::consecutive(pairs, 64), Positions{0}, upper);
    base::append(leaf_as_node, BytesView(upper.bytes()).subspan(64));
    EXPECT_EQ(receive(of_pairs.root(), {3, 64}, {0}, leaf_as_node).error(),
              Error(ProofError::merkle_mismatch));
}

TEST(MerkleOpening, LeavesOfAnotherLengthAreRefused) {
    const Forest forest(3, 64);
    const Bytes proof = forest.open({1, 4});
    for (const std::size_t other : {0, 8, 32, 48, 80, 96})
        EXPECT_FALSE(receive(forest.tree.root(), {3, other}, {1, 4}, proof)) << other;
    EXPECT_FALSE(receive(forest.tree.root(), {2, 64}, {1, 3}, proof));
    EXPECT_FALSE(receive(forest.tree.root(), {4, 64}, {1, 4}, proof));
}

TEST(MerkleOpening, CommittedLeavesMustStillBeCanonical) {
    Bytes bytes(4 * 8, 0);
    std::fill_n(bytes.begin() + 8, 8, std::uint8_t{0xff});
    const auto leaves = Blake3Messages::consecutive(bytes, 8);
    const MerkleTree tree(leaves, 2);
    ProofWriter proof;
    tree.open(leaves, Positions{1}, proof);
    ProofReader reader(proof.bytes());
    EXPECT_EQ(receive_merkle_elements<Goldilocks>(tree.root(), {2, 8}, Positions{1}, reader).error(),
              Error(ProofError::not_canonical));
}

}  // namespace
}  // namespace valence::zk
