#include "valence/da/tree/merkle_tree.hpp"

#include <gtest/gtest.h>

#include "valence/crypto/sha256.hpp"
#include "valence/da/testing/random_data.hpp"

namespace valence::da {
namespace {

TEST(MerkleTree, HashesAsRfc6962Says) {
    EXPECT_EQ(merkle_root({}), crypto::sha256({}));
    const Bytes leaf{1, 2};
    const Bytes prefixed{0, 1, 2};
    EXPECT_EQ(merkle_root_of(std::vector<Bytes>{leaf}), crypto::sha256(prefixed));
    const std::vector three{Bytes{1}, Bytes{2}, Bytes{3}};
    const auto node = [](const Hash& l, const Hash& r) {
        Bytes message{1};
        base::append(message, l);
        base::append(message, r);
        return crypto::sha256(message);
    };
    EXPECT_EQ(merkle_root_of(three),
              node(node(merkle_leaf(three[0]), merkle_leaf(three[1])), merkle_leaf(three[2])));
}

TEST(MerkleProof, HoldsForItsLeafAndPlaceOnly) {
    testing::Random random{1};
    for (std::size_t count = 1; count <= 33; ++count) {
        std::vector<Bytes> leaves;
        for (std::size_t i = 0; i < count; ++i)
            leaves.push_back(random.bytes(10));
        const std::vector<BytesView> views(leaves.begin(), leaves.end());
        const auto root = merkle_root(views);
        const auto proofs = merkle_proofs(views);
        ASSERT_EQ(proofs.size(), count);
        for (std::size_t i = 0; i < count; ++i) {
            ASSERT_TRUE(verify_merkle_proof(proofs[i], leaves[i], root)) << i << " of " << count;
            for (std::size_t j = 0; j <= count; ++j) {
                auto moved = proofs[i];
                moved.index = j;
                EXPECT_EQ(verify_merkle_proof(moved, leaves[i], root), i == j)
                    << i << ' ' << j << ' ' << count;
            }
            auto longer = proofs[i];
            longer.aunts.push_back(root);
            EXPECT_FALSE(verify_merkle_proof(longer, leaves[i], root));
            if (count == 1) continue;
            auto shorter = proofs[i];
            shorter.aunts.pop_back();
            EXPECT_FALSE(verify_merkle_proof(shorter, leaves[i], root));
            EXPECT_FALSE(verify_merkle_proof(proofs[i], leaves[(i + 1) % count], root));
        }
    }
    EXPECT_FALSE(verify_merkle_proof({}, {}, {}));
}

}  // namespace
}  // namespace valence::da
