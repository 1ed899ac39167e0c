// Proofs of accounts and slots against a state root (EIP-1186), and their verification.
#pragma once

#include <span>
#include <vector>

#include "valence/state/reader.hpp"
#include "valence/state/state_error.hpp"

namespace valence::state {

struct SlotProof {
    U256 key;
    /// 0 when the slot is absent, which the proof then shows.
    U256 value;
    /// Nodes from the storage root down; empty when there is no storage at all.
    std::vector<Bytes> proof;
};

struct AccountProof {
    Address address;
    /// Nothing when the account is absent, which the proof then shows.
    std::optional<Account> account;
    Hash storage_root = kEmptyTrieRoot;
    /// Nodes from the state root down; empty when there is no account at all.
    std::vector<Bytes> proof;
    std::vector<SlotProof> slots;
};

/// What the trie with this root holds for a key (hashed already): its value, or nothing when the proof shows
/// that it has none. bad_proof when the nodes do not lead from the root to an answer, or when some are left
/// over. Nodes are untrusted; their encoding is checked as far as the path goes.
Result<std::optional<Bytes>> verify_proof(const Hash& root, const Hash& key, std::span<const Bytes> nodes);

/// Whether all that `proof` claims holds in the state with this root; bad_proof otherwise, saying which part
/// does not.
Result<void> verify_account_proof(const Hash& state_root, const AccountProof& proof);

}  // namespace valence::state
