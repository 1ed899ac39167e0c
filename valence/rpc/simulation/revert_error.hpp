// What callers are told of a revert.
#pragma once

#include "valence/base/base.hpp"
#include "valence/rpc/error.hpp"

namespace valence::rpc::simulation {

/// What eth_call and eth_estimateGas answer to a revert: code 3, "execution reverted: reason", the data.
RpcError revert_error(BytesView output);

}  // namespace valence::rpc::simulation
