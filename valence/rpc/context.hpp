// Context: what all methods share, made once by the server and alive as long as it.
#pragma once

#include <atomic>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "valence/node/node.hpp"
#include "valence/node/sync_progress.hpp"
#include "valence/rpc/filters.hpp"
#include "valence/rpc/limits.hpp"
#include "valence/rpc/metrics.hpp"
#include "valence/rpc/subscriptions.hpp"

namespace valence::node {
class DaAccess;
}

namespace valence::rpc {

enum class Mode : std::uint8_t {
    /// Serves what is safe for anybody to call.
    open,
    /// Serves the dev helpers too (anvil_*, hardhat_*, evm_*), and signs with the dev accounts' keys.
    dev,
};

/// Told what contracts wrote with console.log in a run that is in no block, and the method that ran them; on
/// any worker.
using ConsoleSink = std::function<void(std::string_view method, const std::vector<std::string>& lines)>;

/// How far behind a known head the node is; nothing when it is not.
using SyncSource = std::function<std::optional<node::SyncProgress>()>;

struct Context {
    node::Node& node;
    Limits limits;
    Mode mode = Mode::open;
    /// What web3_clientVersion answers.
    std::string client_version;
    /// What valence_getGenesis answers: the file that the chain can be begun from; may be empty.
    std::string genesis_json;
    /// Null when nobody listens; then runs are not watched, which is faster.
    ConsoleSink console;
    /// Null on a node that neither posts to data availability nor derives from it.
    std::shared_ptr<const node::DaAccess> da;
    /// Null on a node that follows nobody.
    SyncSource syncing;
    Metrics metrics;
    FilterStore filters;
    SubscriptionHub subscriptions;
    /// Bytes of answers and notifications that wait to be sent.
    std::atomic<std::size_t> waiting_answer_bytes{0};
    /// Bytes of requests that are being received, wait or run, as far as they count.
    std::atomic<std::size_t> request_bytes{0};
    /// eth_sendRawTransactionSync requests that wait for their receipt.
    std::atomic<std::size_t> sync_sends{0};
    /// Set when the server stops: whoever waits inside a method gives up.
    std::atomic<bool> stopping{false};

    Context(node::Node& n, Limits l, Mode m, std::string version)
        : node(n),
          limits(l),
          mode(m),
          client_version(std::move(version)),
          filters(n, limits),
          subscriptions(n, limits) {}
};

}  // namespace valence::rpc
