#include "valence/chain/transaction.hpp"

#include "valence/chain/signing_message.hpp"
#include "valence/crypto/keccak.hpp"

namespace valence::chain {
namespace {

using codec::RlpReader;
using codec::RlpWriter;

constexpr std::uint64_t kGasPerBlob = 131'072;
constexpr std::uint8_t kAuthorizationMagic = 0x05;

bool is_unsigned(const Transaction& t) { return t.signature.r.is_zero() && t.signature.s.is_zero(); }

// ---- Decoding

Result<std::optional<Address>> read_recipient(RlpReader& fields) {
    BOOST_OUTCOME_TRY(const auto bytes, fields.bytes());
    if (bytes.empty()) return std::optional<Address>{};
    if (bytes.size() != Address::kSize) return Error{codec::RlpError::wrong_length, "recipient"};
    return std::optional{base::from_exact<Address>(bytes)};
}

Result<AccessList> read_access_list(RlpReader entries) {
    AccessList list;
    while (!entries.at_end()) {
        BOOST_OUTCOME_TRY(auto fields, entries.list());
        AccessListEntry entry;
        BOOST_OUTCOME_TRY(entry.address, fields.fixed<Address>());
        BOOST_OUTCOME_TRY(auto keys, fields.list());
        while (!keys.at_end()) {
            BOOST_OUTCOME_TRY(const auto key, keys.fixed<Hash>());
            entry.storage_keys.push_back(key);
        }
        BOOST_OUTCOME_TRYV(fields.finish());
        list.push_back(std::move(entry));
    }
    return list;
}

Result<std::vector<Authorization>> read_authorizations(RlpReader entries) {
    std::vector<Authorization> list;
    while (!entries.at_end()) {
        BOOST_OUTCOME_TRY(auto fields, entries.list());
        Authorization a;
        BOOST_OUTCOME_TRY(a.chain_id, fields.u256());
        BOOST_OUTCOME_TRY(a.address, fields.fixed<Address>());
        BOOST_OUTCOME_TRY(a.nonce, fields.u64());
        BOOST_OUTCOME_TRY(const auto parity, fields.u64());
        if (parity > 0xff) return Error{codec::RlpError::integer_too_large, "authorization's y parity"};
        a.y_parity = static_cast<std::uint8_t>(parity);
        BOOST_OUTCOME_TRY(a.r, fields.u256());
        BOOST_OUTCOME_TRY(a.s, fields.u256());
        BOOST_OUTCOME_TRYV(fields.finish());
        list.push_back(a);
    }
    return list;
}

Result<Transaction> read_legacy(RlpReader fields) {
    Transaction t;
    BOOST_OUTCOME_TRY(t.nonce, fields.u64());
    BOOST_OUTCOME_TRY(t.max_fee_per_gas, fields.u256());
    t.max_priority_fee_per_gas = t.max_fee_per_gas;
    BOOST_OUTCOME_TRY(t.gas_limit, fields.u64());
    BOOST_OUTCOME_TRY(t.to, read_recipient(fields));
    BOOST_OUTCOME_TRY(t.value, fields.u256());
    BOOST_OUTCOME_TRY(const auto data, fields.bytes());
    t.data = base::to_bytes(data);
    BOOST_OUTCOME_TRY(const auto v, fields.u256());
    BOOST_OUTCOME_TRY(t.signature.r, fields.u256());
    BOOST_OUTCOME_TRY(t.signature.s, fields.u256());
    BOOST_OUTCOME_TRYV(fields.finish());
    // Nobody can have signed so, and unsigned transactions are written with another v.
    if (is_unsigned(t)) return Error{ChainError::signature_invalid, "r and s are 0"};
    // EIP-155: v is 27 or 28, or 35 or 36 plus twice the chain id.
    if (!v.fits_u64()) return Error{ChainError::signature_invalid, "v of more than 64 bits"};
    const auto low = v.low_u64();
    if (low == 27 || low == 28) {
        t.signature.y_odd = low == 28;
    } else if (low >= 35) {
        t.chain_id = (low - 35) / 2;
        t.signature.y_odd = (low - 35) % 2 != 0;
    } else {
        return Error{ChainError::signature_invalid, "v is " + std::to_string(low)};
    }
    return t;
}

Result<Transaction> read_typed(TransactionType type, RlpReader fields) {
    Transaction t;
    t.type = type;
    BOOST_OUTCOME_TRY(t.chain_id, fields.u64());
    BOOST_OUTCOME_TRY(t.nonce, fields.u64());
    BOOST_OUTCOME_TRY(t.max_priority_fee_per_gas, fields.u256());
    if (t.has_dynamic_fee()) {
        BOOST_OUTCOME_TRY(t.max_fee_per_gas, fields.u256());
    } else {
        t.max_fee_per_gas = t.max_priority_fee_per_gas;
    }
    BOOST_OUTCOME_TRY(t.gas_limit, fields.u64());
    BOOST_OUTCOME_TRY(t.to, read_recipient(fields));
    BOOST_OUTCOME_TRY(t.value, fields.u256());
    BOOST_OUTCOME_TRY(const auto data, fields.bytes());
    t.data = base::to_bytes(data);
    BOOST_OUTCOME_TRY(const auto access_list, fields.list());
    BOOST_OUTCOME_TRY(t.access_list, read_access_list(access_list));
    if (type == TransactionType::blob) {
        if (t.is_creation()) return Error{ChainError::blob_creates_contract};
        BOOST_OUTCOME_TRY(t.max_fee_per_blob_gas, fields.u256());
        BOOST_OUTCOME_TRY(auto hashes, fields.list());
        while (!hashes.at_end()) {
            BOOST_OUTCOME_TRY(const auto hash, hashes.fixed<Hash>());
            t.blob_hashes.push_back(hash);
        }
    }
    if (type == TransactionType::set_code) {
        if (t.is_creation()) return Error{ChainError::set_code_creates_contract};
        BOOST_OUTCOME_TRY(const auto authorizations, fields.list());
        BOOST_OUTCOME_TRY(t.authorizations, read_authorizations(authorizations));
    }
    BOOST_OUTCOME_TRY(const auto parity, fields.u256());
    if (parity > U256{1}) return Error{ChainError::signature_invalid, "y parity is " + parity.to_decimal()};
    t.signature.y_odd = parity == U256{1};
    BOOST_OUTCOME_TRY(t.signature.r, fields.u256());
    BOOST_OUTCOME_TRY(t.signature.s, fields.u256());
    BOOST_OUTCOME_TRYV(fields.finish());
    return t;
}

/// Mint and the flag of OP's own are there and empty: nothing is minted, and all gas counts.
Result<Transaction> read_system(RlpReader fields) {
    Transaction t;
    t.type = TransactionType::system;
    BOOST_OUTCOME_TRY(t.source_hash, fields.fixed<Hash>());
    BOOST_OUTCOME_TRY(t.from, fields.fixed<Address>());
    BOOST_OUTCOME_TRY(t.to, read_recipient(fields));
    BOOST_OUTCOME_TRY(const auto mint, fields.bytes());
    BOOST_OUTCOME_TRY(t.value, fields.u256());
    BOOST_OUTCOME_TRY(t.gas_limit, fields.u64());
    BOOST_OUTCOME_TRY(const auto is_system, fields.bytes());
    BOOST_OUTCOME_TRY(const auto data, fields.bytes());
    t.data = base::to_bytes(data);
    BOOST_OUTCOME_TRYV(fields.finish());
    if (!mint.empty()) return Error{ChainError::transaction_malformed, "mint"};
    if (!is_system.empty()) return Error{ChainError::transaction_malformed, "isSystemTx"};
    return t;
}

// ---- Encoding

void write_recipient(RlpWriter& w, const Transaction& t) { w.bytes(t.to ? BytesView{*t.to} : BytesView{}); }

void write_access_list(RlpWriter& w, const AccessList& list) {
    w.list([&] {
        for (const auto& entry : list) {
            w.list([&] {
                w.bytes(entry.address);
                w.list([&] {
                    for (const auto& key : entry.storage_keys)
                        w.bytes(key);
                });
            });
        }
    });
}

void write_authorizations(RlpWriter& w, const std::vector<Authorization>& list) {
    w.list([&] {
        for (const auto& a : list) {
            w.list([&] {
                w.u256(a.chain_id).bytes(a.address).u64(a.nonce).u64(a.y_parity).u256(a.r).u256(a.s);
            });
        }
    });
}

/// The fields of any type up to, without, the signature.
void write_unsigned_fields(RlpWriter& w, const Transaction& t) {
    if (t.type == TransactionType::legacy) {
        w.u64(t.nonce).u256(t.max_fee_per_gas).u64(t.gas_limit);
        write_recipient(w, t);
        w.u256(t.value).bytes(t.data);
        return;
    }
    w.u64(t.chain_id.value_or(0)).u64(t.nonce);
    if (t.has_dynamic_fee()) w.u256(t.max_priority_fee_per_gas);
    w.u256(t.max_fee_per_gas).u64(t.gas_limit);
    write_recipient(w, t);
    w.u256(t.value).bytes(t.data);
    write_access_list(w, t.access_list);
    if (t.type == TransactionType::blob) {
        w.u256(t.max_fee_per_blob_gas).list([&] {
            for (const auto& hash : t.blob_hashes)
                w.bytes(hash);
        });
    }
    if (t.type == TransactionType::set_code) write_authorizations(w, t.authorizations);
}

void write_system_fields(RlpWriter& w, const Transaction& t) {
    w.bytes(t.source_hash).bytes(t.from);
    write_recipient(w, t);
    w.bytes({}).u256(t.value).u64(t.gas_limit).bytes({}).bytes(t.data);
}

void write_signed_list(RlpWriter& w, const Transaction& t) {
    w.list([&] {
        if (t.is_system()) return write_system_fields(w, t);
        write_unsigned_fields(w, t);
        w.u256(t.v()).u256(t.signature.r).u256(t.signature.s);
    });
}

std::optional<Address> recover(const Hash& digest, const U256& r, const U256& s, std::uint8_t y_parity) {
    if (y_parity > 1) return std::nullopt;
    return crypto::recover_address(digest, r, s, y_parity == 1);
}

}  // namespace

U256 Transaction::v() const {
    const auto parity = U256{signature.y_odd ? 1u : 0u};
    if (type != TransactionType::legacy || is_unsigned(*this)) return parity;
    if (!chain_id) return parity + U256{27};
    return U256{*chain_id} * U256{2} + U256{35} + parity;
}

Result<Transaction> decode_transaction(BytesView bytes) {
    if (bytes.empty()) return Error{ChainError::transaction_malformed, "empty"};
    if (bytes[0] >= 0xc0) {
        BOOST_OUTCOME_TRY(const auto fields, RlpReader::of_list(bytes));
        return read_legacy(fields);
    }
    const auto type = bytes[0];
    if (type == 0 || type > static_cast<std::uint8_t>(TransactionType::set_code)) {
        return Error{ChainError::transaction_type_unsupported};
    }
    BOOST_OUTCOME_TRY(const auto fields, RlpReader::of_list(bytes.subspan(1)));
    return read_typed(static_cast<TransactionType>(type), fields);
}

Result<Transaction> decode_transaction_item(const codec::RlpItem& item) {
    if (item.is_list()) return read_legacy(RlpReader{item.payload});
    if (!item.payload.empty() && item.payload[0] >= 0xc0) {
        return Error{ChainError::transaction_malformed, "legacy transaction wrapped in a string"};
    }
    if (!item.payload.empty() && item.payload[0] == static_cast<std::uint8_t>(TransactionType::system)) {
        BOOST_OUTCOME_TRY(const auto fields, RlpReader::of_list(item.payload.subspan(1)));
        return read_system(fields);
    }
    return decode_transaction(item.payload);
}

Bytes encode_transaction(const Transaction& transaction) {
    RlpWriter w;
    w.reserve(transaction.data.size() + 256);
    if (transaction.type == TransactionType::legacy) {
        write_signed_list(w, transaction);
        return w.take();
    }
    write_signed_list(w, transaction);
    auto bytes = w.take();
    bytes.insert(bytes.begin(), static_cast<std::uint8_t>(transaction.type));
    return bytes;
}

void write_transaction_item(RlpWriter& to, const Transaction& transaction) {
    const auto bytes = encode_transaction(transaction);
    if (transaction.type == TransactionType::legacy) {
        to.raw(bytes);
    } else {
        to.bytes(bytes);
    }
}

Hash transaction_hash(const Transaction& transaction) {
    return crypto::keccak256(encode_transaction(transaction));
}

Bytes signing_message(const Transaction& transaction) {
    RlpWriter w;
    w.reserve(transaction.data.size() + 256);
    w.list([&] {
        write_unsigned_fields(w, transaction);
        if (transaction.type == TransactionType::legacy && transaction.chain_id) {
            w.u64(*transaction.chain_id).u64(0).u64(0);
        }
    });
    auto bytes = w.take();
    if (transaction.type != TransactionType::legacy) {
        bytes.insert(bytes.begin(), static_cast<std::uint8_t>(transaction.type));
    }
    return bytes;
}

Hash signing_hash(const Transaction& transaction) { return crypto::keccak256(signing_message(transaction)); }

Hash authorization_signing_hash(const Authorization& authorization) {
    RlpWriter w;
    w.list([&] { w.u256(authorization.chain_id).bytes(authorization.address).u64(authorization.nonce); });
    auto bytes = w.take();
    bytes.insert(bytes.begin(), kAuthorizationMagic);
    return crypto::keccak256(bytes);
}

Result<Address> recover_sender(const Transaction& transaction) {
    const auto& signature = transaction.signature;
    const auto sender = recover(signing_hash(transaction), signature.r, signature.s, signature.y_odd ? 1 : 0);
    if (!sender) return Error{ChainError::signature_invalid};
    return *sender;
}

crypto::RecoverRequest sender_request(const Transaction& transaction) {
    return {signing_hash(transaction), transaction.signature};
}

std::optional<Address> recover_authority(const Authorization& a) {
    if (a.s > crypto::kSecp256k1HalfOrder) return std::nullopt;
    return recover(authorization_signing_hash(a), a.r, a.s, a.y_parity);
}

void sign_transaction(Transaction& transaction, const crypto::PrivateKey& key) {
    const auto signature = crypto::sign(signing_hash(transaction), key);
    VALENCE_CHECK(signature.has_value());
    transaction.signature = *signature;
}

U256 effective_gas_price(const Transaction& transaction, const U256& base_fee) {
    if (!transaction.has_dynamic_fee() || transaction.max_fee_per_gas < base_fee)
        return transaction.max_fee_per_gas;
    return base_fee + std::min(transaction.max_priority_fee_per_gas, transaction.max_fee_per_gas - base_fee);
}

std::uint64_t blob_gas(const Transaction& transaction) {
    return kGasPerBlob * transaction.blob_hashes.size();
}

Address creation_address(const Address& sender, std::uint64_t nonce) {
    RlpWriter w;
    w.list([&] { w.bytes(sender).u64(nonce); });
    return base::from_right_aligned<Address>(crypto::keccak256(w.view()));
}

}  // namespace valence::chain
