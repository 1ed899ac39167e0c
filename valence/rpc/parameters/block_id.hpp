// BlockId: how a caller names a block: a number, a tag, or a hash (EIP-1898).
#pragma once

#include <variant>

#include <boost/json/fwd.hpp>

#include "valence/rpc/parameters/decode.hpp"

namespace valence::rpc {

enum class BlockTag : std::uint8_t { earliest, latest, pending, safe, finalized };

struct BlockByHash {
    Hash hash;
    /// Refuse a block that is not on the canonical chain.
    bool require_canonical = false;
    bool operator==(const BlockByHash&) const = default;
};

using BlockId = std::variant<BlockTag, std::uint64_t, BlockByHash>;

/// A number or a tag only.
Decoded<BlockId> decode_block_number(const boost::json::value& value);

/// Any of them: a number, a tag, a bare hash, or {blockNumber} or {blockHash, requireCanonical}.
Decoded<BlockId> decode_block_id(const boost::json::value& value);

}  // namespace valence::rpc
