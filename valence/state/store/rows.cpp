#include "valence/state/store/rows.hpp"

#include "valence/codec/rlp.hpp"
#include "valence/state/trie/full_root.hpp"

namespace valence::state {
namespace {

void append_block(Bytes& key, std::uint64_t block) {
    for (int shift = 56; shift >= 0; shift -= 8)
        key.push_back(static_cast<std::uint8_t>(block >> shift));
}

Bytes block_key(char table, std::uint64_t block) {
    Bytes key{static_cast<std::uint8_t>(table)};
    append_block(key, block);
    return key;
}

}  // namespace

Bytes slot_row_key(const Address& address, const U256& slot) {
    Bytes key(kSlotRowKeySize);
    std::memcpy(key.data(), address.data(), 20);
    slot.store_be32(key.data() + 20);
    return key;
}

Bytes account_history_key(const Address& address) {
    Bytes key;
    key.reserve(29);
    key.push_back('a');
    base::append(key, address);
    return key;
}

Bytes slot_history_key(const Address& address, const U256& slot) {
    Bytes key;
    key.reserve(61);
    key.push_back('s');
    base::append(key, address);
    base::append(key, slot.to_hash());
    return key;
}

Bytes with_block(BytesView key, std::uint64_t block) {
    Bytes out;
    out.reserve(key.size() + 8);
    base::append(out, key);
    append_block(out, block);
    return out;
}

std::uint64_t block_of_key(BytesView key) { return U256::from_be(key.last(8)).low_u64(); }

Bytes block_info_key(std::uint64_t block) { return block_key('i', block); }

Bytes block_changes_key(std::uint64_t block) { return block_key('c', block); }

Bytes encode_account_row(const StoredAccount& stored) {
    return encode_account_leaf(stored.account, stored.storage_root);
}

std::optional<StoredAccount> decode_account_row(BytesView row) {
    const auto decode = [&]() -> Result<StoredAccount> {
        BOOST_OUTCOME_TRY(auto fields, codec::RlpReader::of_list(row));
        StoredAccount stored;
        BOOST_OUTCOME_TRY(stored.account.nonce, fields.u64());
        BOOST_OUTCOME_TRY(stored.account.balance, fields.u256());
        BOOST_OUTCOME_TRY(stored.storage_root, fields.fixed<Hash>());
        BOOST_OUTCOME_TRY(stored.account.code_hash, fields.fixed<Hash>());
        BOOST_OUTCOME_TRYV(fields.finish());
        return stored;
    };
    auto decoded = decode();
    if (!decoded) return std::nullopt;
    return std::move(decoded).value();
}

}  // namespace valence::state
