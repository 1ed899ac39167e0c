// The answer to a JSON-RPC 2.0 message for the embedded layer, one request or a batch. Total on any text.
#pragma once

#include <string>
#include <string_view>

#include "valence/da/rpc/method_table.hpp"

namespace valence::da {

/// Whether the caller showed the token.
enum class Caller : std::uint8_t { unknown, trusted };

/// The answer with an error.
json::object failed(const json::value& id, int code, std::string_view message);

/// Empty when none is due.
std::string answer_message(EmbeddedLayer& layer, std::string_view message, Caller caller);

}  // namespace valence::da
