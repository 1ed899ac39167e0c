// What the node's tests share: a small dev chain with a clock that stands still, and signed transactions.
#pragma once

#include <gtest/gtest.h>

#include "valence/base/testing/test_folder.hpp"
#include "valence/chain/testing/signed_transaction.hpp"
#include "valence/node/node.hpp"

namespace valence::node::testing {

using base::testing::TestFolder;
using chain::testing::kGwei;

inline constexpr std::uint64_t kGenesisTime = 1'700'000'000;
/// 10^18: of Ether's parts, and of a number that contracts see.
inline constexpr std::uint64_t kWad = 1'000'000'000'000'000'000;

struct DevChain {
    std::vector<DevAccount> accounts = derive_dev_accounts(kDevMnemonic, 4).value();
    std::shared_ptr<ManualClock> clock = std::make_shared<ManualClock>(Milliseconds{1'000 * kGenesisTime});

    NodeConfig config() const {
        NodeConfig config;
        config.genesis.rules = chain::valence_rules();
        // Blocks of what a test sends alone; system_transactions_test.cpp has them with the system's.
        config.genesis.rules.system.reset();
        config.genesis.timestamp = kGenesisTime;
        config.genesis.gas_limit = 100'000'000;
        config.genesis.extra_data = Bytes(32, 0);
        for (const auto& account : accounts) {
            config.genesis.accounts[account.address].balance = U256{1'000} * U256{kGwei} * U256{kGwei};
        }
        config.dev_accounts = accounts;
        config.clock = clock;
        return config;
    }

    static std::unique_ptr<Node> open(NodeConfig config) {
        auto node = Node::open(std::move(config));
        if (!node) ADD_FAILURE() << node.error().message();
        return std::move(node).value();
    }
    std::unique_ptr<Node> open() const { return open(config()); }

    /// Signed by an account of the chain; `change` may set anything before.
    template <typename Change>
    sequencer::PoolTransaction transaction(std::size_t from, std::uint64_t nonce, Change&& change) const {
        const auto encoded =
            chain::testing::signed_transaction(accounts[from].private_key, nonce, [&](chain::Transaction& t) {
                t.to = accounts[(from + 1) % accounts.size()].address;
                change(t);
            });
        return sequencer::decode_pool_transaction(encoded).value();
    }
    sequencer::PoolTransaction transfer(std::size_t from, std::uint64_t nonce) const {
        return transaction(from, nonce, [](chain::Transaction&) {});
    }
};

inline Result<Hash> submit(Node& node, sequencer::PoolTransaction transaction) {
    std::vector<sequencer::PoolTransaction> one;
    one.push_back(std::move(transaction));
    return std::move(node.submit(std::move(one)).front());
}

inline U256 balance(const Node& node, const Address& address) {
    return node.chain().head().state->account(address).value_or(state::Account{}).balance;
}

/// As another node takes it.
inline Result<void> import(Node& node, const sequencer::StoredBlock& block) {
    return node.import_block(block.block, block.supplement());
}

/// What every block must satisfy: linked to its parent, found by number, hash and transaction.
inline void expect_consistent(const Node& node) {
    const auto& chain = node.chain();
    for (std::uint64_t n = 1; n <= chain.head_number(); ++n) {
        const auto block = chain.block(n);
        ASSERT_NE(block, nullptr) << n;
        EXPECT_EQ(block->block.header.parent_hash, chain.block_hash(n - 1));
        EXPECT_EQ(block->hash, chain::header_hash(block->block.header));
        EXPECT_EQ(block->block.header.transactions_root, chain::transactions_root(block->block.transactions));
        EXPECT_EQ(block->block.header.receipts_root, chain::receipts_root(block->receipts));
        for (std::size_t i = 0; i < block->facts.size(); ++i) {
            const auto place = chain.locate(block->facts[i].hash);
            ASSERT_TRUE(place) << n << " " << i;
            EXPECT_EQ(place->block_number, n);
            EXPECT_EQ(place->index, i);
        }
    }
    EXPECT_FALSE(chain.block_hash(chain.head_number() + 1));
}

}  // namespace valence::node::testing
