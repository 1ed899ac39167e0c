// eth_* that sign, with the keys of dev accounts, or act for impersonated ones.
#include <boost/json.hpp>

#include "valence/crypto/keccak.hpp"
#include "valence/rpc/context.hpp"
#include "valence/rpc/methods/fill_transaction.hpp"
#include "valence/rpc/methods/handlers.hpp"
#include "valence/rpc/methods/send_as.hpp"
#include "valence/rpc/methods/send_raw.hpp"
#include "valence/rpc/methods/typed_data.hpp"
#include "valence/rpc/render/transaction.hpp"

namespace valence::rpc {

namespace {

Answer<simulation::CallArguments> arguments_parameter(const Call& call) {
    return call.parameters.decode(0, simulation::decode_call_arguments);
}

std::optional<Hash> key_of(const Call& call, const Address& account) {
    if (call.context.mode != Mode::dev) return std::nullopt;
    return call.context.node.dev_key(account);
}

/// geth's answer for an account whose key it does not hold.
RpcError unknown_account() { return server_error("unknown account"); }

/// r, s and v (27 or 28) in 65 bytes, as wallets expect a signature of a message.
void write_signature(JsonWriter& out, const crypto::Signature& signature) {
    Bytes bytes(65);
    signature.r.store_be32(bytes.data());
    signature.s.store_be32(bytes.data() + 32);
    bytes[64] = signature.y_odd ? 28 : 27;
    out.data(bytes);
}

Answer<void> sign_digest(Call& call, const Address& account, const Hash& digest) {
    const auto key = key_of(call, account);
    if (!key) return unknown_account();
    const auto signature = crypto::sign(digest, *key);
    if (!signature) return server_error("invalid key");
    write_signature(call.result, *signature);
    return success();
}

/// EIP-191, version 0x45: what personal_sign signs.
Hash personal_digest(BytesView message) {
    auto text =
        "\x19"
        "Ethereum Signed Message:\n" +
        std::to_string(message.size());
    text += base::as_text(message);
    return crypto::keccak256(base::as_bytes(text));
}

sequencer::PoolTransaction signed_transaction(chain::Transaction transaction, const Address& sender,
                                              const Hash& key) {
    chain::sign_transaction(transaction, key);
    sequencer::PoolTransaction pooled;
    pooled.encoded = chain::encode_transaction(transaction);
    pooled.hash = crypto::keccak256(pooled.encoded);
    pooled.sender = sender;
    pooled.transaction = std::move(transaction);
    return pooled;
}

void write_filled(JsonWriter& out, const chain::Transaction& transaction, const Address& sender) {
    out.begin_object();
    out.key("raw").data(chain::encode_transaction(transaction));
    out.key("tx");
    write_transaction(out, transaction, chain::transaction_hash(transaction), sender, std::nullopt);
    out.end_object();
}

}  // namespace

Answer<Hash> send_as(Call& call, simulation::CallArguments arguments) {
    auto& node = call.context.node;
    if (call.context.mode != Mode::dev) return unknown_account();
    // As dev nodes do: without a sender, the first account's.
    if (!arguments.from && !node.config().dev_accounts.empty()) {
        arguments.from = node.config().dev_accounts.front().address;
    }
    const auto sender = arguments.sender();
    const auto key = key_of(call, sender);
    if (!key && !node.may_act_for(sender)) return unknown_account();
    BOOST_OUTCOME_TRY(auto transaction, fill_transaction(call.context, arguments, call.deadline));
    std::vector<sequencer::PoolTransaction> batch;
    batch.push_back(key ? signed_transaction(std::move(transaction), sender, *key)
                        : sequencer::impersonated_transaction(std::move(transaction), sender));
    const auto submitted = node.submit(std::move(batch));
    if (submitted.front().has_error()) return refusal(submitted.front().error());
    return submitted.front().value();
}

/// Answers the hash of a transaction that is in the pool, or mined already; one that will revert is no error.
Answer<void> eth_send_transaction(Call& call) {
    BOOST_OUTCOME_TRY(auto arguments, arguments_parameter(call));
    BOOST_OUTCOME_TRY(const auto hash, send_as(call, std::move(arguments)));
    call.result.data(hash);
    return success();
}

/// As geth: nonce, gas and fees must be given.
Answer<void> eth_sign_transaction(Call& call) {
    BOOST_OUTCOME_TRY(const auto arguments, arguments_parameter(call));
    const auto key = key_of(call, arguments.sender());
    if (!key) return unknown_account();
    if (!arguments.gas) return server_error("not specify Gas");
    if (!arguments.gas_price && !(arguments.max_fee_per_gas && arguments.max_priority_fee_per_gas)) {
        return server_error("missing gasPrice or maxFeePerGas/maxPriorityFeePerGas");
    }
    if (!arguments.nonce) return server_error("nonce not specified");
    BOOST_OUTCOME_TRY(auto transaction, fill_transaction(call.context, arguments, call.deadline));
    chain::sign_transaction(transaction, *key);
    write_filled(call.result, transaction, arguments.sender());
    return success();
}

/// Completes a transaction for the caller to sign.
Answer<void> eth_fill_transaction(Call& call) {
    BOOST_OUTCOME_TRY(const auto arguments, arguments_parameter(call));
    BOOST_OUTCOME_TRY(const auto transaction, fill_transaction(call.context, arguments, call.deadline));
    write_filled(call.result, transaction, arguments.sender());
    return success();
}

/// (address, message)
Answer<void> eth_sign(Call& call) {
    BOOST_OUTCOME_TRY(const auto account, call.parameters.address(0));
    BOOST_OUTCOME_TRY(const auto message, call.parameters.data(1));
    return sign_digest(call, account, personal_digest(message));
}

/// (message, address): the other way round.
Answer<void> personal_sign(Call& call) {
    BOOST_OUTCOME_TRY(const auto message, call.parameters.data(0));
    BOOST_OUTCOME_TRY(const auto account, call.parameters.address(1));
    return sign_digest(call, account, personal_digest(message));
}

/// EIP-712; the data is an object, or text that holds one.
Answer<void> eth_sign_typed_data_v4(Call& call) {
    BOOST_OUTCOME_TRY(const auto account, call.parameters.address(0));
    BOOST_OUTCOME_TRY(const auto* data, call.parameters.require(1));
    if (!key_of(call, account)) return unknown_account();
    const auto digest = typed_data_digest(*data);
    if (digest.has_error()) return invalid_argument(1, digest.error().message());
    return sign_digest(call, account, digest.value());
}

}  // namespace valence::rpc
