#include "valence/sequencer/stored_receipts.hpp"

#include "valence/codec/rlp.hpp"

namespace valence::sequencer {
namespace {

constexpr auto kSystem = chain::TransactionType::system;

void write_log(codec::RlpWriter& to, const evm::Log& log) {
    to.list([&] {
        to.bytes(log.address);
        to.list([&] {
            for (const auto& topic : log.topics)
                to.bytes(topic);
        });
        to.bytes(log.data);
    });
}

void write_receipt(codec::RlpWriter& to, const chain::Receipt& receipt) {
    to.list([&] {
        to.u64(static_cast<std::uint64_t>(receipt.type));
        if (receipt.post_state) {
            to.bytes(*receipt.post_state);
        } else {
            to.u64(receipt.succeeded ? 1 : 0);
        }
        to.u64(receipt.cumulative_gas_used);
        to.list([&] {
            for (const auto& log : receipt.logs)
                write_log(to, log);
        });
        if (receipt.deposit_nonce) to.u64(*receipt.deposit_nonce);
    });
}

Result<evm::Log> read_log(codec::RlpReader fields) {
    evm::Log log;
    BOOST_OUTCOME_TRY(log.address, fields.fixed<Address>());
    BOOST_OUTCOME_TRY(auto topics, fields.list());
    while (!topics.at_end()) {
        BOOST_OUTCOME_TRY(const auto topic, topics.fixed<Hash>());
        log.topics.push_back(topic);
    }
    BOOST_OUTCOME_TRY(const auto data, fields.bytes());
    log.data = base::to_bytes(data);
    BOOST_OUTCOME_TRYV(fields.finish());
    return log;
}

Result<chain::Receipt> read_receipt(codec::RlpReader fields) {
    chain::Receipt receipt;
    BOOST_OUTCOME_TRY(const auto type, fields.u64());
    receipt.type = static_cast<chain::TransactionType>(type);
    const bool is_known =
        type <= static_cast<std::uint64_t>(chain::TransactionType::set_code) || receipt.type == kSystem;
    if (type > 255 || !is_known) return Error{chain::ChainError::transaction_type_unsupported, "receipt"};
    BOOST_OUTCOME_TRY(const auto outcome, fields.bytes());
    if (outcome.size() == Hash::kSize) {
        receipt.post_state = base::from_exact<Hash>(outcome);
    } else {
        BOOST_OUTCOME_TRY(const auto status, codec::rlp_u64(outcome));
        if (status > 1) return Error{codec::RlpError::integer_too_large, "receipt's status"};
        receipt.succeeded = status == 1;
    }
    BOOST_OUTCOME_TRY(receipt.cumulative_gas_used, fields.u64());
    BOOST_OUTCOME_TRY(auto logs, fields.list());
    while (!logs.at_end()) {
        BOOST_OUTCOME_TRY(const auto fields_of_log, logs.list());
        BOOST_OUTCOME_TRY(auto log, read_log(fields_of_log));
        receipt.logs.push_back(std::move(log));
    }
    receipt.bloom = chain::logs_bloom(receipt.logs);
    if (receipt.type == kSystem) {
        BOOST_OUTCOME_TRY(receipt.deposit_nonce, fields.u64());
    }
    BOOST_OUTCOME_TRYV(fields.finish());
    return receipt;
}

}  // namespace

Bytes encode_stored_receipts(const StoredBlock& block) {
    codec::RlpWriter to;
    to.reserve(256 + block.receipts.size() * 256);
    to.list([&] {
        to.u256(block.total_difficulty);
        to.list([&] {
            for (const auto& facts : block.facts)
                to.bytes(facts.sender);
        });
        to.list([&] {
            for (const auto& receipt : block.receipts)
                write_receipt(to, receipt);
        });
    });
    return to.take();
}

Result<StoredReceipts> decode_stored_receipts(BytesView bytes) {
    StoredReceipts out;
    BOOST_OUTCOME_TRY(auto fields, codec::RlpReader::of_list(bytes));
    BOOST_OUTCOME_TRY(out.total_difficulty, fields.u256());
    BOOST_OUTCOME_TRY(auto senders, fields.list());
    while (!senders.at_end()) {
        BOOST_OUTCOME_TRY(const auto sender, senders.fixed<Address>());
        out.senders.push_back(sender);
    }
    BOOST_OUTCOME_TRY(auto receipts, fields.list());
    while (!receipts.at_end()) {
        BOOST_OUTCOME_TRY(const auto fields_of_receipt, receipts.list());
        BOOST_OUTCOME_TRY(auto receipt, read_receipt(fields_of_receipt));
        out.receipts.push_back(std::move(receipt));
    }
    BOOST_OUTCOME_TRYV(fields.finish());
    return out;
}

}  // namespace valence::sequencer
