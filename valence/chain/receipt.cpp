#include "valence/chain/receipt.hpp"

#include "valence/crypto/keccak.hpp"
#include "valence/crypto/keccak_batch.hpp"

namespace valence::chain {
namespace {

using codec::RlpReader;
using codec::RlpWriter;

/// The byte and bit of one of the three positions of an item: the low 11 bits of a pair of bytes of its hash.
struct BloomPosition {
    std::size_t byte;
    std::uint8_t mask;
};

BloomPosition bloom_position(const Hash& hash, std::size_t index) {
    const auto bit = static_cast<std::size_t>((hash[2 * index] & 7) << 8 | hash[2 * index + 1]);
    return {Bloom::kSize - 1 - bit / 8, static_cast<std::uint8_t>(1 << (bit % 8))};
}

/// Adds an item by its keccak256.
void add_hashed(Bloom& bloom, const Hash& hash) {
    for (std::size_t i = 0; i < 3; ++i) {
        const auto [byte, mask] = bloom_position(hash, i);
        bloom.bytes[byte] |= mask;
    }
}

void write_logs(RlpWriter& w, std::span<const evm::Log> logs) {
    w.list([&] {
        for (const auto& log : logs) {
            w.list([&] {
                w.bytes(log.address);
                w.list([&] {
                    for (const auto& topic : log.topics)
                        w.bytes(topic);
                });
                w.bytes(log.data);
            });
        }
    });
}

Result<std::vector<evm::Log>> read_logs(RlpReader items) {
    std::vector<evm::Log> logs;
    while (!items.at_end()) {
        BOOST_OUTCOME_TRY(auto fields, items.list());
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
        logs.push_back(std::move(log));
    }
    return logs;
}

}  // namespace

void Bloom::add(BytesView item) { add_hashed(*this, crypto::keccak256(item)); }

bool Bloom::may_contain(BytesView item) const {
    const auto hash = crypto::keccak256(item);
    for (std::size_t i = 0; i < 3; ++i) {
        const auto [byte, mask] = bloom_position(hash, i);
        if ((bytes[byte] & mask) == 0) return false;
    }
    return true;
}

Bloom& Bloom::operator|=(const Bloom& other) {
    for (std::size_t i = 0; i < kSize; ++i)
        bytes[i] |= other.bytes[i];
    return *this;
}

Bloom logs_bloom(std::span<const evm::Log> logs) {
    Bloom bloom;
    if (logs.empty()) return bloom;
    std::vector<BytesView> items;
    items.reserve(5 * logs.size());
    for (const auto& log : logs) {
        items.emplace_back(log.address);
        for (const auto& topic : log.topics)
            items.emplace_back(topic);
    }
    std::vector<Hash> hashes(items.size());
    crypto::keccak256_batch(items, hashes);
    for (const auto& hash : hashes)
        add_hashed(bloom, hash);
    return bloom;
}

Bytes encode_receipt(const Receipt& receipt) {
    RlpWriter w;
    w.list([&] {
        if (receipt.post_state) {
            w.bytes(*receipt.post_state);
        } else {
            w.u64(receipt.succeeded ? 1 : 0);
        }
        w.u64(receipt.cumulative_gas_used).bytes(receipt.bloom);
        write_logs(w, receipt.logs);
        if (receipt.deposit_nonce) w.u64(*receipt.deposit_nonce).u64(kDepositReceiptVersion);
    });
    auto bytes = w.take();
    if (receipt.type != TransactionType::legacy) {
        bytes.insert(bytes.begin(), static_cast<std::uint8_t>(receipt.type));
    }
    return bytes;
}

Result<Receipt> decode_receipt(BytesView bytes) {
    Receipt receipt;
    if (bytes.empty()) return Error{codec::RlpError::truncated, "receipt"};
    if (bytes[0] < 0xc0) {
        const bool is_known = bytes[0] <= static_cast<std::uint8_t>(TransactionType::set_code) ||
                              bytes[0] == static_cast<std::uint8_t>(TransactionType::system);
        if (bytes[0] == 0 || !is_known) {
            return Error{ChainError::transaction_type_unsupported, "receipt"};
        }
        receipt.type = static_cast<TransactionType>(bytes[0]);
        bytes = bytes.subspan(1);
    }
    BOOST_OUTCOME_TRY(auto fields, RlpReader::of_list(bytes));
    BOOST_OUTCOME_TRY(const auto status, fields.bytes());
    if (status.size() == Hash::kSize) {
        receipt.post_state = base::from_exact<Hash>(status);
    } else {
        BOOST_OUTCOME_TRY(const auto value, codec::rlp_u64(status));
        if (value > 1) return Error{codec::RlpError::integer_too_large, "receipt's status"};
        receipt.succeeded = value == 1;
    }
    BOOST_OUTCOME_TRY(receipt.cumulative_gas_used, fields.u64());
    BOOST_OUTCOME_TRY(receipt.bloom, fields.fixed<Bloom>());
    BOOST_OUTCOME_TRY(const auto logs, fields.list());
    BOOST_OUTCOME_TRY(receipt.logs, read_logs(logs));
    if (receipt.type == TransactionType::system) {
        BOOST_OUTCOME_TRY(receipt.deposit_nonce, fields.u64());
        BOOST_OUTCOME_TRY(const auto version, fields.u64());
        if (version != kDepositReceiptVersion)
            return Error{ChainError::transaction_type_unsupported, "receipt's version"};
    }
    BOOST_OUTCOME_TRYV(fields.finish());
    return receipt;
}

Hash logs_hash(std::span<const evm::Log> logs) {
    RlpWriter w;
    write_logs(w, logs);
    return crypto::keccak256(w.view());
}

}  // namespace valence::chain
