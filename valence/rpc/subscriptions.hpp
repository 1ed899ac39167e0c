// SubscriptionHub: eth_subscribe. One thread takes the node's events, writes each notification once and hands
// it to the peers that want it; a peer too slow to take it is cut off by its connection.
#pragma once

#include <condition_variable>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include "valence/node/node.hpp"
#include "valence/rpc/error.hpp"
#include "valence/rpc/filters.hpp"
#include "valence/rpc/limits.hpp"
#include "valence/rpc/peer.hpp"

namespace valence::rpc {

struct NewHeadsTopic {};
struct SyncingTopic {};
using SubscriptionTopic = std::variant<NewHeadsTopic, LogFilter, PendingFilter, SyncingTopic>;

/// Subscriptions opened while a message was handled. They stay silent until `activate`, which the connection
/// calls once the answer that tells their ids is on its way.
using OpenedSubscriptions = std::vector<std::string>;

class SubscriptionHub {
public:
    SubscriptionHub(node::Node& node, const Limits& limits);
    ~SubscriptionHub();
    /// Ends all delivery; to be called before the connections go. May be called again.
    void stop();
    SubscriptionHub(const SubscriptionHub&) = delete;
    SubscriptionHub& operator=(const SubscriptionHub&) = delete;

    /// The new subscription's id; kLimitExceeded when the peer has too many.
    Answer<std::string> open(const std::shared_ptr<Peer>& peer, SubscriptionTopic topic);
    void activate(const OpenedSubscriptions& ids);
    /// False when the peer has no such subscription.
    bool close(const Peer& peer, std::string_view id);
    /// Closes all of a peer that left.
    void drop(const Peer& peer);
    std::size_t size() const;

private:
    struct Subscription {
        std::weak_ptr<Peer> peer;
        const Peer* owner = nullptr;
        std::shared_ptr<const SubscriptionTopic> topic;
        bool active = false;
    };

    using Subscriptions = std::map<std::string, Subscription, std::less<>>;

    void forget(const Subscription& subscription);
    void on_event(const node::Event& event);
    void run();
    void deliver(const node::Event& event);
    template <typename Topic, typename Write>
    void notify_all(Write&& write);

    const Limits limits_;
    /// Guards what follows.
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    Subscriptions subscriptions_;
    /// Addresses and topics of all subscriptions.
    std::size_t criteria_ = 0;
    std::deque<node::Event> events_;
    bool stopping_ = false;
    std::thread thread_;
    /// Last: the handler runs no more once it is gone.
    node::Subscription source_;
};

}  // namespace valence::rpc
