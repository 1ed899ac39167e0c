// Transactions as JSON, field for field as geth writes them.
#pragma once

#include "valence/rpc/json_writer.hpp"
#include "valence/rpc/lookup.hpp"
#include "valence/sequencer/pool_transaction.hpp"

namespace valence::rpc {

/// The transaction at an index of a block; of a pending block, as one that is in no block yet.
void write_transaction(JsonWriter& out, const sequencer::StoredBlock& block, std::size_t index,
                       Sealing sealing = Sealing::sealed);

/// One that waits in the pool: blockHash, blockNumber, transactionIndex are null, gasPrice the fee cap.
void write_pending_transaction(JsonWriter& out, const sequencer::PoolTransaction& transaction);

/// [{address, storageKeys}, …]
void write_access_list(JsonWriter& out, const chain::AccessList& list);

/// Where a transaction is included, and what it then pays.
struct Inclusion {
    Hash block_hash;
    std::uint64_t block_number = 0;
    std::uint64_t block_timestamp = 0;
    std::uint64_t index = 0;
    U256 effective_gas_price;
};

/// Any transaction.
void write_transaction(JsonWriter& out, const chain::Transaction& transaction, const Hash& hash,
                       const Address& sender, const std::optional<Inclusion>& inclusion);

}  // namespace valence::rpc
