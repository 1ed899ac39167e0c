#include "valence/rpc/error.hpp"

#include <fmt/format.h>

namespace valence::rpc {

RpcError invalid_params(std::string message) { return {code::kInvalidParams, std::move(message)}; }

RpcError invalid_argument(std::size_t index, std::string_view reason) {
    return {code::kInvalidParams, fmt::format("invalid argument {}: {}", index, reason)};
}

RpcError missing_argument(std::size_t index) {
    return {code::kInvalidParams, fmt::format("missing value for required argument {}", index)};
}

RpcError server_error(std::string message) { return {code::kServer, std::move(message)}; }

RpcError from_error(const Error& error) { return server_error(error.message()); }

}  // namespace valence::rpc
