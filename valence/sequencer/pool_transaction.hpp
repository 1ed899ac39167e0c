// PoolTransaction: a transaction on its way into a block, with everything that was worked out about it on
// arrival.
#pragma once

#include <memory>
#include <vector>

#include <boost/unordered/unordered_flat_set.hpp>

#include "valence/base/base.hpp"
#include "valence/chain/system/forced_transaction.hpp"

namespace valence::sequencer {

/// Who answers for the sender.
enum class Authorisation : std::uint8_t {
    /// The sender was recovered from the signature.
    signature,
    /// A dev node was told to act for the sender (impersonation); the signature is a placeholder.
    impersonation,
};

struct PoolTransaction {
    chain::Transaction transaction;
    /// Recovered by whoever took the transaction in, off the chain's thread.
    Address sender;
    Hash hash;
    /// The canonical encoding (EIP-2718): what eth_sendRawTransaction takes, and what the block's trie holds.
    Bytes encoded;
    Authorisation authorisation = Authorisation::signature;
};

/// Decodes the canonical form and recovers the sender: the costly part of taking a transaction in (about 30
/// µs), to be done on many threads. chain::ChainError for what is malformed or not signed properly.
Result<PoolTransaction> decode_pool_transaction(BytesView encoded);

/// The same for each, in order and on the calling thread, for less: recoveries share their inversions.
std::vector<Result<PoolTransaction>> decode_pool_transactions(std::vector<Bytes> encoded);

/// A forced transaction, whose sender is known already.
PoolTransaction pool_transaction(const chain::ForcedTransaction& forced);

/// A transaction of an account whose key nobody here has. The signature's r is 2^160 plus the sender, so that
/// equal transactions of two senders have two hashes.
PoolTransaction impersonated_transaction(chain::Transaction transaction, const Address& sender);

/// Pool, block builder and readers share one copy.
using PooledTransaction = std::shared_ptr<const PoolTransaction>;

using HashSet = boost::unordered_flat_set<Hash, std::hash<Hash>>;

}  // namespace valence::sequencer
