// What the tests of system transactions on a node share: a chain with the system contracts and a tiny model,
// transactions that make requests and schedules, and what came of them.
#pragma once

#include <gtest/gtest.h>

#include "valence/chain/genesis_contracts.hpp"
#include "valence/chain/inference/testing/genesis_model.hpp"
#include "valence/crypto/keccak.hpp"
#include "valence/node/testing.hpp"
#include "valence/outcome/testing/tiny_model.hpp"
#include "valence/sequencer/inference/delivery_wait.hpp"
#include "valence/sequencer/inference/local_desk.hpp"

namespace valence::node::testing {

using chain::ChainError;
using chain::testing::encode_call;
using chain::testing::id_value;
using codec::AbiValue;
using outcome::Mode;
using sequencer::SharedBlock;
using Items = std::vector<AbiValue>;

/// keccak256 of the events' signatures.
inline Hash topic_of(std::string_view signature) { return crypto::keccak256(base::as_bytes(signature)); }
inline const auto kDelivered = topic_of("Delivered(uint256,bytes32,bool,uint256)");
inline const auto kFailed = topic_of("RequestFailed(uint256,bytes,bool,uint256)");
inline const auto kRan = topic_of("Ran(uint256,bool,uint256)");

class NodeSystemTransactions : public ::testing::Test {
protected:
    NodeSystemTransactions() { tiny = models->add(outcome::testing::tiny_graph()); }

    NodeConfig config() const {
        auto config = dev.config();
        config.genesis.rules.system.emplace();
        config.models = models;
        auto& accounts = config.genesis.accounts;
        for (auto& [address, account] : chain::genesis_contract_accounts({}))
            accounts[address] = std::move(account);
        chain::testing::open_model(accounts, outcome::testing::tiny_graph(),
                                   outcome::bit(Mode::replay) | outcome::bit(Mode::operator_signed));
        return config;
    }

    Bytes infer(std::uint64_t a) const {
        return chain::testing::infer_call(tiny, Mode::replay, Items{U256{a * kWad}, U256{}});
    }
    sequencer::PoolTransaction asking(std::size_t from, std::uint64_t nonce, std::uint64_t a) const {
        return dev.transaction(from, nonce, [&](chain::Transaction& t) {
            t.to = chain::kInferenceAddress;
            t.value = 0;
            t.gas_limit = 500'000;
            t.data = infer(a);
        });
    }
    sequencer::PoolTransaction to_scheduler(std::size_t from, std::uint64_t nonce, Bytes data) const {
        return dev.transaction(from, nonce, [&](chain::Transaction& t) {
            t.to = chain::kScheduler;
            t.value = U256{kWad};
            t.gas_limit = 2'000'000;
            t.data = std::move(data);
        });
    }
    sequencer::PoolTransaction request(std::size_t from, std::uint64_t nonce, std::uint64_t input,
                                       std::uint64_t deadline, std::uint64_t callback_gas = 0) const {
        const Items inputs{U256{input * kWad}, U256{}};
        return to_scheduler(
            from, nonce,
            encode_call("request(bytes32,uint8,int256[],uint64,uint64)",
                        Items{id_value(tiny), U256{1}, inputs, U256{callback_gas}, U256{deadline}}));
    }
    sequencer::PoolTransaction cancel(std::size_t from, std::uint64_t nonce, std::uint64_t id) const {
        return dev.transaction(from, nonce, [&](chain::Transaction& t) {
            t.to = chain::kScheduler;
            t.value = 0;
            t.gas_limit = 200'000;
            t.data = encode_call("cancel(uint256)", Items{U256{id}});
        });
    }
    sequencer::PoolTransaction request_signed(std::size_t from, std::uint64_t nonce,
                                              std::uint64_t deadline) const {
        const Items inputs{U256{}, U256{}};
        return to_scheduler(from, nonce,
                            encode_call("requestSigned(bytes32,address,int256[],uint64,uint64)",
                                        Items{id_value(tiny), U256::from_address(dev.accounts[3].address),
                                              inputs, U256{}, U256{deadline}}));
    }
    /// One call of `target` with these data in the block after the next.
    sequencer::PoolTransaction schedule_once(std::size_t from, std::uint64_t nonce, const Address& target,
                                             Bytes data, std::uint64_t gas) const {
        return to_scheduler(
            from, nonce,
            encode_call("schedule(address,bytes,uint64,uint64,uint64)",
                        Items{U256::from_address(target), std::move(data), U256{1}, U256{2}, U256{gas}}));
    }
    sequencer::PoolTransaction schedule(std::size_t from, std::uint64_t nonce, std::uint64_t every,
                                        std::uint64_t until, std::uint64_t gas) const {
        return to_scheduler(from, nonce,
                            encode_call("schedule(address,bytes,uint64,uint64,uint64)",
                                        Items{U256::from_address(dev.accounts[2].address), Bytes{},
                                              U256{every}, U256{until}, U256{gas}}));
    }

    /// Refunds and pay that the Scheduler holds for an account.
    static U256 credit(const Node& node, const Address& account) {
        const auto slot = crypto::Keccak256{}
                              .update(U256::from_address(account).to_hash())
                              .update(U256{4}.to_hash())
                              .finish();
        return node.chain().head().state->storage(chain::kScheduler, U256::from_hash(slot));
    }
    /// Gas of computing that a block's transactions paid for.
    static std::uint64_t compute_gas(const sequencer::StoredBlock& block) {
        return block.receipts.back().cumulative_gas_used - block.block.header.gas_used;
    }
    /// What the Scheduler takes for a unit of gas, asked in block 1.
    static U256 price(const Node& node) {
        const auto base_fee = *node.chain().block(1)->block.header.base_fee;
        return base_fee * U256{125} / U256{100} + U256{1};
    }
    static bool reaches(const Node& node, std::uint64_t number) {
        for (int i = 0; i < 2'000 && node.chain().head_number() < number; ++i)
            std::this_thread::sleep_for(std::chrono::milliseconds{5});
        return node.chain().head_number() >= number;
    }
    /// The ids that such logs name, in order.
    static std::vector<std::uint64_t> ids_of(const Node& node, const Hash& topic) {
        std::vector<std::uint64_t> ids;
        for (std::uint64_t n = 1; n <= node.chain().head_number(); ++n)
            for (const auto& receipt : node.chain().block(n)->receipts)
                for (const auto& log : receipt.logs)
                    if (log.topics[0] == topic) ids.push_back(U256::from_hash(log.topics[1]).low_u64());
        return ids;
    }
    /// Mines until there are `count` such logs, or `most` blocks have come to nothing.
    static std::vector<std::uint64_t> mine_until(Node& node, const Hash& topic, std::size_t count,
                                                 int most = 100) {
        for (int i = 0; i < most && ids_of(node, topic).size() < count; ++i) {
            if (!node.mine()) break;
            std::this_thread::sleep_for(std::chrono::milliseconds{10});
        }
        return ids_of(node, topic);
    }
    /// A full node that takes over all blocks of another.
    std::unique_ptr<Node> follow(const Node& node) const { return follow(node, config()); }
    static std::unique_ptr<Node> follow(const Node& node, NodeConfig config) {
        auto follower = DevChain::open(std::move(config));
        for (std::uint64_t n = 1; n <= node.chain().head_number(); ++n) {
            const auto block = node.chain().block(n);
            const auto imported = follower->import_block(block->block, block->supplement());
            if (!imported) {
                ADD_FAILURE() << n << ": " << imported.error().message();
                break;
            }
        }
        return follower;
    }
    static NodeConfig manual(NodeConfig config) {
        config.mining = ManualMining{};
        return config;
    }

    DevChain dev;
    std::shared_ptr<outcome::testing::GivenModels> models = std::make_shared<outcome::testing::GivenModels>();
    ml::ModelId tiny;
};

/// Answers only what it is told to.
class Silent final : public sequencer::JobDesk {
public:
    void set_handler(sequencer::AnswerHandler) override {}
    void stop() override {}
    void dispatch(const sequencer::JobOrder&) override { ++dispatched; }
    std::atomic<int> dispatched{0};
};

}  // namespace valence::node::testing
