// LogFilter: which logs a caller wants.
#pragma once

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include <boost/json/fwd.hpp>

#include "valence/chain/receipt.hpp"
#include "valence/rpc/limits.hpp"
#include "valence/rpc/parameters/block_id.hpp"

namespace valence::rpc {

/// The bits of an item in a bloom, worked out once: scans ask thousands of blooms.
struct BloomBits {
    struct Bit {
        std::uint8_t byte = 0;
        std::uint8_t mask = 0;
    };
    std::array<Bit, 3> bits;

    static BloomBits of(BytesView item);
    bool may_be_in(const chain::Bloom& bloom) const {
        return std::all_of(bits.begin(), bits.end(),
                           [&](const Bit& bit) { return (bloom.bytes[bit.byte] & bit.mask) == bit.mask; });
    }
};

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
    /// False when no log of the block or receipt with this bloom can match. Always true until `prepare` was
    /// called.
    bool may_match(const chain::Bloom& bloom) const;
    /// To be called when the criteria stand.
    void prepare();
    /// How many addresses and topics it holds.
    std::size_t weight() const;

private:
    /// What a bloom must have one of each of.
    std::vector<std::vector<BloomBits>> wanted_;
};

/// From eth_getLogs' object: address (one or a list), topics (nested), blockHash or fromBlock and toBlock.
Decoded<LogFilter> decode_log_filter(const boost::json::value& value, const Limits& limits);

}  // namespace valence::rpc
