// Who is paid for what a delivery had computed.
#include "valence/node/system_fixture.hpp"

namespace valence::node::testing {
namespace {

using DeliveryPayment = NodeSystemTransactions;

/// Passes its input on to the precompile, and fails afterwards or does not.
constexpr auto kAsker = base::address_from_number(0xa5ce4);
constexpr auto kFailingAsker = base::address_from_number(0xa5ce5);
constexpr auto kWorker = base::address_from_number(0x303c3);

TEST_F(DeliveryPayment, WhoComputesIsPaidForEachJobWhoeverOfADeliveryAskedForIt) {
    auto paying = manual(config());
    paying.coinbase = base::address_from_number(0xc01);
    const std::string forward = "0x365f5f375f5f365f5f60f45af1";
    paying.genesis.accounts[kAsker].code = *base::from_hex(forward + "00");
    paying.genesis.accounts[kFailingAsker].code = *base::from_hex(forward + "5f5ffd");
    const auto question = [&](std::uint64_t a) {
        return Items{id_value(tiny), U256{1}, Items{U256{a * kWad}, U256{}}};
    };
    for (const auto& target : {kAsker, kFailingAsker}) {
        auto computing = paying;
        computing.jobs = std::make_shared<sequencer::LocalDesk>(*models, kWorker);
        const auto node = DevChain::open(computing);
        // Two jobs, one of them asked for twice.
        const auto data = encode_call("inferMany((bytes32,uint8,int256[])[])",
                                      Items{Items{question(1), question(2), question(1)}});
        ASSERT_TRUE(submit(*node, schedule_once(0, 0, target, data, 1'000'000)));
        ASSERT_EQ(mine_until(*node, kRan, 1).size(), 1u);
        const auto block = node->chain().head().block;
        ASSERT_EQ(block->outcomes.size(), 2u);
        const auto pay = U256{compute_gas(*block)} * price(*node);
        EXPECT_FALSE(pay.is_zero());
        const auto treasury = balance(*node, chain::InferenceRules{}.treasury);
        EXPECT_EQ(balance(*node, kWorker) + treasury, pay);
        EXPECT_LE(pay / U256{20} - treasury, U256{1}) << "each job's share is rounded down";
        // The rest is the builder's and its owner's, to the wei.
        EXPECT_EQ(balance(*node, chain::kScheduler),
                  credit(*node, paying.coinbase) + credit(*node, dev.accounts[0].address));
        EXPECT_EQ(balance(*node, chain::kScheduler) + pay, U256{kWad});
        EXPECT_EQ(follow(*node, paying)->chain().head().block->hash, block->hash);
    }
}

/// An outcome that the block used before costs a delivery nothing, as it costs a transaction nothing.
TEST_F(DeliveryPayment, ASharedOutcomeIsPaidOnce) {
    auto paying = manual(config());
    paying.coinbase = base::address_from_number(0xc01);
    paying.jobs = std::make_shared<sequencer::LocalDesk>(*models, kWorker);
    const auto node = DevChain::open(paying);
    ASSERT_TRUE(submit(*node, request(0, 0, 3, 1'000)));
    ASSERT_TRUE(submit(*node, request(1, 0, 3, 1'000)));
    ASSERT_EQ(mine_until(*node, kDelivered, 2).size(), 2u);
    const auto block = node->chain().head().block;
    ASSERT_EQ(block->outcomes.size(), 1u);
    ASSERT_EQ(block->block.transactions.size(), 3u) << "both in one block";
    const auto pay = U256{compute_gas(*block)} * price(*node);
    EXPECT_EQ(balance(*node, kWorker), pay - pay / U256{20});
    const auto first = credit(*node, dev.accounts[0].address);
    const auto second = credit(*node, dev.accounts[1].address);
    EXPECT_GT(second, first);
    EXPECT_EQ(balance(*node, chain::kScheduler), credit(*node, paying.coinbase) + first + second);
}

}  // namespace
}  // namespace valence::node::testing
