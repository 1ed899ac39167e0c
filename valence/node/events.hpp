// What happens on the chain, told to whoever subscribed.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <variant>
#include <vector>

#include "valence/sequencer/pool_transaction.hpp"
#include "valence/sequencer/stored_block.hpp"

namespace valence::node {

/// A block became the head; it is durable and readable already.
struct NewHead {
    sequencer::SharedBlock block;
};
/// Blocks left the chain (reorganisation, revert to a snapshot), newest first. New heads follow where there
/// are any.
struct Unwound {
    std::vector<sequencer::SharedBlock> blocks;
};
/// The pool took these in.
struct PendingTransactions {
    std::vector<sequencer::PooledTransaction> transactions;
};
/// A block could not be made or stored (a full disk, for one). The chain stands still until it can.
struct Trouble {
    Error error;
};
using Event = std::variant<NewHead, Unwound, PendingTransactions, Trouble>;

/// Called on the chain's thread, for PendingTransactions on the submitter's; must be quick and must not call
/// the node's blocking functions.
using EventHandler = std::function<void(const Event&)>;

class EventHub;

/// Ends the subscription when it goes; the handler runs no more once the destructor returned.
class Subscription {
public:
    Subscription() = default;
    Subscription(std::shared_ptr<EventHub> hub, std::uint64_t id) : hub_(std::move(hub)), id_(id) {}
    Subscription(Subscription&& other) noexcept;
    Subscription& operator=(Subscription&& other) noexcept;
    ~Subscription();

private:
    std::shared_ptr<EventHub> hub_;
    std::uint64_t id_ = 0;
};

/// Hands events to the handlers, in the order of subscription.
class EventHub : public std::enable_shared_from_this<EventHub> {
public:
    Subscription subscribe(EventHandler handler);
    void publish(const Event& event);

private:
    friend class Subscription;
    void unsubscribe(std::uint64_t id);

    /// Guards what follows; recursive, so that a handler may end its own subscription.
    std::recursive_mutex mutex_;
    std::uint64_t next_id_ = 1;
    std::vector<std::pair<std::uint64_t, std::shared_ptr<EventHandler>>> handlers_;
};

}  // namespace valence::node
