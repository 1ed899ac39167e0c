// Receipts and logs as JSON, field for field as geth writes them.
#pragma once

#include "valence/chain/rule_set.hpp"
#include "valence/rpc/json_writer.hpp"
#include "valence/sequencer/stored_block.hpp"

namespace valence::rpc {

/// The receipt of the transaction at `index`.
void write_receipt(JsonWriter& out, const sequencer::StoredBlock& block, std::size_t index,
                   const chain::RuleSet& rules);

/// Whether a log is reported because its block joined the chain, or because it left it.
enum class LogFate : std::uint8_t { included, removed };

/// The log at `log_index` (within the block) of the transaction at `transaction_index`.
void write_log(JsonWriter& out, const sequencer::StoredBlock& block, std::size_t transaction_index,
               const evm::Log& log, std::uint64_t log_index, LogFate fate = LogFate::included);

}  // namespace valence::rpc
