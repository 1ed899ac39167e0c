// What a node answered to one JSON-RPC 2.0 request.
#pragma once

#include <string_view>

#include <boost/json.hpp>

#include "valence/base/result.hpp"
#include "valence/client/client_error.hpp"

namespace valence::client {

/// The "result" of an answer's text. Errors: error_answer with the node's message, its code in parentheses,
/// and the data that a contract reverted with; bad_answer. Total on any text.
Result<boost::json::value> read_answer(std::string_view body);

}  // namespace valence::client
