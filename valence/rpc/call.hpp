// Call: one request as a method's handler sees it.
#pragma once

#include <memory>

#include "valence/rpc/deadline.hpp"
#include "valence/rpc/error.hpp"
#include "valence/rpc/json_writer.hpp"
#include "valence/rpc/parameters/parameters.hpp"
#include "valence/rpc/subscriptions.hpp"

namespace valence::rpc {

struct Context;
class Peer;

struct Call {
    Context& context;
    /// The name it was called by: some handlers serve one thing under several.
    std::string_view method;
    Parameters parameters;
    /// Where the result goes: exactly one JSON value, unless the handler answers an error.
    JsonWriter& result;
    /// Null where requests do not come over a connection (tests, fuzzers).
    const std::shared_ptr<Peer>& peer;
    /// When the whole message's time is over.
    const Deadline& deadline;
    /// Subscriptions this call opens.
    OpenedSubscriptions& opened;
};

/// Writes the result, or answers why there is none; what was written before an error is dropped.
using Handler = Answer<void> (*)(Call&);

}  // namespace valence::rpc
