// What the tests of inferences on a node share: a chain with a tiny model, transactions that ask it, and a
// desk that meddles with the answers.
#pragma once

#include <condition_variable>

#include <gtest/gtest.h>

#include "valence/chain/inference/testing/genesis_model.hpp"
#include "valence/node/simulated_inference.hpp"
#include "valence/node/testing.hpp"
#include "valence/outcome/replay.hpp"
#include "valence/outcome/testing/tiny_model.hpp"
#include "valence/sequencer/inference/local_desk.hpp"
#include "valence/sequencer/pool_error.hpp"

namespace valence::node::testing {

using chain::ChainError;
using chain::testing::encode_call;
using chain::testing::id_value;
using codec::AbiValue;
using outcome::Mode;
using Items = std::vector<AbiValue>;

/// Gives its jobs to somebody else, who may change, hold back or repeat the answers.
class Between final : public sequencer::JobDesk {
public:
    using Answer = std::function<sequencer::Verdict(const outcome::JobId&, const outcome::Settled&)>;
    using Meddle = std::function<void(const outcome::JobId&, outcome::Settled, const Answer&)>;

    Between(outcome::ModelSource& models, Meddle meddle) : desk_(models, {}), meddle_(std::move(meddle)) {}
    void set_handler(sequencer::AnswerHandler handler) override {
        desk_.set_handler([this, handler](const outcome::JobId& id, const outcome::Settled& settled) {
            meddle_(id, settled, handler);
            return sequencer::Verdict::believed;
        });
    }
    void stop() override { desk_.stop(); }
    void dispatch(const sequencer::JobOrder& order) override {
        ++dispatched;
        desk_.dispatch(order);
    }

    std::atomic<int> dispatched{0};

private:
    sequencer::LocalDesk desk_;
    Meddle meddle_;
};

/// Keeps all answers until it is told to give them.
class Holding {
public:
    std::shared_ptr<Between> desk(outcome::ModelSource& models) {
        return std::make_shared<Between>(
            models,
            [this](const outcome::JobId& id, const outcome::Settled& settled, const Between::Answer& answer) {
                const std::lock_guard guard(mutex_);
                held_.push_back([=] { answer(id, settled); });
                changed_.notify_all();
            });
    }
    /// Whether so many answers came.
    bool holds(std::size_t count) {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, std::chrono::seconds{20}, [&] { return held_.size() >= count; });
    }
    /// Gives what it holds; answers how many those were.
    std::size_t give() {
        std::vector<std::function<void()>> held;
        {
            const std::lock_guard guard(mutex_);
            held.swap(held_);
        }
        for (const auto& answer : held)
            answer();
        return held.size();
    }

private:
    std::mutex mutex_;  // guards held_
    std::condition_variable changed_;
    std::vector<std::function<void()>> held_;
};

class NodeInference : public ::testing::Test {
protected:
    NodeInference() { tiny = models->add(outcome::testing::tiny_graph()); }

    NodeConfig config() const {
        auto config = dev.config();
        config.models = models;
        chain::testing::open_model(config.genesis.accounts, outcome::testing::tiny_graph(),
                                   outcome::bit(Mode::replay) | outcome::bit(Mode::operator_signed));
        return config;
    }

    Items wads(std::uint64_t a, std::uint64_t b) const { return {U256{a * kWad}, U256{b * kWad}}; }
    Bytes infer(std::uint64_t a, std::uint64_t b) const {
        return chain::testing::infer_call(tiny, Mode::replay, wads(a, b));
    }
    Bytes infer_signed(std::uint64_t a, std::uint64_t b) const {
        return encode_call("inferSigned(bytes32,address,int256[])",
                           Items{id_value(tiny), U256::from_address(dev.accounts[3].address), wads(a, b)});
    }
    sequencer::PoolTransaction asking(std::size_t from, std::uint64_t nonce, Bytes data) const {
        return dev.transaction(from, nonce, [&](chain::Transaction& t) {
            t.to = chain::kInferenceAddress;
            t.value = 0;
            t.gas_limit = 500'000;
            t.data = std::move(data);
        });
    }

    /// Calls `to` with this data and much gas.
    sequencer::PoolTransaction calling(std::size_t from, std::uint64_t nonce, const Address& to,
                                       Bytes data) const {
        return dev.transaction(from, nonce, [&](chain::Transaction& t) {
            t.to = to;
            t.value = 0;
            t.gas_limit = 1'000'000;
            t.data = std::move(data);
        });
    }
    static void install(NodeConfig& config, const Address& at, std::string_view code) {
        auto& account = config.genesis.accounts[at];
        account.nonce = 1;
        account.code = *base::from_hex(code);
    }
    /// Makes an account of the chain act as the code at `to` when it is called (EIP-7702).
    void delegate(NodeConfig& config, std::size_t account, const Address& to) const {
        config.genesis.accounts[dev.accounts[account].address].code =
            *base::from_hex("0xef0100" + base::to_hex(to));
    }
    /// Mines until nothing waits, at most so many blocks, whose answers take a moment.
    static bool mine_all(Node& node, int blocks = 500) {
        for (int i = 0; i < blocks && node.pool().counts().pending > 0; ++i) {
            if (!node.mine()) return false;
            std::this_thread::sleep_for(std::chrono::milliseconds{2});
        }
        return node.pool().counts().pending == 0;
    }

    /// Waits for the chain to have this many blocks.
    static bool reaches(const Node& node, std::uint64_t number) {
        for (int i = 0; i < 2'000 && node.chain().head_number() < number; ++i)
            std::this_thread::sleep_for(std::chrono::milliseconds{5});
        return node.chain().head_number() >= number;
    }

    DevChain dev;
    std::shared_ptr<outcome::testing::GivenModels> models = std::make_shared<outcome::testing::GivenModels>();
    ml::ModelId tiny;
};

}  // namespace valence::node::testing
