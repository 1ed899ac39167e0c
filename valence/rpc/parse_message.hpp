// From the bytes of a message to JSON values, within bounds on what they may become: 32 MiB of "0,0,0,…"
// would be a gigabyte of values, and the hash of Boost.JSON's objects lets whoever chooses the keys have each
// of them compared with all others, which takes minutes for 100,000.
#pragma once

#include <cstdint>
#include <string_view>
#include <variant>

#include <boost/json.hpp>

#include "valence/rpc/limits.hpp"

namespace valence::rpc {

/// Members of one object, at most. Several large ones together may have as many as leave the sum of their
/// squares within that of this, which is about a second where all keys of each have one hash.
inline constexpr std::size_t kMostMembers = 10'000;
/// Bytes of a key: a comparison of two that differ at their ends takes as long as they are.
inline constexpr std::size_t kMostKeyBytes = 256;

enum class MessageFault : std::uint8_t {
    /// No JSON, or nested too deep.
    malformed,
    /// More values and keys than `Limits::json_values`, larger objects than `kMostMembers` allows, or a key
    /// that is longer than `kMostKeyBytes`.
    too_many_values,
};

/// The values live in `memory`.
std::variant<boost::json::value, MessageFault> parse_message(std::string_view message, const Limits& limits,
                                                             boost::json::storage_ptr memory);

}  // namespace valence::rpc
