// Attacks on the sequencer by way of deliveries, which come before all transactions and cannot be put off.
#include "valence/node/system_fixture.hpp"

namespace valence::node::testing {
namespace {

using DeliveryAttacks = NodeSystemTransactions;

/// Pays its whole balance away.
constexpr auto kSweeper = base::address_from_number(0x5feeb);
constexpr std::string_view kSweeperCode = "0x5f5f5f5f4760aa5af100";

TEST_F(DeliveryAttacks, WhoLetsDeliveriesTakeWhatIsOwedGetsNoWorkBeforePaying) {
    auto wary = manual(config());
    wary.parking.wary_blocks = 8;
    wary.genesis.accounts[kSweeper].code = *base::from_hex(kSweeperCode);
    for (const std::size_t account : {1, 2, 3})
        wary.genesis.accounts[dev.accounts[account].address].code =
            *base::from_hex("0xef0100" + base::to_hex(kSweeper));
    const auto desk = std::make_shared<Silent>();
    wary.jobs = desk;
    const auto node = DevChain::open(wary);

    // It has its jobs dispatched, and has been emptied when they are to be paid.
    ASSERT_TRUE(submit(*node, schedule_once(0, 0, dev.accounts[1].address, {}, 100'000)));
    ASSERT_TRUE(submit(*node, asking(1, 0, 1)));
    ASSERT_TRUE(node->mine(2));
    EXPECT_EQ(ids_of(*node, kRan).size(), 1u);
    EXPECT_TRUE(balance(*node, dev.accounts[1].address).is_zero());
    ASSERT_EQ(desk->dispatched, 1);

    // The next of its kind pays in the block in which its work is done.
    const auto next = asking(2, 0, 2);
    ASSERT_TRUE(submit(*node, next));
    ASSERT_TRUE(node->mine());
    EXPECT_EQ(node->chain().locate(next.hash)->block_number, 3u);
    EXPECT_EQ(node->chain().block(3)->outcomes.size(), 1u);
    EXPECT_EQ(desk->dispatched, 1);

    // Whom nobody can take from is not concerned, and in the end nobody is.
    ASSERT_TRUE(submit(*node, asking(0, 1, 3)));
    ASSERT_TRUE(node->mine(8));
    EXPECT_EQ(desk->dispatched, 2);
    ASSERT_TRUE(submit(*node, asking(3, 0, 4)));
    ASSERT_TRUE(node->mine());
    EXPECT_EQ(desk->dispatched, 3);
    EXPECT_EQ(follow(*node, wary)->chain().head().block->hash, node->chain().head().block->hash);
}

}  // namespace
}  // namespace valence::node::testing
