// eth_sendRawTransaction for many at once: the path that carries a chain's load.
#pragma once

#include <span>
#include <vector>

#include <boost/json/fwd.hpp>

#include "valence/base/base.hpp"
#include "valence/rpc/error.hpp"

namespace valence::rpc {

struct Context;

/// Why the node refused a transaction, in geth's words.
RpcError refusal(const Error& error);

struct SendRawRequest {
    /// The transaction's encoding (EIP-2718) as hexadecimal text.
    const boost::json::value* encoded = nullptr;
};

/// Decodes the transactions and recovers their senders in parallel, submits them as one group, and answers
/// for each its hash or why it was refused, in order.
std::vector<Answer<Hash>> send_raw_transactions(Context& context, std::span<const SendRawRequest> requests);

}  // namespace valence::rpc
