// What a proof's file is refused for, and what is said then.
#include "valence/zk/files/check_proof.hpp"

#include <gtest/gtest.h>

#include "valence/ml/testing/random_graph.hpp"
#include "valence/zk/protocol/proof/proof_error.hpp"

namespace valence::zk {
namespace {

TEST(CheckProof, SaysWhichModelsDiffer) {
    const auto model = [] {
        for (std::uint64_t seed = 0;; ++seed) {
            auto each = provable(ml::testing::random_graph(seed, {.nodes = 3, .elements = 60, .only = -1}));
            if (each) return std::move(each).value();
        }
    }();
    const ProofFile file{ml::ModelId({7}), {}, {}, {}, {}};
    const auto verdict = check_proof(model, file);
    ASSERT_FALSE(verdict.has_value());
    EXPECT_EQ(verdict.error(), Error(ProofError::other_model));
    EXPECT_NE(verdict.error().message().find("0x07"), std::string::npos);
    EXPECT_NE(verdict.error().message().find(base::to_hex_prefixed(model.id)), std::string::npos);
}

}  // namespace
}  // namespace valence::zk
