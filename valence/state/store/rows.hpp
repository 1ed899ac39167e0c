// The rows of the state's tables: how keys and values are written.
//
//     accounts   address                        leaf value of the account trie
//     storage    address · slot                 value, minimal big-endian
//     code       hash                           code
//     trie       see node_source.hpp            see node_record.hpp
//     history    'a' · address · block          the row of `accounts` before that block; empty when there was
//     none
//                's' · address · slot · block   the row of `storage` before that block; empty when there was
//                none
//     blocks     'i' · block                    block hash · state root
//                'c' · block                    keys of `history` that belong to the block, without their
//                block
//     meta       "schema", "head", "oldest", "loading"
//
// Block numbers are 8 bytes, big-endian, so that rows of one key stand in the order of blocks.
#pragma once

#include "valence/state/store/flat_cache.hpp"

namespace valence::state {

inline constexpr std::size_t kSlotRowKeySize = 52;

/// In `meta`: the oldest block that can be read, 8 bytes.
inline constexpr std::string_view kOldestKey = "oldest";

/// Keys.
Bytes slot_row_key(const Address&, const U256& slot);
Bytes account_history_key(const Address&);
Bytes slot_history_key(const Address&, const U256& slot);
Bytes with_block(BytesView key, std::uint64_t block);
std::uint64_t block_of_key(BytesView key);
Bytes block_info_key(std::uint64_t block);
Bytes block_changes_key(std::uint64_t block);

/// Values.
Bytes encode_account_row(const StoredAccount&);
/// Nothing when the bytes are no account.
std::optional<StoredAccount> decode_account_row(BytesView);
inline Bytes encode_slot_row(const U256& value) { return value.to_minimal_be(); }
inline U256 decode_slot_row(BytesView row) {
    return U256::from_be(row.first(std::min<std::size_t>(row.size(), 32)));
}

/// Visits the history keys in a row of the table `blocks`; false when it is no such row.
template <typename Visit>
bool visit_changed_keys(BytesView row, Visit&& visit) {
    while (!row.empty()) {
        const std::size_t size = row[0] == 'a' ? 21 : row[0] == 's' ? 1 + kSlotRowKeySize : 0;
        if (size == 0 || size > row.size()) return false;
        visit(row.first(size));
        row = row.subspan(size);
    }
    return true;
}

}  // namespace valence::state
