#include "valence/rpc/render/block.hpp"

#include "valence/rpc/render/transaction.hpp"

namespace valence::rpc {

void write_withdrawals(JsonWriter& out, const std::vector<chain::Withdrawal>& withdrawals) {
    out.begin_array();
    for (const auto& withdrawal : withdrawals) {
        out.begin_object();
        out.key("index").quantity(withdrawal.index);
        out.key("validatorIndex").quantity(withdrawal.validator_index);
        out.key("address").data(withdrawal.address);
        out.key("amount").quantity(withdrawal.amount);
        out.end_object();
    }
    out.end_array();
}

namespace {

/// All but the roots at the end, in alphabetical order, as geth writes them.
void write_header_fields(JsonWriter& out, const chain::Header& header, const std::optional<Hash>& hash,
                         Sealing sealing, std::optional<std::uint64_t> size) {
    if (header.base_fee) out.key("baseFeePerGas").quantity(*header.base_fee);
    if (header.blob_gas_used) out.key("blobGasUsed").quantity(*header.blob_gas_used);
    out.key("difficulty").quantity(header.difficulty);
    if (header.excess_blob_gas) out.key("excessBlobGas").quantity(*header.excess_blob_gas);
    out.key("extraData").data(header.extra_data);
    out.key("gasLimit").quantity(header.gas_limit);
    out.key("gasUsed").quantity(header.gas_used);
    out.key("hash").data_or_null(hash);
    out.key("logsBloom").data(BytesView{header.logs_bloom.bytes});
    if (sealing == Sealing::pending) {
        out.key("miner").null();
    } else {
        out.key("miner").data(header.coinbase);
    }
    out.key("mixHash").data(header.mix_hash);
    if (sealing == Sealing::pending) {
        out.key("nonce").null();
    } else {
        out.key("nonce").data(BytesView{header.nonce});
    }
    out.key("number").quantity(header.number);
    if (header.parent_beacon_block_root)
        out.key("parentBeaconBlockRoot").data(*header.parent_beacon_block_root);
    out.key("parentHash").data(header.parent_hash);
    out.key("receiptsRoot").data(header.receipts_root);
    if (header.requests_hash) out.key("requestsHash").data(*header.requests_hash);
    out.key("sha3Uncles").data(header.ommers_hash);
    if (size) out.key("size").quantity(*size);
    out.key("stateRoot").data(header.state_root);
    out.key("timestamp").quantity(header.timestamp);
}

std::optional<Hash> hash_of(const sequencer::StoredBlock& block, Sealing sealing) {
    return sealing == Sealing::pending ? std::nullopt : std::optional(block.hash);
}

}  // namespace

void write_header(JsonWriter& out, const sequencer::StoredBlock& block, Sealing sealing) {
    const auto& header = block.block.header;
    out.begin_object();
    write_header_fields(out, header, hash_of(block, sealing), sealing, std::nullopt);
    out.key("transactionsRoot").data(header.transactions_root);
    if (header.withdrawals_root) out.key("withdrawalsRoot").data(*header.withdrawals_root);
    out.end_object();
}

void write_block_fields(JsonWriter& out, const sequencer::StoredBlock& block, TransactionForm form,
                        Sealing sealing) {
    const auto& header = block.block.header;
    write_header_fields(out, header, hash_of(block, sealing), sealing, block.rlp_size);
    out.key("transactions").begin_array();
    for (std::size_t i = 0; i < block.block.transactions.size(); ++i) {
        if (form == TransactionForm::objects) {
            write_transaction(out, block, i, sealing);
        } else {
            out.data(block.facts[i].hash);
        }
    }
    out.end_array();
    out.key("transactionsRoot").data(header.transactions_root);
    out.key("uncles").begin_array();
    for (const auto& ommer : block.block.ommers)
        out.data(chain::header_hash(ommer));
    out.end_array();
    if (block.block.withdrawals) {
        out.key("withdrawals");
        write_withdrawals(out, *block.block.withdrawals);
    }
    if (header.withdrawals_root) out.key("withdrawalsRoot").data(*header.withdrawals_root);
}

void write_block(JsonWriter& out, const sequencer::StoredBlock& block, TransactionForm form,
                 Sealing sealing) {
    out.begin_object();
    write_block_fields(out, block, form, sealing);
    out.end_object();
}

void write_uncle(JsonWriter& out, const chain::Header& header) {
    chain::Block block;
    block.header = header;
    out.begin_object();
    write_header_fields(out, header, chain::header_hash(header), Sealing::sealed,
                        chain::encode_block(block).size());
    out.key("transactionsRoot").data(header.transactions_root);
    out.key("uncles").begin_array();
    out.end_array();
    out.end_object();
}

}  // namespace valence::rpc
