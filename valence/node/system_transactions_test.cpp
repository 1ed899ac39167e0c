// Blocks that begin with system transactions: requests are answered, schedules run, and full nodes refuse
// blocks whose system transactions are not those that the rules derive.
#include "valence/chain/system/scheduler_view.hpp"
#include "valence/chain/system/system_transaction.hpp"
#include "valence/chain/system_contracts.hpp"
#include "valence/node/system_fixture.hpp"

namespace valence::node::testing {
namespace {

TEST_F(NodeSystemTransactions, EachBlockBeginsWithTheHeaderItRefersTo) {
    const auto node = DevChain::open(config());
    ASSERT_TRUE(submit(*node, dev.transfer(0, 0)));
    dev.clock->advance(Milliseconds{13'000});
    ASSERT_TRUE(node->mine());
    ASSERT_EQ(node->chain().head_number(), 2u);
    EXPECT_TRUE(node->chain().block(0)->block.transactions.empty());
    const chain::LocalDaHeaders headers{*node->chain().block_hash(0), kGenesisTime};
    for (const std::uint64_t n : {1u, 2u}) {
        const auto block = node->chain().block(n);
        ASSERT_EQ(block->block.transactions.size(), n == 1 ? 2u : 1u);
        EXPECT_EQ(chain::referred_da_header(block->block).value(),
                  headers.newest(block->block.header.timestamp));
        EXPECT_TRUE(block->receipts[0].succeeded);
        EXPECT_EQ(block->receipts[0].deposit_nonce, n - 1);
        EXPECT_EQ(block->facts[0].sender, chain::kSystemAddress);
    }
    const auto height = node->chain().head().state->storage(chain::kDaInfo, U256{}).low_u64();
    EXPECT_EQ(height, 3u);
    expect_consistent(*node);
    EXPECT_EQ(follow(*node)->chain().head().block->hash, node->chain().head().block->hash);
}

TEST_F(NodeSystemTransactions, ARequestIsAnsweredWithoutAnotherTransaction) {
    const auto node = DevChain::open(config());
    ASSERT_TRUE(submit(*node, request(0, 0, 3, 50)));
    ASSERT_TRUE(reaches(*node, 2));
    const auto block = node->chain().block(2);
    ASSERT_EQ(block->block.transactions.size(), 2u);
    EXPECT_TRUE(block->receipts[1].succeeded);
    ASSERT_EQ(block->outcomes.size(), 1u);
    EXPECT_EQ(ids_of(*node, kDelivered), std::vector<std::uint64_t>{1});
    EXPECT_LT(block->block.header.gas_used, block->receipts[1].cumulative_gas_used)
        << "computing counts in receipts only";
    expect_consistent(*node);
    EXPECT_EQ(follow(*node)->chain().head().block->hash, node->chain().head().block->hash);
}

TEST_F(NodeSystemTransactions, NothingOvertakesARequestThatWaitsUntilItHasWaitedLongEnough) {
    auto silent = manual(config());
    const auto desk = std::make_shared<Silent>();
    silent.jobs = desk;
    const auto node = DevChain::open(silent);
    ASSERT_TRUE(submit(*node, request(0, 0, 3, 1'000)));
    ASSERT_TRUE(submit(*node, request_signed(1, 0, 1'000)));
    ASSERT_TRUE(node->mine(1 + sequencer::DeliveryWait::kLongestWait));
    EXPECT_TRUE(ids_of(*node, kDelivered).empty());
    EXPECT_GE(desk->dispatched, 1);
    ASSERT_TRUE(node->mine());
    EXPECT_EQ(ids_of(*node, kDelivered), std::vector<std::uint64_t>{1}) << "REPLAY is computed where the "
                                                                           "block is built";
    EXPECT_TRUE(ids_of(*node, kFailed).empty());
    ASSERT_TRUE(node->mine(sequencer::DeliveryWait::kLongestWait + 1));
    EXPECT_EQ(ids_of(*node, kFailed), std::vector<std::uint64_t>{2}) << "an operator's word is not available";
    EXPECT_EQ(follow(*node)->chain().head().block->hash, node->chain().head().block->hash);
}

TEST_F(NodeSystemTransactions, ARequestIsAnsweredInItsLastBlockAtTheLatest) {
    auto silent = manual(config());
    silent.jobs = std::make_shared<Silent>();
    const auto node = DevChain::open(silent);
    ASSERT_TRUE(submit(*node, request(0, 0, 3, 3)));
    ASSERT_TRUE(node->mine(2));
    EXPECT_TRUE(ids_of(*node, kDelivered).empty());
    ASSERT_TRUE(node->mine());
    EXPECT_EQ(ids_of(*node, kDelivered).size(), 1u);
}

/// Behind one that is not answered: the second's time is up before its turn comes.
TEST_F(NodeSystemTransactions, PastItsDeadlineARequestFailsAndTheInferenceIsRefunded) {
    auto silent = manual(config());
    silent.jobs = std::make_shared<Silent>();
    const auto node = DevChain::open(silent);
    ASSERT_TRUE(submit(*node, request_signed(0, 0, 1'000)));
    ASSERT_TRUE(node->mine());
    ASSERT_TRUE(submit(*node, request(1, 0, 3, 5)));
    ASSERT_TRUE(node->mine(2 + sequencer::DeliveryWait::kLongestWait));
    EXPECT_EQ(ids_of(*node, kFailed), (std::vector<std::uint64_t>{1, 2}));
    for (std::uint64_t n = 1; n <= node->chain().head_number(); ++n)
        for (const auto& entry : node->chain().block(n)->outcomes)
            EXPECT_FALSE(entry.outcome.is_available()) << "nothing was computed";
    EXPECT_EQ(follow(*node)->chain().head().block->hash, node->chain().head().block->hash);
}

/// Code in place of the Scheduler's: next() names the same for ever; what else it is asked reverts, or not.
TEST_F(NodeSystemTransactions, ASpoiltSchedulerDoesNotStopTheChain) {
    const auto implementation = "0x5600000000000000000000000000000000001006"_address;
    const std::string answer = "5b6005600052620186a0602052620186a0604052600160605260806000f3";
    const std::string spoilt_codes[] = {
        // All but next() reverts; then, nothing but deliver(uint256) does.
        "60003560e01c634c8fe5261460145760006000fd" + answer,
        "60003560e01c633bd5d173141560155760006000fd" + answer,
    };
    for (const auto& code : spoilt_codes) {
        const auto spoilt = *base::from_hex(code);
        const auto node = DevChain::open(manual(config()));
        node->set_code(implementation, spoilt);
        ASSERT_TRUE(submit(*node, dev.transfer(0, 0)));
        ASSERT_TRUE(node->mine(2));
        for (const std::uint64_t n : {1u, 2u}) {
            const auto block = node->chain().block(n);
            ASSERT_EQ(block->block.transactions.size(), n == 1 ? 4u : 3u);
            EXPECT_FALSE(block->receipts[1].succeeded);
        }
        expect_consistent(*node);
    }
}

TEST_F(NodeSystemTransactions, ASchedulesRunsComeWithTheBlocksTheyAreDueIn) {
    const auto node = DevChain::open(config());
    ASSERT_TRUE(submit(*node, schedule(0, 0, 2, 8, 50'000)));
    std::this_thread::sleep_for(std::chrono::milliseconds{50});
    EXPECT_EQ(node->chain().head_number(), 1u) << "no block is made for schedules alone";
    ASSERT_TRUE(node->mine(9));
    EXPECT_EQ(ids_of(*node, kRan).size(), 3u);
    for (const std::uint64_t n : {3u, 5u, 7u})
        EXPECT_EQ(node->chain().block(n)->block.transactions.size(), 2u) << n;
    EXPECT_EQ(follow(*node)->chain().head().block->hash, node->chain().head().block->hash);
}

TEST_F(NodeSystemTransactions, WhatDoesNotFitComesInTheNextBlockInOrder) {
    const auto node = DevChain::open(manual(config()));
    for (std::uint64_t i = 0; i < 4; ++i)
        ASSERT_TRUE(submit(*node, request(0, i, 3, 1'000, 6'000'000)));
    ASSERT_TRUE(node->mine());
    EXPECT_EQ(mine_until(*node, kDelivered, 4), (std::vector<std::uint64_t>{1, 2, 3, 4}));
    for (std::uint64_t n = 1; n <= node->chain().head_number(); ++n) {
        std::uint64_t gas = 0;
        for (const auto& facts : node->chain().block(n)->facts)
            if (facts.sender == chain::kSystemAddress) gas += facts.gas_used;
        EXPECT_LT(gas, chain::SystemRules{}.delivery_gas + 1'000'000) << n;
    }
    EXPECT_EQ(follow(*node)->chain().head().block->hash, node->chain().head().block->hash);
}

/// Blocks of a sequencer that lies: the change, and the rule that it breaks.
TEST_F(NodeSystemTransactions, BlocksWithOtherSystemTransactionsAreRefused) {
    const auto node = DevChain::open(config());
    ASSERT_TRUE(submit(*node, request(0, 0, 3, 50)));
    ASSERT_TRUE(reaches(*node, 2));
    const auto first = node->chain().block(1);
    const auto honest = node->chain().block(2);
    ASSERT_EQ(honest->block.transactions.size(), 2u);
    using Change = std::function<void(std::vector<chain::Transaction>&)>;
    const std::tuple<std::string, Change, ChainError> lies[] = {
        {"no header", [](auto& t) { t.erase(t.begin()); }, ChainError::system_transaction_missing},
        {"nothing", [](auto& t) { t.clear(); }, ChainError::system_transaction_missing},
        {"another header", [](auto& t) { t[0].data[40] ^= 1; }, ChainError::da_header_wrong},
        {"more gas", [](auto& t) { ++t[0].gas_limit; }, ChainError::system_transaction_wrong},
        {"another sender", [](auto& t) { t[0].from = {}; }, ChainError::system_transaction_wrong},
        {"another source", [](auto& t) { t[1].source_hash = {}; }, ChainError::system_transaction_wrong},
        {"another request", [](auto& t) { t[1].data.back() ^= 3; }, ChainError::system_transaction_wrong},
        {"value", [](auto& t) { t[1].value = 1; }, ChainError::system_transaction_wrong},
        {"a delivery less", [](auto& t) { t.pop_back(); }, ChainError::system_transaction_missing},
        {"a delivery twice", [](auto& t) { t.push_back(t[1]); }, ChainError::system_transaction_unexpected},
        {"the header twice", [](auto& t) { t.push_back(t[0]); }, ChainError::system_transaction_unexpected},
        {"another order", [](auto& t) { std::swap(t[0], t[1]); }, ChainError::system_transaction_missing},
        {"behind others",
         [&](auto& t) {
             t.push_back(dev.transfer(1, 0).transaction);
             std::swap(t[1], t[2]);
         },
         ChainError::system_transaction_unexpected},
    };
    const auto follower = DevChain::open(config());
    ASSERT_TRUE(follower->import_block(first->block, first->supplement()));
    for (const auto& [name, change, rule] : lies) {
        auto block = honest->block;
        change(block.transactions);
        block.header.transactions_root = chain::transactions_root(block.transactions);
        const auto imported = follower->import_block(block, honest->supplement());
        ASSERT_FALSE(imported) << name;
        EXPECT_EQ(imported.error(), Error{rule}) << name << ": " << imported.error().message();
    }
    // Without the outcome nothing is due; but the header says that something was done.
    auto without = honest->block;
    without.transactions.pop_back();
    without.header.transactions_root = chain::transactions_root(without.transactions);
    without.header.extra_data = base::to_bytes(outcome::outcomes_root({}));
    EXPECT_EQ(follower->import_block(without, {{}, honest->beacon}).error(),
              Error{ChainError::gas_used_wrong});
    EXPECT_TRUE(follower->import_block(honest->block, honest->supplement()));
}

TEST_F(NodeSystemTransactions, AreNobodysToSend) {
    const auto node = DevChain::open(config());
    const auto block = node->mine().value().front();
    const auto sent =
        sequencer::decode_pool_transaction(chain::encode_transaction(block->block.transactions[0]));
    ASSERT_FALSE(sent);
    EXPECT_EQ(sent.error(), Error{ChainError::transaction_type_unsupported});
}

/// Answers REPLAY only; an operator's word never comes.
class Taciturn final : public sequencer::JobDesk {
public:
    explicit Taciturn(outcome::ModelSource& models) : desk_(models, {}) {}
    void set_handler(sequencer::AnswerHandler handler) override { desk_.set_handler(std::move(handler)); }
    void stop() override { desk_.stop(); }
    void dispatch(const sequencer::JobOrder& order) override {
        if (order.needed.job.mode == Mode::replay) desk_.dispatch(order);
    }

private:
    sequencer::LocalDesk desk_;
};

TEST_F(NodeSystemTransactions, ACancelledRequestThatWaitedHoldsUpNobody) {
    auto taciturn = config();
    taciturn.jobs = std::make_shared<Taciturn>(*models);
    const auto node = DevChain::open(taciturn);
    ASSERT_TRUE(submit(*node, request_signed(0, 0, 1'000)));
    ASSERT_TRUE(submit(*node, request(1, 0, 3, 1'000)));
    ASSERT_TRUE(submit(*node, cancel(0, 1, 1)));
    ASSERT_TRUE(reaches(*node, 4)) << "nobody sends anything else";
    EXPECT_EQ(ids_of(*node, kDelivered), std::vector<std::uint64_t>{2});
}

TEST_F(NodeSystemTransactions, WhatWaitedWhenTheNodeStoppedIsDeliveredAfterItsStart) {
    const TestFolder folder;
    auto in_folder = config();
    in_folder.folder = folder.path();
    {
        auto silent = in_folder;
        silent.jobs = std::make_shared<Silent>();
        const auto node = DevChain::open(silent);
        ASSERT_TRUE(submit(*node, request(0, 0, 3, 1'000)));
        EXPECT_EQ(node->chain().head_number(), 1u);
    }
    {
        const auto node = DevChain::open(in_folder);
        ASSERT_TRUE(reaches(*node, 2)) << "nobody sends anything else";
        EXPECT_EQ(ids_of(*node, kDelivered), std::vector<std::uint64_t>{1});
    }
}

TEST_F(NodeSystemTransactions, SurviveARestartAndAnUndoneBlock) {
    const TestFolder folder;
    auto in_folder = manual(config());
    in_folder.folder = folder.path();
    Hash head;
    {
        const auto node = DevChain::open(in_folder);
        ASSERT_TRUE(submit(*node, request(0, 0, 3, 1'000)));
        ASSERT_TRUE(node->mine());
        const auto before = node->snapshot().value();
        ASSERT_EQ(mine_until(*node, kDelivered, 1).size(), 1u);
        ASSERT_TRUE(node->revert(before));
        EXPECT_EQ(node->chain().head_number(), 1u);
        ASSERT_EQ(mine_until(*node, kDelivered, 1).size(), 1u) << "again";
        head = node->chain().head().block->hash;
    }
    const auto node = DevChain::open(in_folder);
    const auto block = node->chain().head().block;
    EXPECT_EQ(block->hash, head);
    EXPECT_EQ(block->receipts[0].deposit_nonce, block->number() - 1);
    EXPECT_EQ(chain::receipts_root(block->receipts), block->block.header.receipts_root);
}

}  // namespace
}  // namespace valence::node::testing
