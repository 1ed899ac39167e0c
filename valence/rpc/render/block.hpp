// Blocks and headers as JSON, field for field as geth writes them.
#pragma once

#include "valence/rpc/json_writer.hpp"
#include "valence/rpc/lookup.hpp"

namespace valence::rpc {

enum class TransactionForm : std::uint8_t { hashes, objects };

/// The header alone, as eth_getHeaderByNumber and newHeads give it. Of a pending block hash, miner and nonce
/// are null.
void write_header(JsonWriter& out, const sequencer::StoredBlock& block, Sealing sealing = Sealing::sealed);

/// The block: header, size, transactions as hashes or in full, uncles, withdrawals.
void write_block(JsonWriter& out, const sequencer::StoredBlock& block, TransactionForm form,
                 Sealing sealing = Sealing::sealed);

/// The members of that object, without its braces.
void write_block_fields(JsonWriter& out, const sequencer::StoredBlock& block, TransactionForm form,
                        Sealing sealing = Sealing::sealed);

/// [{index, validatorIndex, address, amount}, …]
void write_withdrawals(JsonWriter& out, const std::vector<chain::Withdrawal>& withdrawals);

/// An uncle is shown as a block without transactions.
void write_uncle(JsonWriter& out, const chain::Header& header);

}  // namespace valence::rpc
