// For tests and fuzzers: a dev chain in memory with two funded accounts, and requests to it without a
// network.
#pragma once

#include <memory>
#include <string>

#include "valence/node/node.hpp"
#include "valence/rpc/context.hpp"

namespace valence::rpc::testing {

/// Key and address of the first and second account of the usual test mnemonic.
inline constexpr auto kKey = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80"_hash;
inline constexpr auto kSender = "0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266"_address;
inline constexpr auto kReceiver = "0x70997970c51812dc3a010c7d01b50e0d17dc79c8"_address;
inline constexpr std::uint64_t kChainId = 1986;
inline constexpr std::uint64_t kGenesisTime = 1'700'000'000;

class TestChain {
public:
    explicit TestChain(Limits limits = {}, Mode mode = Mode::dev, node::MiningMode mining = node::Automine{});

    node::Node& node() { return *node_; }
    Context& context() { return *context_; }

    /// The answer to a message.
    std::string ask(std::string_view message, const std::shared_ptr<Peer>& peer = nullptr);
    /// The answer's "result" to a single request, as JSON text; the whole answer when it is an error.
    std::string call(std::string_view method, std::string_view parameters = "[]");

    /// A signed transfer of 1 wei from kSender to kReceiver, as hexadecimal text.
    static std::string transfer(std::uint64_t nonce, std::uint64_t chain_id = kChainId,
                                U256 tip = 1'000'000'000);
    /// A signed call of a contract with 100,000 gas.
    static std::string call_of(const Address& contract, std::uint64_t nonce);

private:
    std::unique_ptr<node::Node> node_;
    std::unique_ptr<Context> context_;
};

}  // namespace valence::rpc::testing
