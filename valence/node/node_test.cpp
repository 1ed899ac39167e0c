#include "valence/node/node.hpp"

#include <filesystem>
#include <future>

#include <gtest/gtest.h>

#include "valence/node/testing.hpp"

namespace valence::node {
namespace {

using testing::balance;
using testing::DevChain;
using testing::expect_consistent;
using testing::kGenesisTime;
using testing::kGwei;
using testing::submit;

class NodeTest : public ::testing::Test {
protected:
    std::unique_ptr<Node> open_with(MiningMode mining) {
        auto config = dev_.config();
        config.mining = mining;
        return DevChain::open(std::move(config));
    }
    const Address& account(std::size_t i) const { return dev_.accounts[i].address; }

    DevChain dev_;
};

TEST_F(NodeTest, automine_has_the_receipt_when_submit_returns) {
    const auto node = dev_.open();
    const auto hash = submit(*node, dev_.transfer(0, 0));
    ASSERT_TRUE(hash) << hash.error().message();
    const auto place = node->chain().locate(hash.value());
    ASSERT_TRUE(place);
    EXPECT_EQ(place->block_number, 1u);
    const auto block = node->chain().block(1);
    EXPECT_TRUE(block->receipts[0].succeeded);
    EXPECT_EQ(block->facts[0].gas_used, 21'000u);
    EXPECT_EQ(block->facts[0].sender, account(0));
    EXPECT_EQ(node->pool().counts().pending, 0u);
    expect_consistent(*node);
}

TEST_F(NodeTest, a_batch_is_mined_together) {
    const auto node = dev_.open();
    std::vector<sequencer::PoolTransaction> batch;
    for (std::uint64_t nonce = 0; nonce < 20; ++nonce) {
        for (std::size_t from = 0; from < 4; ++from)
            batch.push_back(dev_.transfer(from, nonce));
    }
    for (const auto& answer : node->submit(std::move(batch)))
        EXPECT_TRUE(answer);
    EXPECT_EQ(node->chain().head_number(), 1u);
    EXPECT_EQ(node->chain().head().block->block.transactions.size(), 80u);
    expect_consistent(*node);
}

TEST_F(NodeTest, a_block_holds_no_more_gas_than_its_limit) {
    const auto node = open_with(ManualMining{});
    node->set_block_gas_limit(50'000);
    for (std::uint64_t nonce = 0; nonce < 5; ++nonce)
        ASSERT_TRUE(submit(*node, dev_.transfer(0, nonce)));
    ASSERT_TRUE(node->mine(3));
    EXPECT_EQ(node->chain().block(1)->block.transactions.size(), 2u);
    EXPECT_EQ(node->chain().block(2)->block.transactions.size(), 2u);
    EXPECT_EQ(node->chain().block(3)->block.transactions.size(), 1u);
    EXPECT_EQ(node->chain().block(3)->block.header.gas_limit, 50'000u);
}

TEST_F(NodeTest, a_block_holds_no_more_bytes_than_others_take) {
    auto config = dev_.config();
    config.mining = ManualMining{};
    config.genesis.gas_limit = 1'000'000'000;
    const auto node = DevChain::open(config);
    std::size_t sent = 0;
    for (std::uint64_t nonce = 0; nonce < 18; ++nonce) {
        for (std::size_t from = 0; from < 4; ++from, ++sent) {
            const auto large = dev_.transaction(from, nonce, [](chain::Transaction& t) {
                t.data = Bytes(126'000, 1);
                t.gas_limit = 5'100'000;
            });
            ASSERT_TRUE(submit(*node, large));
        }
    }
    ASSERT_TRUE(node->mine());
    const auto block = node->chain().block(1);
    EXPECT_GT(block->block.transactions.size(), sent / 2);
    EXPECT_LT(block->block.transactions.size(), sent);
    const auto full = DevChain::open(config);
    const auto imported = testing::import(*full, *block);
    EXPECT_TRUE(imported) << imported.error().message();
    ASSERT_TRUE(node->mine());
    EXPECT_EQ(node->pool().counts().pending, 0U) << "the rest has its turn";
}

TEST_F(NodeTest, interval_mining_follows_the_clock) {
    const auto node = open_with(IntervalMining{std::chrono::milliseconds{250}});
    const auto seen = std::make_shared<std::promise<std::uint64_t>>();
    const auto watching = node->subscribe([seen](const Event& event) {
        if (const auto* head = std::get_if<NewHead>(&event)) seen->set_value(head->block->number());
    });
    ASSERT_TRUE(submit(*node, dev_.transfer(0, 0)));
    EXPECT_EQ(node->chain().head_number(), 0u);
    dev_.clock->advance(std::chrono::milliseconds{250});
    EXPECT_EQ(seen->get_future().get(), 1u);
    EXPECT_EQ(node->chain().block(1)->block.transactions.size(), 1u);
}

TEST_F(NodeTest, what_cannot_be_included_stays_in_the_pool) {
    const auto node = dev_.open();
    ASSERT_TRUE(submit(*node, dev_.transfer(0, 1)));
    EXPECT_EQ(node->chain().head_number(), 0u);
    EXPECT_EQ(node->pool().counts().queued, 1u);
    EXPECT_EQ(node->next_nonce(account(0)), 0u);
    ASSERT_TRUE(submit(*node, dev_.transfer(0, 0)));
    EXPECT_EQ(node->chain().head().block->block.transactions.size(), 2u);
}

TEST_F(NodeTest, the_pending_block_is_what_would_be_built) {
    const auto node = open_with(ManualMining{});
    ASSERT_TRUE(submit(*node, dev_.transfer(0, 0)));
    const auto pending = node->pending();
    EXPECT_EQ(pending->block->number(), 1u);
    EXPECT_EQ(pending->block->block.transactions.size(), 1u);
    EXPECT_EQ(pending->state->account(account(0))->nonce, 1u);
    EXPECT_EQ(node->chain().head().state->account(account(0))->nonce, 0u);
    EXPECT_EQ(node->pending(), pending);
    ASSERT_TRUE(submit(*node, dev_.transfer(0, 1)));
    EXPECT_EQ(node->pending()->block->block.transactions.size(), 2u);
    EXPECT_EQ(node->next_nonce(account(0)), 2u);
}

TEST_F(NodeTest, the_folder_resumes_at_the_acknowledged_head) {
    const testing::TestFolder folder;
    auto config = dev_.config();
    config.folder = folder.path();
    Hash last;
    Hash head;
    {
        const auto node = DevChain::open(config);
        for (std::uint64_t nonce = 0; nonce < 10; ++nonce)
            last = submit(*node, dev_.transfer(0, nonce)).value();
        head = node->chain().head().block->hash;
    }
    {
        const auto node = DevChain::open(config);
        EXPECT_EQ(node->chain().head_number(), 10u);
        EXPECT_EQ(node->chain().head().block->hash, head);
        EXPECT_EQ(node->chain().locate(last)->block_number, 10u);
        expect_consistent(*node);
        ASSERT_TRUE(submit(*node, dev_.transfer(0, 10)));
        EXPECT_EQ(node->chain().head_number(), 11u);
    }
    auto other = config;
    other.genesis.timestamp += 1;
    const auto refused = Node::open(other);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, make_error_code(NodeError::other_genesis));
}

TEST_F(NodeTest, revert_brings_back_chain_state_time_and_pool) {
    const auto node = dev_.open();
    ASSERT_TRUE(submit(*node, dev_.transfer(0, 0)));
    node->set_balance(account(3), 77);
    const auto before = balance(*node, account(0));
    const auto snapshot = node->snapshot().value();
    node->increase_time(1'000);
    std::vector<Hash> after;
    for (std::uint64_t nonce = 1; nonce < 5; ++nonce)
        after.push_back(submit(*node, dev_.transfer(0, nonce)).value());
    EXPECT_EQ(node->chain().head_number(), 5u);

    std::size_t unwound = 0;
    const auto watching = node->subscribe([&](const Event& event) {
        if (const auto* blocks = std::get_if<Unwound>(&event)) unwound += blocks->blocks.size();
    });
    ASSERT_TRUE(node->revert(snapshot));
    EXPECT_EQ(unwound, 4u);
    EXPECT_EQ(node->chain().head_number(), 1u);
    EXPECT_EQ(balance(*node, account(0)), before);
    EXPECT_EQ(balance(*node, account(3)), U256{77});
    for (const auto& hash : after)
        EXPECT_FALSE(node->chain().locate(hash));
    EXPECT_FALSE(node->revert(snapshot)) << "a snapshot is used up";
    ASSERT_TRUE(submit(*node, dev_.transfer(0, 1)));
    EXPECT_LT(node->chain().head().block->block.header.timestamp, kGenesisTime + 1'000);
    expect_consistent(*node);
}

TEST_F(NodeTest, pokes_are_seen_at_once_and_are_in_the_next_state_root) {
    const auto node = dev_.open();
    const auto target = "0x00000000000000000000000000000000c0ffee00"_address;
    node->set_balance(target, 5);
    node->set_nonce(target, 9);
    node->set_code(target, {0x60, 0x00});
    node->set_storage(target, 1, 2);
    const auto check = [&] {
        const auto state = node->chain().head().state;
        const auto held = state->account(target);
        ASSERT_TRUE(held);
        EXPECT_EQ(held->balance, U256{5});
        EXPECT_EQ(held->nonce, 9u);
        EXPECT_EQ(*state->code(held->code_hash), (Bytes{0x60, 0x00}));
        EXPECT_EQ(state->storage(target, 1), U256{2});
    };
    check();
    ASSERT_TRUE(node->mine());
    check();
    const std::array<U256, 1> slots{U256{1}};
    const auto proof = node->chain().proof_at(1, target, slots);
    ASSERT_TRUE(proof) << proof.error().message();
    EXPECT_TRUE(state::verify_account_proof(node->chain().block(1)->block.header.state_root, proof.value()));
    EXPECT_EQ(proof.value().account->nonce, 9u);
    // For whoever runs the block's transactions again.
    EXPECT_EQ(node->chain().state_before(1).value()->account(target)->nonce, 9u);
    EXPECT_FALSE(node->chain().state_at(0).value()->account(target));
}

TEST_F(NodeTest, time_can_be_moved) {
    const auto node = dev_.open();
    const auto mine = [&] { return node->mine().value().front()->block.header.timestamp; };
    EXPECT_EQ(mine(), kGenesisTime);
    EXPECT_EQ(node->increase_time(60), 60);
    EXPECT_EQ(mine(), kGenesisTime + 60);
    ASSERT_TRUE(node->set_next_block_timestamp(kGenesisTime + 500));
    EXPECT_EQ(mine(), kGenesisTime + 500);
    EXPECT_EQ(mine(), kGenesisTime + 500);
    EXPECT_FALSE(node->set_next_block_timestamp(kGenesisTime + 499));
    dev_.clock->advance(std::chrono::seconds{3});
    EXPECT_EQ(mine(), kGenesisTime + 503);
    node->set_block_timestamp_interval(12);
    EXPECT_EQ(mine(), kGenesisTime + 515);
    const auto blocks = node->mine(3, 100).value();
    EXPECT_EQ(blocks[2]->block.header.timestamp, blocks[0]->block.header.timestamp + 200);
}

TEST_F(NodeTest, next_blocks_base_fee_coinbase_and_randao_can_be_set) {
    const auto node = dev_.open();
    node->set_next_block_base_fee(7 * kGwei);
    node->set_coinbase(account(3));
    const auto randao = "0x1111111111111111111111111111111111111111111111111111111111111111"_hash;
    node->set_next_prev_randao(randao);
    const auto before = balance(*node, account(3));
    ASSERT_TRUE(submit(*node, dev_.transfer(0, 0)));
    const auto& header = node->chain().head().block->block.header;
    EXPECT_EQ(header.base_fee, U256{7 * kGwei});
    EXPECT_EQ(header.mix_hash, randao);
    EXPECT_EQ(balance(*node, account(3)), before + U256{21'000} * U256{kGwei});
}

TEST_F(NodeTest, an_impersonated_contract_can_send) {
    const auto node = dev_.open();
    const auto contract = "0x00000000000000000000000000000000c0ffee00"_address;
    node->set_code(contract, {0x00});
    node->set_balance(contract, U256{kGwei} * U256{kGwei});
    chain::Transaction t = dev_.transfer(0, 0).transaction;
    const auto hash = submit(*node, sequencer::impersonated_transaction(t, contract));
    ASSERT_TRUE(hash) << hash.error().message();
    const auto place = node->chain().locate(hash.value());
    ASSERT_TRUE(place);
    EXPECT_EQ(node->chain().block(place->block_number)->facts[0].sender, contract);
}

TEST_F(NodeTest, another_node_accepts_the_blocks_and_ends_in_the_same_state) {
    const auto node = dev_.open();
    for (std::uint64_t nonce = 0; nonce < 5; ++nonce)
        ASSERT_TRUE(submit(*node, dev_.transfer(nonce % 2, nonce / 2)));
    auto config = dev_.config();
    config.mining = ManualMining{};
    const auto follower = DevChain::open(config);
    for (std::uint64_t n = 1; n <= node->chain().head_number(); ++n) {
        const auto done = testing::import(*follower, *node->chain().block(n));
        ASSERT_TRUE(done) << done.error().message();
    }
    EXPECT_EQ(follower->chain().head().block->hash, node->chain().head().block->hash);
    expect_consistent(*follower);

    auto forged = node->chain().block(5)->block;
    forged.header.state_root = Hash{};
    EXPECT_TRUE(follower->import_block(forged, node->chain().block(5)->supplement()))
        << "a sibling is kept aside, unexecuted";
    EXPECT_EQ(follower->chain().head().block->hash, node->chain().head().block->hash);
    EXPECT_FALSE(follower->chain().is_canonical(5, chain::header_hash(forged.header)));
    EXPECT_EQ(follower->chain().block(chain::header_hash(forged.header)), nullptr)
        << "there are no receipts that readers could look at";
}

TEST_F(NodeTest, a_block_with_a_wrong_root_is_refused) {
    const auto node = dev_.open();
    ASSERT_TRUE(submit(*node, dev_.transfer(0, 0)));
    auto forged = node->chain().block(1)->block;
    forged.header.state_root[0] ^= 1;
    const auto follower = dev_.open();
    const auto done = follower->import_block(forged, node->chain().block(1)->supplement());
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, chain::make_error_code(chain::ChainError::state_root_wrong));
    EXPECT_EQ(follower->chain().head_number(), 0u);
    auto orphan = forged;
    orphan.header.parent_hash = Hash{};
    EXPECT_EQ(follower->import_block(orphan).error().code, make_error_code(NodeError::unknown_parent));
}

/// A chain under Istanbul's rules, where blocks have a difficulty: the less time between them, the more.
class BeforeTheMerge : public NodeTest {
protected:
    std::unique_ptr<Node> open_old() {
        auto config = dev_.config();
        config.genesis.rules = chain::rules_of_revision(evm::Revision::istanbul);
        config.genesis.rules.chain_id = 1986;
        config.genesis.extra_data.clear();
        config.genesis.difficulty = 1 << 20;
        config.mining = ManualMining{};
        return DevChain::open(std::move(config));
    }
    sequencer::PoolTransaction legacy(std::size_t from, std::uint64_t nonce) {
        return dev_.transaction(from, nonce, [](chain::Transaction& t) {
            t.type = chain::TransactionType::legacy;
            t.max_priority_fee_per_gas = t.max_fee_per_gas;
        });
    }
};

TEST_F(BeforeTheMerge, the_chain_of_most_difficulty_wins_whatever_its_length) {
    const auto slow = open_old();
    ASSERT_TRUE(submit(*slow, legacy(0, 0)));
    ASSERT_TRUE(slow->mine(8, 2'000));
    const auto quick = open_old();
    ASSERT_TRUE(submit(*quick, legacy(1, 0)));
    ASSERT_TRUE(quick->mine(7, 1));
    ASSERT_GT(quick->chain().head().block->total_difficulty, slow->chain().head().block->total_difficulty);

    std::vector<std::uint64_t> unwound_to;
    const auto watching = slow->subscribe([&](const Event& event) {
        if (const auto* unwound = std::get_if<Unwound>(&event)) {
            unwound_to.push_back(unwound->blocks.back()->number() - 1);
        }
    });
    for (std::uint64_t n = 1; n <= 7; ++n) {
        const auto done = slow->import_block(quick->chain().block(n)->block);
        ASSERT_TRUE(done) << done.error().message();
    }
    EXPECT_EQ(slow->chain().head().block->hash, quick->chain().head().block->hash);
    EXPECT_EQ(unwound_to, std::vector<std::uint64_t>{0});
    EXPECT_EQ(slow->chain().head().state->account(account(0))->nonce, 0u);
    EXPECT_EQ(slow->chain().head().state->account(account(1))->nonce, 1u);
    expect_consistent(*slow);
}

TEST_F(BeforeTheMerge, a_heavier_chain_that_is_not_valid_leaves_all_as_it_was) {
    const auto slow = open_old();
    ASSERT_TRUE(slow->mine(3, 40));
    const auto quick = open_old();
    ASSERT_TRUE(quick->mine(3, 1));
    const auto before = slow->chain().head().block->hash;
    auto forged = quick->chain().block(1)->block;
    forged.header.state_root[0] ^= 1;
    auto parent = forged.header;
    // The first does not outweigh three blocks; the second claims a forged parent, and so on until they do.
    Result<void> done = slow->import_block(forged);
    for (std::uint64_t n = 2; n <= 3 && done; ++n) {
        auto block = quick->chain().block(n)->block;
        block.header.parent_hash = chain::header_hash(parent);
        parent = block.header;
        done = slow->import_block(block);
    }
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, chain::make_error_code(chain::ChainError::state_root_wrong));
    EXPECT_EQ(slow->chain().head().block->hash, before);
    expect_consistent(*slow);
}

TEST_F(NodeTest, historic_state_can_be_read) {
    const auto node = dev_.open();
    const auto start = balance(*node, account(1));
    for (std::uint64_t nonce = 0; nonce < 5; ++nonce)
        ASSERT_TRUE(submit(*node, dev_.transfer(0, nonce)));
    for (std::uint64_t n = 0; n <= 5; ++n) {
        const auto state = node->chain().state_at(n);
        ASSERT_TRUE(state);
        EXPECT_EQ(state.value()->account(account(1))->balance, start + U256{n});
    }
    EXPECT_EQ(node->chain().state_at(6).error().code, make_error_code(ReadError::unknown_block));
}

}  // namespace
}  // namespace valence::node
