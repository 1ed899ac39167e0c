// Finding logs in blocks.
#pragma once

#include <functional>

#include "valence/node/node.hpp"
#include "valence/rpc/deadline.hpp"
#include "valence/rpc/error.hpp"
#include "valence/rpc/json_writer.hpp"
#include "valence/rpc/parameters/log_filter.hpp"

namespace valence::rpc {

/// Takes a log that matches: its block, its transaction's index, the log and its index within the block.
/// False stops.
using LogSink =
    std::function<bool(const sequencer::StoredBlock&, std::size_t, const evm::Log&, std::uint64_t)>;

/// Hands the block's matching logs to `sink`, in order; false when it stopped. Blooms are asked first.
bool scan_block(const sequencer::StoredBlock& block, const LogFilter& filter, const LogSink& sink);

/// The same for canonical blocks `first` to `last`. Error: timed_out at the deadline.
Answer<bool> scan_blocks(const node::ChainReader& chain, std::uint64_t first, std::uint64_t last,
                         const LogFilter& filter, const Deadline& deadline, const LogSink& sink);

/// All logs a filter asks for (eth_getLogs), with the limits of `limits` and geth's errors for ranges that
/// make no sense.
Answer<void> write_logs(JsonWriter& out, const node::Node& node, const LogFilter& filter,
                        const Limits& limits, const Deadline& deadline = {});

}  // namespace valence::rpc
