// Comparing answers: members of objects in any order.
#pragma once

#include <string>

#include <boost/json/fwd.hpp>

namespace valence::rpc_compat {

/// Where two values differ first, as a path with both values; empty when they are equal.
std::string difference(const boost::json::value& expected, const boost::json::value& actual);

/// Whether the answer is of the same kind: a result or an error, of the same JSON type, an object with at
/// least the members of the expected one. Empty when it is.
std::string shape_difference(const boost::json::value& expected, const boost::json::value& actual);

}  // namespace valence::rpc_compat
