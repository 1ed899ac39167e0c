#include "valence/rpc/render/receipt.hpp"

#include "valence/chain/block_fees.hpp"

namespace valence::rpc {

void write_log(JsonWriter& out, const sequencer::StoredBlock& block, std::size_t transaction_index,
               const evm::Log& log, std::uint64_t log_index, LogFate fate) {
    out.begin_object();
    out.key("address").data(log.address);
    out.key("topics").begin_array();
    for (const auto& topic : log.topics)
        out.data(topic);
    out.end_array();
    out.key("data").data(log.data);
    out.key("blockNumber").quantity(block.number());
    out.key("transactionHash").data(block.facts[transaction_index].hash);
    out.key("transactionIndex").quantity(std::uint64_t{transaction_index});
    out.key("blockHash").data(block.hash);
    out.key("blockTimestamp").quantity(block.block.header.timestamp);
    out.key("logIndex").quantity(log_index);
    out.key("removed").boolean(fate == LogFate::removed);
    out.end_object();
}

void write_receipt(JsonWriter& out, const sequencer::StoredBlock& block, std::size_t index,
                   const chain::RuleSet& rules) {
    const auto& transaction = block.block.transactions[index];
    const auto& receipt = block.receipts[index];
    const auto& facts = block.facts[index];
    out.begin_object();
    if (transaction.type == chain::TransactionType::blob) {
        out.key("blobGasPrice").quantity(chain::blob_base_fee(rules, block.block.header));
        out.key("blobGasUsed").quantity(chain::blob_gas(transaction));
    }
    out.key("blockHash").data(block.hash);
    out.key("blockNumber").quantity(block.number());
    out.key("contractAddress").data_or_null(facts.contract_address);
    out.key("cumulativeGasUsed").quantity(receipt.cumulative_gas_used);
    if (receipt.deposit_nonce) {
        out.key("depositNonce").quantity(*receipt.deposit_nonce);
        out.key("depositReceiptVersion").quantity(chain::kDepositReceiptVersion);
    }
    out.key("effectiveGasPrice").quantity(facts.effective_gas_price);
    out.key("from").data(facts.sender);
    out.key("gasUsed").quantity(facts.gas_used);
    out.key("logs").begin_array();
    auto log_index = facts.first_log_index;
    for (const auto& log : receipt.logs)
        write_log(out, block, index, log, log_index++);
    out.end_array();
    out.key("logsBloom").data(BytesView{receipt.bloom.bytes});
    if (receipt.post_state) {
        out.key("root").data(*receipt.post_state);
    } else {
        out.key("status").quantity(std::uint64_t{receipt.succeeded});
    }
    out.key("to").data_or_null(transaction.to);
    out.key("transactionHash").data(facts.hash);
    out.key("transactionIndex").quantity(std::uint64_t{index});
    out.key("type").quantity(static_cast<std::uint64_t>(transaction.type));
    out.end_object();
}

}  // namespace valence::rpc
