// RpcError: what a JSON-RPC caller is told when a request fails, with the codes that geth uses; and
// Answer<T>, how every fallible function of this module answers.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <boost/outcome/basic_result.hpp>
#include <boost/outcome/policy/terminate.hpp>
#include <boost/outcome/try.hpp>

#include "valence/base/base.hpp"

namespace valence::rpc {

/// Codes of JSON-RPC 2.0 (-327xx, -32600…-32603), of geth (the rest below -32000, and 3) and EIP-1474.
namespace code {
inline constexpr int kParseError = -32700;
inline constexpr int kInvalidRequest = -32600;
inline constexpr int kMethodNotFound = -32601;
inline constexpr int kInvalidParams = -32602;
inline constexpr int kInternal = -32603;
/// Any failure without a code of its own.
inline constexpr int kServer = -32000;
inline constexpr int kTimeout = -32002;
inline constexpr int kResponseTooLarge = -32003;
/// EIP-1474 "limit exceeded": rate limits, caps on filters and subscriptions, results too large.
inline constexpr int kLimitExceeded = -32005;
/// A simulation asks for more inference than this node computes for it.
inline constexpr int kComputeBudget = -32041;
/// A call reverted; `data` is the revert data.
inline constexpr int kReverted = 3;
/// EIP-7966: the receipt did not come in time; `data` is the transaction's hash.
inline constexpr int kReceiptTimeout = 4;
/// History older than the node keeps.
inline constexpr int kPrunedHistory = 4444;
}  // namespace code

struct RpcError {
    int code = code::kServer;
    std::string message;
    /// Rendered JSON for the field `data`; empty when the error carries none.
    std::string data;

    RpcError() = default;
    RpcError(int c, std::string m, std::string d = {}) : code(c), message(std::move(m)), data(std::move(d)) {}

    bool operator==(const RpcError&) const = default;
};

template <typename T>
using Answer = boost::outcome_v2::basic_result<T, RpcError, boost::outcome_v2::policy::terminate>;

/// -32602 with this message.
RpcError invalid_params(std::string message);

/// -32602 "invalid argument N: reason", as geth reports a parameter it cannot decode; N counts from 0.
RpcError invalid_argument(std::size_t index, std::string_view reason);

/// -32602 "missing value for required argument N".
RpcError missing_argument(std::size_t index);

/// -32000 with this message.
RpcError server_error(std::string message);

/// A failure of the node below, as -32000 with its message.
RpcError from_error(const Error& error);

}  // namespace valence::rpc
