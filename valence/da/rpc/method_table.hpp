// The methods that the embedded layer serves, one row each: the subset of celestia-node's API that a rollup,
// a light client and an auditor need. Positional parameters.
#pragma once

#include <span>

#include "valence/da/layer/embedded_layer.hpp"
#include "valence/da/rpc/shapes.hpp"

namespace valence::da {

/// What a bearer token must allow (celestia-node's permissions).
enum class Permission : std::uint8_t { read, write };

/// Whether it may take as long as a block of the layer, or longer.
enum class Waits : std::uint8_t { no, yes };

/// Errors as celestia-node's JSON-RPC library numbers them: one for whatever a method itself answers,
/// JSON-RPC's own for the rest.
inline constexpr int kMethodFailed = 1;
inline constexpr int kParseError = -32'700;
inline constexpr int kInvalidRequest = -32'600;
inline constexpr int kMethodNotFound = -32'601;
inline constexpr int kInvalidParameters = -32'602;

struct LayerMethod {
    std::string_view name;
    /// How many parameters it takes.
    std::size_t least = 0;
    std::size_t most = 0;
    Permission permission = Permission::read;
    /// Null where it answers by a channel: over WebSocket only (subscriber.hpp).
    Result<json::value> (*handler)(EmbeddedLayer& layer, const json::array& parameters) = nullptr;
    Waits waits = Waits::no;
};

/// Ordered by name.
std::span<const LayerMethod> layer_methods();
/// Null when there is none.
const LayerMethod* find_layer_method(std::string_view name);

}  // namespace valence::da
