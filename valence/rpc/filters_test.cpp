#include "valence/rpc/filters.hpp"

#include <atomic>
#include <thread>

#include <gtest/gtest.h>

#include "valence/rpc/peer.hpp"
#include "valence/rpc/testing/test_chain.hpp"

namespace valence::rpc {

using testing::TestChain;

namespace {

std::string changes(TestChain& chain, const std::string& id) {
    return chain.call("eth_getFilterChanges", "[" + id + "]");
}

/// A contract that logs one word under topic 7 whenever it is called.
constexpr auto kLogger = "0x00000000000000000000000000000000000000aa"_address;
const Bytes kLoggerCode{0x60, 0x07, 0x60, 0x20,
                        0x60, 0x00, 0xa1, 0x00};  // PUSH1 7 PUSH1 32 PUSH1 0 LOG1 STOP

TEST(Filters, a_block_filter_reports_each_block_once) {
    TestChain chain;
    const auto id = chain.call("eth_newBlockFilter");
    EXPECT_EQ(changes(chain, id), "[]");
    ASSERT_TRUE(chain.node().mine(2).has_value());
    const auto hash = [&](std::uint64_t n) {
        return '"' + base::to_hex_prefixed(chain.node().chain().block_hash(n)->bytes) + '"';
    };
    EXPECT_EQ(changes(chain, id), "[" + hash(1) + "," + hash(2) + "]");
    EXPECT_EQ(changes(chain, id), "[]");
}

TEST(Filters, a_pending_filter_reports_what_the_pool_took) {
    TestChain chain({}, Mode::dev, node::ManualMining{});
    const auto id = chain.call("eth_newPendingTransactionFilter");
    const auto hash = chain.call("eth_sendRawTransaction", "[\"" + TestChain::transfer(0) + "\"]");
    EXPECT_EQ(changes(chain, id), "[" + hash + "]");
    EXPECT_EQ(changes(chain, id), "[]");
}

TEST(Filters, a_pending_filter_keeps_only_so_many_bytes) {
    Limits limits;
    limits.filter_backlog_bytes = 250;
    TestChain chain(limits, Mode::dev, node::ManualMining{});
    const auto id = chain.call("eth_newPendingTransactionFilter");
    std::vector<std::string> hashes;
    for (std::uint64_t nonce = 0; nonce < 3; ++nonce)
        hashes.push_back(chain.call("eth_sendRawTransaction", "[\"" + TestChain::transfer(nonce) + "\"]"));
    // Each has between 84 and 125 bytes.
    EXPECT_EQ(changes(chain, id), "[" + hashes[1] + "," + hashes[2] + "]");
}

TEST(Filters, a_log_filter_reports_logs_and_takes_them_back_after_a_revert) {
    TestChain chain;
    chain.node().set_code(kLogger, kLoggerCode);
    const auto id =
        chain.call("eth_newFilter", R"([{"address":"0x00000000000000000000000000000000000000aa"}])");
    const auto snapshot = chain.call("evm_snapshot");
    const auto hash = chain.call("eth_sendRawTransaction", "[\"" + TestChain::call_of(kLogger, 0) + "\"]");
    ASSERT_EQ(hash.size(), 68U) << hash;
    EXPECT_NE(changes(chain, id).find("\"removed\":false"), std::string::npos);
    EXPECT_EQ(chain.call("evm_revert", "[" + snapshot + "]"), "true");
    EXPECT_NE(changes(chain, id).find("\"removed\":true"), std::string::npos);
    EXPECT_EQ(changes(chain, id), "[]");
}

TEST(Filters, expire_when_nobody_polls_them) {
    TestChain chain;
    FilterStore store(chain.node(), Limits{});
    const auto start = FilterStore::Clock::now();
    const auto id = store.install(BlockFilter{}, start).value();
    std::string out;
    JsonWriter writer(out);
    EXPECT_TRUE(store.write_changes(writer, id, {}, start + std::chrono::seconds(299)).has_value());
    EXPECT_TRUE(store.write_changes(writer, id, {}, start + std::chrono::seconds(598)).has_value());
    const auto late = store.write_changes(writer, id, {}, start + std::chrono::seconds(899));
    ASSERT_TRUE(late.has_error());
    EXPECT_EQ(late.error().message, "filter not found");
}

TEST(Filters, are_capped) {
    Limits limits;
    limits.filters = 1;
    TestChain chain(limits);
    const auto id = chain.call("eth_newBlockFilter");
    EXPECT_NE(chain.call("eth_newBlockFilter").find("-32005"), std::string::npos);
    EXPECT_EQ(chain.call("eth_uninstallFilter", "[" + id + "]"), "true");
    EXPECT_EQ(chain.call("eth_uninstallFilter", "[" + id + "]"), "false");
    EXPECT_NE(chain.call("eth_newBlockFilter").find("0x"), std::string::npos);
}

TEST(Filters, hand_out_with_the_next_poll_what_is_too_much_for_one) {
    Limits limits;
    limits.log_results = 1;
    TestChain chain(limits);
    chain.node().set_code(kLogger, kLoggerCode);
    const auto id = chain.call("eth_newFilter", "[{}]");
    for (std::uint64_t nonce = 0; nonce < 2; ++nonce)
        chain.call("eth_sendRawTransaction", "[\"" + TestChain::call_of(kLogger, nonce) + "\"]");
    const auto first = changes(chain, id);
    EXPECT_NE(first.find(R"("blockNumber":"0x1")"), std::string::npos) << first;
    EXPECT_EQ(first.find(R"("blockNumber":"0x2")"), std::string::npos) << first;
    EXPECT_NE(changes(chain, id).find(R"("blockNumber":"0x2")"), std::string::npos);
    EXPECT_EQ(changes(chain, id), "[]");
}

TEST(Filters, hold_no_more_criteria_than_the_limit) {
    Limits limits;
    limits.filter_criteria = 1;
    TestChain chain(limits);
    const auto with_address = R"([{"address":"0x00000000000000000000000000000000000000aa"}])";
    const auto id = chain.call("eth_newFilter", with_address);
    EXPECT_NE(chain.call("eth_newFilter", with_address).find("-32005"), std::string::npos);
    EXPECT_EQ(chain.call("eth_uninstallFilter", "[" + id + "]"), "true");
    EXPECT_NE(chain.call("eth_newFilter", with_address).find("0x"), std::string::npos);
}

TEST(Logs, a_filter_asks_a_bloom_for_one_of_each_of_its_criteria) {
    LogFilter filter;
    filter.addresses = {kLogger};
    filter.topics = {{}, {base::Hash{}, U256{7}.to_hash()}};
    filter.prepare();
    const evm::Log log{kLogger, {U256{1}.to_hash(), U256{7}.to_hash()}, {}};
    EXPECT_TRUE(filter.may_match(chain::logs_bloom({&log, 1})));
    const evm::Log other_topic{kLogger, {U256{1}.to_hash(), U256{8}.to_hash()}, {}};
    EXPECT_FALSE(filter.may_match(chain::logs_bloom({&other_topic, 1})));
    const evm::Log other_address{{}, {U256{1}.to_hash(), U256{7}.to_hash()}, {}};
    EXPECT_FALSE(filter.may_match(chain::logs_bloom({&other_address, 1})));
    EXPECT_TRUE(LogFilter{}.may_match({}));
}

TEST(Subscriptions, of_a_peer_that_is_gone_are_forgotten) {
    TestChain chain;
    auto& hub = chain.context().subscriptions;
    {
        // The connection ended before the worker that opened it.
        const auto peer = std::make_shared<Peer>(0);
        ASSERT_TRUE(hub.open(peer, NewHeadsTopic{}).has_value());
        EXPECT_EQ(hub.size(), 1U);
    }
    for (int i = 0; i < 1000 && hub.size() != 0; ++i)
        ASSERT_TRUE(chain.node().mine().has_value());
    EXPECT_EQ(hub.size(), 0U);
}

TEST(Subscriptions, tell_no_peer_more_of_one_event_than_the_limit) {
    class Listener : public Peer {
    public:
        Listener() : Peer(0) {}
        bool can_notify() const override { return true; }
        void notify(const std::shared_ptr<const std::string>&) override { ++told; }
        bool is_connected() const override { return !is_cut_off; }
        void cut_off() override { is_cut_off = true; }
        std::atomic<int> told = 0;
        std::atomic<bool> is_cut_off = false;
    };
    Limits limits;
    limits.notifications_of_event = 5;
    TestChain chain(limits);
    chain.node().set_code(kLogger, kLoggerCode);
    auto& hub = chain.context().subscriptions;
    const auto greedy = std::make_shared<Listener>();
    const auto modest = std::make_shared<Listener>();
    const auto open = [&](const std::shared_ptr<Peer>& peer) {
        const auto id = hub.open(peer, LogFilter{});
        ASSERT_TRUE(id.has_value());
        hub.activate({id.value()});
    };
    for (int i = 0; i < 10; ++i)
        open(greedy);
    for (int i = 0; i < 5; ++i)
        open(modest);
    chain.call("eth_sendRawTransaction", "[\"" + TestChain::call_of(kLogger, 0) + "\"]");
    while (modest->told < 5 || !greedy->is_cut_off)
        std::this_thread::yield();
    EXPECT_EQ(greedy->told, 5);
    EXPECT_FALSE(modest->is_cut_off);
}

TEST(Logs, a_poller_that_asks_from_the_block_after_the_head_gets_nothing) {
    TestChain chain;
    EXPECT_EQ(chain.call("eth_getLogs", R"([{"fromBlock":"0x1"}])"), "[]");
    EXPECT_EQ(chain.call("eth_getLogs", R"([{"fromBlock":"0x1","toBlock":"latest"}])"), "[]");
}

}  // namespace

}  // namespace valence::rpc
