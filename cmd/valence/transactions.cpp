#include "cmd/valence/transactions.hpp"

#include <thread>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "valence/chain/transaction.hpp"

namespace valence::cmd {
namespace {

namespace json = boost::json;

constexpr std::chrono::milliseconds kFirstLook{20};
constexpr std::chrono::milliseconds kLongestPause{1'000};
constexpr std::chrono::minutes kPatience{3};
constexpr int kEstimates = 20;
/// In the words of the node's errors.
constexpr std::string_view kRevertCode = "(3)";
constexpr std::string_view kTimedOut = "(timeout";

class FailureCategory final : public std::error_category {
public:
    const char* name() const noexcept override { return "transaction"; }
    std::string message(int code) const override {
        switch (static_cast<TransactionFailure>(code)) {
            case TransactionFailure::reverts:
                return "the transaction would revert";
            case TransactionFailure::reverted:
                return "the transaction reverted";
            case TransactionFailure::not_mined:
                return "the transaction is in no block yet";
            case TransactionFailure::no_sender:
                return "no account to send from (--private-key or --from names one)";
        }
        return "unknown error";
    }
};

std::string_view text_of(const json::value* value) {
    const auto* text = value == nullptr ? nullptr : value->if_string();
    return text == nullptr ? std::string_view{} : std::string_view{text->data(), text->size()};
}

const json::value* field(const json::value& answer, std::string_view name) {
    const auto* object = answer.if_object();
    return object == nullptr ? nullptr : object->if_contains(name);
}

Result<U256> quantity(client::JsonRpcClient& node, std::string_view method, const std::string& parameters) {
    BOOST_OUTCOME_TRY(const auto answer, node.call(method, parameters));
    const auto number = U256::from_hex(text_of(&answer));
    if (!number) return Error{client::ClientError::bad_answer, std::string(method)};
    return *number;
}

bool timed_out(const Error& error) {
    return error.code == make_error_code(client::ClientError::timed_out) ||
           error.context.find(kTimedOut) != std::string::npos;
}

Result<Hash> hash_in(const json::value& answer) {
    const auto hash = base::fixed_from_hex<Hash>(text_of(&answer));
    if (!hash) return Error{client::ClientError::bad_answer, "no transaction hash"};
    return *hash;
}

std::string arguments(const Address& from, const Address& to, const Bytes& data) {
    return fmt::format(R"("from":"{}","to":"{}","data":"{}")", base::to_hex_prefixed(from),
                       base::to_hex_prefixed(to), base::to_hex_prefixed(data));
}

}  // namespace

std::error_code make_error_code(TransactionFailure failure) {
    static const FailureCategory category;
    return {static_cast<int>(failure), category};
}

Result<TransactionSender> TransactionSender::make(client::JsonRpcClient& node, const std::string& key,
                                                  const std::string& from) {
    TransactionSender sender(node);
    if (!key.empty()) {
        sender.key_ = base::fixed_from_hex<Hash>(key);
        const auto address = sender.key_ ? crypto::address_of(*sender.key_) : std::nullopt;
        if (!address)
            return Error{TransactionFailure::no_sender,
                         "it is no private key: 32 bytes in hexadecimal, of secp256k1"};
        sender.address_ = *address;
        return sender;
    }
    std::string name = from;
    if (name.empty()) {
        BOOST_OUTCOME_TRY(const auto accounts, node.call("eth_accounts"));
        if (const auto* list = accounts.if_array(); list != nullptr && !list->empty())
            name = text_of(&list->front());
    }
    const auto address = base::fixed_from_hex<Address>(name);
    if (!address)
        return Error{TransactionFailure::no_sender,
                     name.empty() ? "the node has none" : name + " is no address"};
    sender.address_ = *address;
    return sender;
}

Result<Bytes> TransactionSender::call(const Address& to, const Bytes& data) {
    BOOST_OUTCOME_TRY(const auto answer, node_->call("eth_call", fmt::format(R"([{{{}}},"latest"])",
                                                                             arguments(address_, to, data))));
    auto bytes = base::from_hex(text_of(&answer));
    if (!bytes) return Error{client::ClientError::bad_answer, "eth_call"};
    return std::move(*bytes);
}

Result<U256> TransactionSender::estimate(const Address& to, const Bytes& data) {
    const std::string call = fmt::format("[{{{}}}]", arguments(address_, to, data));
    auto gas = quantity(*node_, "eth_estimateGas", call);
    // A large model takes the node longer to load than a run may take; what it has loaded by then stays.
    for (int tries = 1; tries < kEstimates && !gas && timed_out(gas.error()); ++tries)
        gas = quantity(*node_, "eth_estimateGas", call);
    if (!gas && gas.error().context.find(kRevertCode) != std::string::npos)
        return Error{TransactionFailure::reverts, gas.error().context};
    return gas;
}

Result<TransactionSender::Mined> TransactionSender::send(const Address& to, const Bytes& data) {
    BOOST_OUTCOME_TRY(const auto estimated, estimate(to, data));
    // What it costs may have grown by the time it is in a block.
    const std::uint64_t gas = estimated.low_u64() + estimated.low_u64() / 4;
    BOOST_OUTCOME_TRY(const auto hash, key_ ? send_signed(to, data, gas) : send_unsigned(to, data, gas));
    return wait_for(hash);
}

Result<Hash> TransactionSender::send_signed(const Address& to, const Bytes& data, std::uint64_t gas) {
    BOOST_OUTCOME_TRY(const auto chain_id, quantity(*node_, "eth_chainId", "[]"));
    BOOST_OUTCOME_TRY(const auto nonce,
                      quantity(*node_, "eth_getTransactionCount",
                               fmt::format(R"(["{}","pending"])", base::to_hex_prefixed(address_))));
    BOOST_OUTCOME_TRY(const auto price, quantity(*node_, "eth_gasPrice", "[]"));
    BOOST_OUTCOME_TRY(const auto tip, quantity(*node_, "eth_maxPriorityFeePerGas", "[]"));
    chain::Transaction transaction;
    transaction.type = chain::TransactionType::dynamic_fee;
    transaction.chain_id = chain_id.low_u64();
    transaction.nonce = nonce.low_u64();
    transaction.max_priority_fee_per_gas = tip;
    // Room for a rising base fee, and what a transaction that calls a model must offer.
    transaction.max_fee_per_gas = price * U256{2} + tip;
    transaction.gas_limit = gas;
    transaction.to = to;
    transaction.data = data;
    chain::sign_transaction(transaction, *key_);
    BOOST_OUTCOME_TRY(
        const auto answer,
        node_->call("eth_sendRawTransaction",
                    fmt::format(R"(["{}"])", base::to_hex_prefixed(chain::encode_transaction(transaction)))));
    return hash_in(answer);
}

Result<Hash> TransactionSender::send_unsigned(const Address& to, const Bytes& data, std::uint64_t gas) {
    BOOST_OUTCOME_TRY(const auto answer,
                      node_->call("eth_sendTransaction", fmt::format(R"([{{{},"gas":"{:#x}"}}])",
                                                                     arguments(address_, to, data), gas)));
    return hash_in(answer);
}

Result<TransactionSender::Mined> TransactionSender::wait_for(const Hash& transaction) {
    const std::string name = base::to_hex_prefixed(transaction);
    const auto end = std::chrono::steady_clock::now() + kPatience;
    for (auto pause = kFirstLook; std::chrono::steady_clock::now() < end;
         pause = std::min(2 * pause, kLongestPause)) {
        BOOST_OUTCOME_TRY(const auto receipt,
                          node_->call("eth_getTransactionReceipt", fmt::format(R"(["{}"])", name)));
        if (receipt.is_null()) {
            std::this_thread::sleep_for(pause);
            continue;
        }
        if (text_of(field(receipt, "status")) != "0x1") return Error{TransactionFailure::reverted, name};
        const auto block = U256::from_hex(text_of(field(receipt, "blockNumber")));
        const auto gas = U256::from_hex(text_of(field(receipt, "gasUsed")));
        if (!block || !gas) return Error{client::ClientError::bad_answer, "a receipt"};
        return Mined{transaction, block->low_u64(), gas->low_u64()};
    }
    return Error{TransactionFailure::not_mined, name};
}

}  // namespace valence::cmd
