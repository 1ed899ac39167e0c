// Transactions: sending them to a node over JSON-RPC, signed here or by an account that the node holds, and
// waiting for their receipts.
#pragma once

#include <optional>
#include <string>

#include "valence/base/base.hpp"
#include "valence/client/json_rpc_client.hpp"

namespace valence::cmd {

enum class TransactionFailure {
    /// The call reverts: found out before anything is sent.
    reverts = 1,
    /// It was sent, and reverted.
    reverted,
    /// No receipt in time.
    not_mined,
    /// Neither a key, nor an account that the node holds.
    no_sender,
};
std::error_code make_error_code(TransactionFailure);

class TransactionSender {
public:
    /// With a key the transactions are signed here. Else they are from `from`, or from the node's first
    /// account, and the node signs.
    static Result<TransactionSender> make(client::JsonRpcClient& node, const std::string& key,
                                          const std::string& from);

    const Address& address() const { return address_; }
    /// Sends and waits; the receipt's hash, block and gas.
    struct Mined {
        Hash transaction;
        std::uint64_t block = 0;
        std::uint64_t gas = 0;
    };
    Result<Mined> send(const Address& to, const Bytes& data);
    /// What a call answers.
    Result<Bytes> call(const Address& to, const Bytes& data);

private:
    explicit TransactionSender(client::JsonRpcClient& node) : node_(&node) {}
    Result<U256> estimate(const Address& to, const Bytes& data);
    Result<Hash> send_signed(const Address& to, const Bytes& data, std::uint64_t gas);
    Result<Hash> send_unsigned(const Address& to, const Bytes& data, std::uint64_t gas);
    Result<Mined> wait_for(const Hash& transaction);

    client::JsonRpcClient* node_;
    std::optional<Hash> key_;
    Address address_;
};

}  // namespace valence::cmd

template <>
struct std::is_error_code_enum<valence::cmd::TransactionFailure> : std::true_type {};
