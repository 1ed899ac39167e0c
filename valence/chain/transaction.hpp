// Transaction: what an account signs and a block carries, in every type Ethereum knows.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "valence/base/base.hpp"
#include "valence/chain/chain_error.hpp"
#include "valence/codec/rlp.hpp"
#include "valence/crypto/secp256k1_recover.hpp"

namespace valence::chain {

/// The first byte of a typed envelope (EIP-2718).
enum class TransactionType : std::uint8_t {
    legacy = 0,
    /// EIP-2930
    access_list = 1,
    /// EIP-1559
    dynamic_fee = 2,
    /// EIP-4844
    blob = 3,
    /// EIP-7702
    set_code = 4,
    /// Of our chain: nobody signs it, its block's rules derive it (system/system_transaction.hpp). The number
    /// and the encoding are those of the OP Stack's deposits.
    system = 0x7e,
};

struct AccessListEntry {
    Address address;
    std::vector<Hash> storage_keys;
    bool operator==(const AccessListEntry&) const = default;
};
using AccessList = std::vector<AccessListEntry>;

/// One account's permission to run another's code (EIP-7702). An invalid one is skipped, not an error.
struct Authorization {
    /// 0 for every chain.
    U256 chain_id;
    Address address;
    std::uint64_t nonce = 0;
    std::uint8_t y_parity = 0;
    U256 r;
    U256 s;
    bool operator==(const Authorization&) const = default;
};

struct Transaction {
    TransactionType type = TransactionType::legacy;
    /// Absent only in legacy transactions signed without replay protection (before EIP-155).
    std::optional<std::uint64_t> chain_id;
    std::uint64_t nonce = 0;
    /// Wei per gas. Types legacy and access_list have one gas price: it stands in both fields.
    U256 max_priority_fee_per_gas;
    U256 max_fee_per_gas;
    std::uint64_t gas_limit = 0;
    /// Absent: a contract creation.
    std::optional<Address> to;
    U256 value;
    Bytes data;
    AccessList access_list;
    /// Wei per blob gas.
    U256 max_fee_per_blob_gas;
    std::vector<Hash> blob_hashes;
    std::vector<Authorization> authorizations;
    /// All zero in a transaction that is not signed (simulations, system transactions).
    crypto::Signature signature;

    // ---- Of system transactions only; they have no nonce, no fees and no signature
    /// Sets apart transactions that are equal otherwise.
    Hash source_hash;
    Address from;

    bool operator==(const Transaction&) const = default;

    bool is_creation() const { return !to.has_value(); }
    bool is_system() const { return type == TransactionType::system; }
    /// Types with a fee cap and a tip.
    bool has_dynamic_fee() const { return type >= TransactionType::dynamic_fee && !is_system(); }
    /// The v field as RLP and JSON-RPC have it: 27/28, EIP-155's, or the y parity.
    U256 v() const;
};

/// What an account signed, from its canonical form: an RLP list for legacy, type byte and RLP list for the
/// others (EIP-2718). System transactions come in blocks only: transaction_type_unsupported.
Result<Transaction> decode_transaction(BytesView bytes);

/// From an item of a block's transaction list: a list for legacy, a string holding the envelope for the
/// others, system transactions among them.
Result<Transaction> decode_transaction_item(const codec::RlpItem& item);

/// The canonical form: what eth_sendRawTransaction takes and the transactions root holds.
Bytes encode_transaction(const Transaction& transaction);

/// Appends the form that stands in a block's transaction list.
void write_transaction_item(codec::RlpWriter& to, const Transaction& transaction);

/// keccak256 of the canonical form.
Hash transaction_hash(const Transaction& transaction);

/// What the sender signs.
Hash signing_hash(const Transaction& transaction);

/// What an authority signs: keccak256(0x05 ‖ rlp([chain id, address, nonce])) (EIP-7702).
Hash authorization_signing_hash(const Authorization& authorization);

/// The account that made the signature; signature_invalid when there is none. Accepts a high s (see EIP-2:
/// validate_transaction refuses it from Homestead on).
Result<Address> recover_sender(const Transaction& transaction);

/// The same question for crypto::recover_addresses, which answers many at once faster than one by one.
crypto::RecoverRequest sender_request(const Transaction& transaction);

/// The account that signed; nothing when the signature is invalid or its s is high.
std::optional<Address> recover_authority(const Authorization& authorization);

/// Puts the signature of `key` into the transaction; the key must be valid.
void sign_transaction(Transaction& transaction, const crypto::PrivateKey& key);

/// What a unit of gas costs the sender in a block with this base fee (EIP-1559). The fee cap covers the base
/// fee.
U256 effective_gas_price(const Transaction& transaction, const U256& base_fee);

/// Blob gas a transaction takes (EIP-4844): 131,072 a blob.
std::uint64_t blob_gas(const Transaction& transaction);

/// CREATE's address: the last 20 bytes of keccak256(rlp([sender, nonce])).
Address creation_address(const Address& sender, std::uint64_t nonce);

}  // namespace valence::chain
