#include "valence/rpc/testing/test_chain.hpp"

#include <boost/json.hpp>

#include "valence/chain/testing/signed_transaction.hpp"
#include "valence/rpc/dispatcher.hpp"

namespace valence::rpc::testing {

namespace {

node::NodeConfig config_with(node::MiningMode mining) {
    node::NodeConfig config;
    config.genesis.rules = chain::valence_rules(kChainId);
    // Blocks of what a test sends alone.
    config.genesis.rules.system.reset();
    config.genesis.timestamp = kGenesisTime;
    config.genesis.extra_data = Bytes(config.genesis.rules.extra_data_size.value_or(0), 0);
    config.genesis.accounts[kSender].balance = U256{10'000} * U256{1'000'000'000'000'000'000};
    config.genesis.accounts[kReceiver].balance = U256{1'000'000'000'000'000'000};
    config.dev_accounts = {{kSender, kKey}};
    config.mining = mining;
    config.clock = std::make_shared<node::ManualClock>(std::chrono::seconds(kGenesisTime + 10));
    return config;
}

}  // namespace

TestChain::TestChain(Limits limits, Mode mode, node::MiningMode mining) {
    auto opened = node::Node::open(config_with(mining));
    VALENCE_CHECK(opened.has_value());
    node_ = std::move(opened).value();
    context_ = std::make_unique<Context>(*node_, limits, mode, "valence/test");
}

std::string TestChain::ask(std::string_view message, const std::shared_ptr<Peer>& peer) {
    std::string out;
    context_->subscriptions.activate(dispatch(*context_, peer, message, out, message_deadline(*context_)));
    return out;
}

std::string TestChain::call(std::string_view method, std::string_view parameters) {
    auto answer = ask(R"({"jsonrpc":"2.0","id":1,"method":")" + std::string(method) + R"(","params":)" +
                      std::string(parameters) + "}");
    constexpr std::string_view kStart = R"({"jsonrpc":"2.0","id":1,"result":)";
    if (!answer.starts_with(kStart)) return answer;
    return answer.substr(kStart.size(), answer.size() - kStart.size() - 1);
}

namespace {

std::string sign(const Address& to, std::uint64_t nonce, std::uint64_t chain_id, U256 tip,
                 std::uint64_t gas) {
    return base::to_hex_prefixed(chain::testing::signed_transaction(kKey, nonce, [&](chain::Transaction& t) {
        t.chain_id = chain_id;
        t.gas_limit = gas;
        t.max_priority_fee_per_gas = tip;
        t.max_fee_per_gas = tip + U256{100 * chain::testing::kGwei};
        t.to = to;
    }));
}

}  // namespace

std::string TestChain::transfer(std::uint64_t nonce, std::uint64_t chain_id, U256 tip) {
    return sign(kReceiver, nonce, chain_id, tip, 21'000);
}

std::string TestChain::call_of(const Address& contract, std::uint64_t nonce) {
    return sign(contract, nonce, kChainId, 1'000'000'000, 100'000);
}

}  // namespace valence::rpc::testing
