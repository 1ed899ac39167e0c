#include "valence/rpc/render/transaction.hpp"

namespace valence::rpc {

void write_access_list(JsonWriter& out, const chain::AccessList& list) {
    out.begin_array();
    for (const auto& entry : list) {
        out.begin_object();
        out.key("address").data(entry.address);
        out.key("storageKeys").begin_array();
        for (const auto& key : entry.storage_keys)
            out.data(key);
        out.end_array();
        out.end_object();
    }
    out.end_array();
}

namespace {

void write_authorizations(JsonWriter& out, const std::vector<chain::Authorization>& list) {
    out.begin_array();
    for (const auto& authorization : list) {
        out.begin_object();
        out.key("chainId").quantity(authorization.chain_id);
        out.key("address").data(authorization.address);
        out.key("nonce").quantity(authorization.nonce);
        out.key("yParity").quantity(std::uint64_t{authorization.y_parity});
        out.key("r").quantity(authorization.r);
        out.key("s").quantity(authorization.s);
        out.end_object();
    }
    out.end_array();
}

void write_place(JsonWriter& out, const std::optional<Inclusion>& inclusion) {
    if (inclusion) {
        out.key("blockHash").data(inclusion->block_hash);
        out.key("blockNumber").quantity(inclusion->block_number);
        out.key("blockTimestamp").quantity(inclusion->block_timestamp);
    } else {
        out.key("blockHash").null();
        out.key("blockNumber").null();
        out.key("blockTimestamp").null();
    }
}

void write_index(JsonWriter& out, const std::optional<Inclusion>& inclusion) {
    out.key("transactionIndex");
    inclusion ? out.quantity(inclusion->index) : out.null();
}

void write_fees(JsonWriter& out, const chain::Transaction& transaction,
                const std::optional<Inclusion>& inclusion) {
    out.key("gas").quantity(transaction.gas_limit);
    out.key("gasPrice").quantity(inclusion ? inclusion->effective_gas_price : transaction.max_fee_per_gas);
    if (!transaction.has_dynamic_fee()) return;
    out.key("maxFeePerGas").quantity(transaction.max_fee_per_gas);
    out.key("maxPriorityFeePerGas").quantity(transaction.max_priority_fee_per_gas);
    if (transaction.type == chain::TransactionType::blob) {
        out.key("maxFeePerBlobGas").quantity(transaction.max_fee_per_blob_gas);
    }
}

void write_signature(JsonWriter& out, const chain::Transaction& transaction) {
    out.key("v").quantity(transaction.v());
    out.key("r").quantity(transaction.signature.r);
    out.key("s").quantity(transaction.signature.s);
    if (transaction.type != chain::TransactionType::legacy && !transaction.is_system()) {
        out.key("yParity").quantity(std::uint64_t{transaction.signature.y_odd});
    }
}

/// As the OP Stack's nodes write deposits: no price, an empty signature, the nonce from the receipt.
/// isSystemTx is there where it is true only, and none here is: some readers take it for a quantity.
void write_system_transaction(JsonWriter& out, const sequencer::StoredBlock& block, std::size_t index,
                              const std::optional<Inclusion>& inclusion) {
    const auto& transaction = block.block.transactions[index];
    out.begin_object();
    write_place(out, inclusion);
    out.key("from").data(transaction.from);
    out.key("gas").quantity(transaction.gas_limit);
    out.key("gasPrice").quantity(std::uint64_t{0});
    out.key("hash").data(block.facts[index].hash);
    out.key("input").data(transaction.data);
    out.key("nonce").quantity(block.receipts[index].deposit_nonce.value_or(0));
    out.key("to").data_or_null(transaction.to);
    write_index(out, inclusion);
    out.key("value").quantity(transaction.value);
    out.key("type").quantity(static_cast<std::uint64_t>(transaction.type));
    out.key("sourceHash").data(transaction.source_hash);
    out.key("mint").quantity(std::uint64_t{0});
    out.key("depositReceiptVersion").quantity(chain::kDepositReceiptVersion);
    write_signature(out, transaction);
    out.end_object();
}

}  // namespace

void write_transaction(JsonWriter& out, const chain::Transaction& transaction, const Hash& hash,
                       const Address& sender, const std::optional<Inclusion>& inclusion) {
    out.begin_object();
    write_place(out, inclusion);
    out.key("from").data(sender);
    write_fees(out, transaction, inclusion);
    out.key("hash").data(hash);
    out.key("input").data(transaction.data);
    out.key("nonce").quantity(transaction.nonce);
    out.key("to").data_or_null(transaction.to);
    write_index(out, inclusion);
    out.key("value").quantity(transaction.value);
    out.key("type").quantity(static_cast<std::uint64_t>(transaction.type));
    if (transaction.type != chain::TransactionType::legacy) {
        out.key("accessList");
        write_access_list(out, transaction.access_list);
    }
    if (transaction.chain_id) out.key("chainId").quantity(*transaction.chain_id);
    if (transaction.type == chain::TransactionType::blob) {
        out.key("blobVersionedHashes").begin_array();
        for (const auto& versioned : transaction.blob_hashes)
            out.data(versioned);
        out.end_array();
    }
    if (transaction.type == chain::TransactionType::set_code) {
        out.key("authorizationList");
        write_authorizations(out, transaction.authorizations);
    }
    write_signature(out, transaction);
    out.end_object();
}

void write_transaction(JsonWriter& out, const sequencer::StoredBlock& block, std::size_t index,
                       Sealing sealing) {
    const auto& facts = block.facts[index];
    std::optional<Inclusion> inclusion;
    if (sealing == Sealing::sealed) {
        inclusion = Inclusion{block.hash, block.number(), block.block.header.timestamp, index,
                              facts.effective_gas_price};
    }
    const auto& transaction = block.block.transactions[index];
    if (transaction.is_system()) return write_system_transaction(out, block, index, inclusion);
    write_transaction(out, transaction, facts.hash, facts.sender, inclusion);
}

void write_pending_transaction(JsonWriter& out, const sequencer::PoolTransaction& transaction) {
    write_transaction(out, transaction.transaction, transaction.hash, transaction.sender, std::nullopt);
}

}  // namespace valence::rpc
