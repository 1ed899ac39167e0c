// Follower: keeps a full node at the head of another one's chain. It trusts nothing it gets: every block is
// verified and executed, and a block that breaks a rule ends the following and says which.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include "valence/client/json_rpc_client.hpp"
#include "valence/node/node.hpp"
#include "valence/node/sync_progress.hpp"

namespace valence::node {

struct FollowStatus {
    /// The other node's head when it was last asked.
    std::uint64_t upstream_head = 0;
    /// Why it cannot be asked now.
    std::optional<Error> unreachable;
    /// The block that was refused, and the rule it breaks; following has ended.
    std::optional<Error> refused;
};

struct FollowOptions {
    client::Url upstream;
    /// How often the other node is asked for its head.
    std::chrono::milliseconds every{100};
};

class Follower {
public:
    /// Begins at once. `node` outlives the follower and must build no blocks itself; what is submitted to it
    /// is passed on.
    Follower(Node& node, FollowOptions options);
    ~Follower();

    FollowStatus status() const;
    /// Nothing when the node is at the other one's head, but for blocks that are on their way.
    std::optional<SyncProgress> progress() const;
    /// Told after each change of it, on the follower's thread.
    void on_change(std::function<void(const FollowStatus&)> told);

private:
    void loop(const std::stop_token& stop);
    /// Brings the node to the other one's head. Error: why the other one cannot be asked.
    Result<void> catch_up(const std::stop_token& stop);
    /// A block as the other node has it.
    struct Fetched {
        chain::Block block;
        chain::Supplement supplement;
        /// Encoded.
        std::size_t bytes = 0;
    };
    /// Nothing when it has none with this number any more.
    Result<std::optional<Fetched>> fetch(std::uint64_t number);
    /// The blocks from this number on that are worth having at once; none where the other node has none.
    Result<std::deque<Fetched>> fetch_some(std::uint64_t from, std::uint64_t to);
    Result<void> take_block(Fetched fetched);
    Result<std::uint64_t> upstream_head();
    Result<Hash> upstream_hash(std::uint64_t number);
    /// Goes back to the last block that both have. Error: already_safe when the other's chain is not the one
    /// that the layer gives; it may come round.
    Result<void> find_common_block();
    Result<void> forward();
    void set_status(const std::function<void(FollowStatus&)>& change);

    Node& node_;
    const FollowOptions options_;
    const std::uint64_t first_head_;
    client::JsonRpcClient client_;
    /// The next block cannot be taken in yet: no use in having those after it.
    bool waits_for_model_ = false;

    mutable std::mutex mutex_;  // guards what follows
    std::condition_variable_any changed_;
    FollowStatus status_;
    std::function<void(const FollowStatus&)> told_;
    /// Encoded transactions to be passed on.
    std::deque<Bytes> outgoing_;

    Subscription subscription_;
    std::jthread thread_;
};

}  // namespace valence::node
