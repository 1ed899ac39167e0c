// Dispatcher: from the bytes of a JSON-RPC 2.0 message, single or batch, to the bytes of its answer. Total on
// any input; safe on any thread.
//
//   bytes ─► Boost.JSON ─► check the envelope ─► method table ─► handler ─► bytes
//
// Consecutive eth_sendRawTransaction requests of a batch are taken as one group: decoded and their senders
// recovered in parallel, submitted together, so that they can share a block.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "valence/rpc/deadline.hpp"
#include "valence/rpc/subscriptions.hpp"

namespace valence::rpc {

struct Context;
class Peer;

/// When the time of a message is over that comes now (Limits::message_time), or the server stops.
Deadline message_deadline(const Context& context);

/// Appends the answer to `out`; nothing when none is due (notifications, an empty message). Answers the
/// subscriptions that were opened, to be activated once the answer is sent. What the deadline leaves no time
/// for is answered with an error.
OpenedSubscriptions dispatch(Context& context, const std::shared_ptr<Peer>& peer, std::string_view message,
                             std::string& out, const Deadline& deadline);

/// The same, but does and appends nothing when the message asks for what may take seconds.
std::optional<OpenedSubscriptions> dispatch_brief(Context& context, const std::shared_ptr<Peer>& peer,
                                                  std::string_view message, std::string& out,
                                                  const Deadline& deadline);

/// Appends an error for every request of a message that wants an answer, without doing what it asks: the node
/// has too much to send already.
void turn_away(Context& context, std::string_view message, std::string& out);

}  // namespace valence::rpc
