// Roots made from scratch, from all leaves of a trie: short and clear. The incremental trie is held against
// it; the roots of transactions, receipts and withdrawals, and of states held in memory, are made by it.
#pragma once

#include <map>
#include <span>

#include "valence/state/reader.hpp"

namespace valence::state {

struct Leaf {
    Bytes key;
    /// Not empty: an empty value is no leaf.
    Bytes value;
};

/// The root of the trie with these leaves: keys ascending, no two equal, of any lengths (as they are: not
/// hashed).
Hash trie_root(std::span<const Leaf> leaves);

/// The root of the trie that maps keccak256(key) to the value, for keys in any order, no two equal.
Hash secure_trie_root(std::span<const Leaf> leaves);

/// The root of the trie that maps rlp(index) to each item, as block headers commit to transactions, receipts
/// and withdrawals.
Hash list_root(std::span<const Bytes> items);
Hash list_root(std::span<const BytesView> items);

/// What the account trie holds for an account: RLP of nonce, balance, storage root and code hash.
Bytes encode_account_leaf(const Account&, const Hash& storage_root);

/// The root of a storage trie: keccak256(slot) to RLP of the value, slots that are 0 left out.
Hash storage_root(const std::map<U256, U256>& slots);

/// An account with everything it holds, for the root of a whole state.
struct FullAccount {
    Account account;
    std::map<U256, U256> storage;
};

/// The state root of a whole state held in memory. Every account given is in it, empty or not.
Hash compute_state_root(const std::map<Address, FullAccount>& accounts);

}  // namespace valence::state
