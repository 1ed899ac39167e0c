// The beacon through a node: in every block it builds, checked in every block it takes.
#include "valence/node/beacon_signer.hpp"
#include "valence/node/testing.hpp"

namespace valence::node::testing {
namespace {

using chain::ChainError;

const crypto::bls::SecretKey& key() { return chain::development_beacon_key(); }
chain::BeaconSignature signed_by(const crypto::bls::SecretKey& who, std::uint64_t number) {
    return who.sign(chain::beacon_message(1986, number), chain::kBeaconDomain);
}
Hash mix_of(const Node& node, const chain::BeaconSignature& beacon, const chain::Block& block) {
    return chain::beacon_mix(beacon, chain::da_header_hash(node.config().genesis.rules, block));
}
crypto::bls::SecretKey other_key() { return *crypto::bls::SecretKey::generate(Bytes(32, 7)); }

TEST(NodeBeacon, IsSignedForEachNumberAndMixed) {
    const auto node = DevChain{}.open();
    ASSERT_TRUE(node->mine(20));
    EXPECT_FALSE(node->chain().block(0)->beacon);
    for (std::uint64_t n = 1; n <= 20; ++n) {
        const auto block = node->chain().block(n);
        EXPECT_EQ(block->beacon, signed_by(key(), n));
        EXPECT_EQ(block->block.header.mix_hash, mix_of(*node, *block->beacon, block->block));
    }
}

TEST(NodeBeacon, IsTheSameAgainAfterGoingBack) {
    const auto node = DevChain{}.open();
    ASSERT_TRUE(node->mine(3));
    ASSERT_TRUE(node->unwind(2));
    ASSERT_TRUE(node->mine(10));
    for (std::uint64_t n = 1; n <= 11; ++n)
        EXPECT_EQ(node->chain().block(n)->beacon, signed_by(key(), n));
}

TEST(NodeBeacon, IsKeptWithItsBlock) {
    const TestFolder folder;
    auto config = DevChain{}.config();
    config.folder = folder.path();
    ASSERT_TRUE(DevChain::open(config)->mine(2));
    EXPECT_EQ(DevChain::open(config)->chain().block(2)->beacon, signed_by(key(), 2));
}

/// What is shown of the next block before it is there must not tell its randomness.
TEST(NodeBeacon, IsNotInThePendingBlock) {
    const auto node = DevChain{}.open();
    const auto pending = node->pending()->block;
    ASSERT_TRUE(node->mine());
    EXPECT_EQ(pending->number(), 1u);
    EXPECT_FALSE(pending->beacon);
    EXPECT_NE(pending->block.header.mix_hash, node->chain().head().block->block.header.mix_hash);
}

class ForgedBeacon : public ::testing::Test {
protected:
    ForgedBeacon() {
        EXPECT_TRUE(sequencer_->mine(2));
        first_ = sequencer_->chain().block(1);
    }
    /// What another node says of the block with this beacon, its mix hash made of it.
    Error refusal(const std::optional<chain::BeaconSignature>& beacon) {
        auto block = first_->block;
        if (beacon) block.header.mix_hash = mix_of(*full_, *beacon, block);
        const auto imported = full_->import_block(block, {{}, beacon});
        return imported ? Error{} : imported.error();
    }
    const std::unique_ptr<Node> sequencer_ = DevChain{}.open();
    const std::unique_ptr<Node> full_ = DevChain{}.open();
    sequencer::SharedBlock first_;
};

TEST_F(ForgedBeacon, IsRefusedByName) {
    EXPECT_EQ(refusal({}), Error{ChainError::beacon_missing});
    EXPECT_EQ(refusal(signed_by(other_key(), 1)), Error{ChainError::beacon_invalid});
    EXPECT_EQ(refusal(signed_by(key(), 2)), Error{ChainError::beacon_invalid}) << "another block's";
    EXPECT_EQ(refusal(key().sign(chain::beacon_message(1, 1), chain::kBeaconDomain)),
              Error{ChainError::beacon_invalid})
        << "another chain's";
    EXPECT_EQ(refusal(chain::BeaconSignature{}), Error{ChainError::beacon_invalid});

    auto block = first_->block;
    block.header.mix_hash[0] ^= 1;
    EXPECT_EQ(full_->import_block(block, first_->supplement()).error(), Error{ChainError::beacon_mix_wrong});
    EXPECT_TRUE(import(*full_, *first_));
}

TEST_F(ForgedBeacon, IsRefusedWhereABatchHidesIt) {
    const auto second = sequencer_->chain().block(2);
    const auto wrong = signed_by(other_key(), 1);
    const std::array claims{BeaconClaim{1, wrong}, BeaconClaim{2, *second->beacon}};
    full_->verify_beacons(claims);
    EXPECT_EQ(refusal(wrong), Error{ChainError::beacon_invalid});
    const std::array right{BeaconClaim{1, *first_->beacon}, BeaconClaim{2, *second->beacon}};
    full_->verify_beacons(right);
    EXPECT_EQ(refusal(wrong), Error{ChainError::beacon_invalid}) << "what was verified was another";
    EXPECT_TRUE(import(*full_, *first_));
    EXPECT_TRUE(import(*full_, *second));
}

/// A dev control, as pokes into the state are: the chain is this node's own from there on.
TEST_F(ForgedBeacon, IsWhatASetRandomnessLooksLike) {
    sequencer_->set_next_prev_randao(Hash{{1}});
    ASSERT_TRUE(sequencer_->mine());
    const auto set = sequencer_->chain().block(3);
    EXPECT_EQ(set->block.header.mix_hash, (Hash{{1}}));
    EXPECT_EQ(set->beacon, signed_by(key(), 3));
    ASSERT_TRUE(import(*full_, *first_));
    ASSERT_TRUE(import(*full_, *sequencer_->chain().block(2)));
    EXPECT_EQ(import(*full_, *set).error(), Error{ChainError::beacon_mix_wrong});
}

TEST(NodeBeacon, NeedsTheKeyThatTheGenesisNames) {
    auto config = DevChain{}.config();
    config.genesis.rules.beacon_key = other_key().public_key();
    const auto node = DevChain::open(config);
    EXPECT_EQ(node->mine().error(), Error{NodeError::no_beacon_key});
    EXPECT_EQ(node->chain().head_number(), 0u);

    config.beacon_key = key();
    EXPECT_EQ(Node::open(config).error(), Error{NodeError::other_beacon_key});
    config.beacon_key = other_key();
    const auto other = DevChain::open(config);
    ASSERT_TRUE(other->mine());
    EXPECT_EQ(other->chain().block(1)->beacon, signed_by(other_key(), 1));
    EXPECT_TRUE(import(*node, *other->chain().block(1)));
}

TEST(NodeBeacon, IsSignedWhereverANumberComesFrom) {
    BeaconSigner signer(1986, key());
    for (const std::uint64_t number : {5, 6, 7, 3, 4, 100, 101, 99, 102, 109, 110, 111})
        EXPECT_EQ(signer.signature(number), signed_by(key(), number)) << number;
}

}  // namespace
}  // namespace valence::node::testing
