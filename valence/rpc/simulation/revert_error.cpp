#include "valence/rpc/simulation/revert_error.hpp"

#include <fmt/format.h>

#include "valence/codec/abi.hpp"

namespace valence::rpc::simulation {

RpcError revert_error(BytesView output) {
    std::string message = "execution reverted";
    if (const auto reason = codec::abi_revert_reason(output)) message += ": " + *reason;
    return {code::kReverted, std::move(message), fmt::format("\"{}\"", base::to_hex_prefixed(output))};
}

}  // namespace valence::rpc::simulation
