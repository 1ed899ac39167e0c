// LogFilter: which logs a caller wants.
#pragma once

#include <optional>
#include <vector>

#include <boost/json/fwd.hpp>

#include "valence/chain/receipt.hpp"
#include "valence/rpc/limits.hpp"
#include "valence/rpc/parameters/block_id.hpp"

namespace valence::rpc {

struct LogFilter {
    /// One block by its hash; the range below is not used then.
    std::optional<Hash> block_hash;
    /// Not given: the head for eth_getLogs, everything from now on for filters and subscriptions.
    std::optional<BlockId> from;
    std::optional<BlockId> to;
    /// Any of these; empty is every address.
    std::vector<Address> addresses;
    /// For each position any of these; an empty position matches every topic that is there.
    std::vector<std::vector<Hash>> topics;

    bool matches(const evm::Log& log) const;
    /// False when no log of the block or receipt with this bloom can match.
    bool may_match(const chain::Bloom& bloom) const;
};

/// From eth_getLogs' object: address (one or a list), topics (nested), blockHash or fromBlock and toBlock.
Decoded<LogFilter> decode_log_filter(const boost::json::value& value, const Limits& limits);

}  // namespace valence::rpc
