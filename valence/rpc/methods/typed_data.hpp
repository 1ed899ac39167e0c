// EIP-712: the digest of typed structured data.
#pragma once

#include <boost/json/fwd.hpp>

#include "valence/rpc/parameters/decode.hpp"

namespace valence::rpc {

/// keccak256(0x1901 ‖ domain separator ‖ hash of the message) of {types, primaryType, domain, message}.
Decoded<Hash> typed_data_digest(const boost::json::value& data);

}  // namespace valence::rpc
