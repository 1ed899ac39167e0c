#include "valence/chain/block.hpp"

#include "valence/crypto/keccak.hpp"
#include "valence/state/trie/full_root.hpp"

namespace valence::chain {
namespace {

using codec::RlpReader;
using codec::RlpWriter;

struct HeaderNonce : base::FixedBytes<8> {
    using FixedBytes::FixedBytes;
};

Result<Header> read_header(RlpReader fields) {
    Header h;
    BOOST_OUTCOME_TRY(h.parent_hash, fields.fixed<Hash>());
    BOOST_OUTCOME_TRY(h.ommers_hash, fields.fixed<Hash>());
    BOOST_OUTCOME_TRY(h.coinbase, fields.fixed<Address>());
    BOOST_OUTCOME_TRY(h.state_root, fields.fixed<Hash>());
    BOOST_OUTCOME_TRY(h.transactions_root, fields.fixed<Hash>());
    BOOST_OUTCOME_TRY(h.receipts_root, fields.fixed<Hash>());
    BOOST_OUTCOME_TRY(h.logs_bloom, fields.fixed<Bloom>());
    BOOST_OUTCOME_TRY(h.difficulty, fields.u256());
    BOOST_OUTCOME_TRY(h.number, fields.u64());
    BOOST_OUTCOME_TRY(h.gas_limit, fields.u64());
    BOOST_OUTCOME_TRY(h.gas_used, fields.u64());
    BOOST_OUTCOME_TRY(h.timestamp, fields.u64());
    BOOST_OUTCOME_TRY(const auto extra_data, fields.bytes());
    h.extra_data = base::to_bytes(extra_data);
    BOOST_OUTCOME_TRY(h.mix_hash, fields.fixed<Hash>());
    BOOST_OUTCOME_TRY(const auto nonce, fields.fixed<HeaderNonce>());
    h.nonce = nonce.bytes;
    if (fields.at_end()) return h;
    BOOST_OUTCOME_TRY(h.base_fee, fields.u256());
    if (fields.at_end()) return h;
    BOOST_OUTCOME_TRY(h.withdrawals_root, fields.fixed<Hash>());
    if (fields.at_end()) return h;
    BOOST_OUTCOME_TRY(h.blob_gas_used, fields.u64());
    BOOST_OUTCOME_TRY(h.excess_blob_gas, fields.u64());
    BOOST_OUTCOME_TRY(h.parent_beacon_block_root, fields.fixed<Hash>());
    if (fields.at_end()) return h;
    BOOST_OUTCOME_TRY(h.requests_hash, fields.fixed<Hash>());
    BOOST_OUTCOME_TRYV(fields.finish());
    return h;
}

Result<std::vector<Withdrawal>> read_withdrawals(RlpReader items) {
    std::vector<Withdrawal> list;
    while (!items.at_end()) {
        BOOST_OUTCOME_TRY(auto fields, items.list());
        Withdrawal w;
        BOOST_OUTCOME_TRY(w.index, fields.u64());
        BOOST_OUTCOME_TRY(w.validator_index, fields.u64());
        BOOST_OUTCOME_TRY(w.address, fields.fixed<Address>());
        BOOST_OUTCOME_TRY(w.amount, fields.u64());
        BOOST_OUTCOME_TRYV(fields.finish());
        list.push_back(w);
    }
    return list;
}

void write_withdrawal(RlpWriter& to, const Withdrawal& w) {
    to.list([&] { to.u64(w.index).u64(w.validator_index).bytes(w.address).u64(w.amount); });
}

/// Header fields after the fifteen of Frontier stop at the first that is absent.
void write_later_fields(RlpWriter& to, const Header& h) {
    if (!h.base_fee) return;
    to.u256(*h.base_fee);
    if (!h.withdrawals_root) return;
    to.bytes(*h.withdrawals_root);
    if (!h.blob_gas_used || !h.excess_blob_gas || !h.parent_beacon_block_root) return;
    to.u64(*h.blob_gas_used).u64(*h.excess_blob_gas).bytes(*h.parent_beacon_block_root);
    if (!h.requests_hash) return;
    to.bytes(*h.requests_hash);
}

}  // namespace

void write_header(RlpWriter& to, const Header& h) {
    to.list([&] {
        to.bytes(h.parent_hash).bytes(h.ommers_hash).bytes(h.coinbase).bytes(h.state_root);
        to.bytes(h.transactions_root).bytes(h.receipts_root).bytes(h.logs_bloom).u256(h.difficulty);
        to.u64(h.number).u64(h.gas_limit).u64(h.gas_used).u64(h.timestamp);
        to.bytes(h.extra_data).bytes(h.mix_hash).bytes(h.nonce);
        write_later_fields(to, h);
    });
}

Bytes encode_header(const Header& header) {
    RlpWriter w;
    w.reserve(768);
    write_header(w, header);
    return w.take();
}

Hash header_hash(const Header& header) { return crypto::keccak256(encode_header(header)); }

Result<Header> decode_header(BytesView bytes) {
    BOOST_OUTCOME_TRY(const auto fields, RlpReader::of_list(bytes));
    return read_header(fields);
}

Bytes encode_block(const Block& block) {
    std::vector<Bytes> encoded;
    encoded.reserve(block.transactions.size());
    for (const auto& t : block.transactions)
        encoded.push_back(encode_transaction(t));
    return encode_block(block, std::vector<BytesView>(encoded.begin(), encoded.end()));
}

Bytes encode_block(const Block& block, std::span<const BytesView> transactions) {
    VALENCE_CHECK(transactions.size() == block.transactions.size());
    std::size_t size = 1'024;
    for (const auto& t : transactions)
        size += codec::rlp_size_with_prefix(t.size());
    RlpWriter w;
    w.reserve(size);
    w.list([&] {
        write_header(w, block.header);
        w.list([&] {
            for (std::size_t i = 0; i < transactions.size(); ++i) {
                if (block.transactions[i].type == TransactionType::legacy) {
                    w.raw(transactions[i]);
                } else {
                    w.bytes(transactions[i]);
                }
            }
        });
        w.list([&] {
            for (const auto& ommer : block.ommers)
                write_header(w, ommer);
        });
        if (!block.withdrawals) return;
        w.list([&] {
            for (const auto& withdrawal : *block.withdrawals)
                write_withdrawal(w, withdrawal);
        });
    });
    return w.take();
}

Result<Block> decode_block(BytesView bytes) {
    Block block;
    BOOST_OUTCOME_TRY(auto parts, RlpReader::of_list(bytes));
    BOOST_OUTCOME_TRY(const auto header, parts.list());
    BOOST_OUTCOME_TRY(block.header, read_header(header));
    BOOST_OUTCOME_TRY(auto transactions, parts.list());
    while (!transactions.at_end()) {
        BOOST_OUTCOME_TRY(const auto item, transactions.item());
        BOOST_OUTCOME_TRY(auto transaction, decode_transaction_item(item));
        block.transactions.push_back(std::move(transaction));
    }
    BOOST_OUTCOME_TRY(auto ommers, parts.list());
    while (!ommers.at_end()) {
        BOOST_OUTCOME_TRY(const auto fields, ommers.list());
        BOOST_OUTCOME_TRY(auto ommer, read_header(fields));
        block.ommers.push_back(std::move(ommer));
    }
    if (!parts.at_end()) {
        BOOST_OUTCOME_TRY(const auto withdrawals, parts.list());
        BOOST_OUTCOME_TRY(block.withdrawals, read_withdrawals(withdrawals));
    }
    BOOST_OUTCOME_TRYV(parts.finish());
    return block;
}

Hash transactions_root(std::span<const Transaction> transactions) {
    std::vector<Bytes> items;
    items.reserve(transactions.size());
    for (const auto& t : transactions)
        items.push_back(encode_transaction(t));
    return state::list_root(items);
}

Hash receipts_root(std::span<const Receipt> receipts) {
    std::vector<Bytes> items;
    items.reserve(receipts.size());
    for (const auto& r : receipts)
        items.push_back(encode_receipt(r));
    return state::list_root(items);
}

Hash withdrawals_root(std::span<const Withdrawal> withdrawals) {
    std::vector<Bytes> items;
    items.reserve(withdrawals.size());
    for (const auto& withdrawal : withdrawals) {
        RlpWriter w;
        write_withdrawal(w, withdrawal);
        items.push_back(w.take());
    }
    return state::list_root(items);
}

Hash ommers_hash(std::span<const Header> ommers) {
    RlpWriter w;
    w.list([&] {
        for (const auto& ommer : ommers)
            write_header(w, ommer);
    });
    return crypto::keccak256(w.view());
}

}  // namespace valence::chain
