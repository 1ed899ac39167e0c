// Fees that callers who name none should pay.
#pragma once

#include "valence/node/node.hpp"

namespace valence::rpc {

/// Suggested tip, wei per gas: the 60th percentile of the lowest tips in recent blocks, as geth's oracle
/// takes it; 1 gwei while there are none.
U256 suggested_tip(const node::Node& node);

/// Base fee of the block after the one with this number, wei per gas; 0 before London.
U256 base_fee_after(const node::Node& node, std::uint64_t number);

}  // namespace valence::rpc
