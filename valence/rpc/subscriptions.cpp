#include "valence/rpc/subscriptions.hpp"

#include <unordered_map>

#include <spdlog/spdlog.h>

#include "valence/rpc/logs.hpp"
#include "valence/rpc/render/block.hpp"
#include "valence/rpc/render/receipt.hpp"
#include "valence/rpc/render/transaction.hpp"

namespace valence::rpc {

namespace {

/// Events that wait to be delivered; older ones are dropped beyond.
constexpr std::size_t kEventBacklog = 16'384;

std::shared_ptr<const std::string> notification(std::string_view id, std::string_view result) {
    auto message = std::make_shared<std::string>();
    message->reserve(result.size() + 128);
    *message += R"({"jsonrpc":"2.0","method":"eth_subscription","params":{"subscription":")";
    *message += id;
    *message += R"(","result":)";
    *message += result;
    *message += "}}";
    return message;
}

std::size_t weight_of(const SubscriptionTopic& topic) {
    const auto* logs = std::get_if<LogFilter>(&topic);
    return logs == nullptr ? 0 : logs->weight();
}

}  // namespace

SubscriptionHub::SubscriptionHub(node::Node& node, const Limits& limits) : limits_(limits) {
    thread_ = std::thread([this] { run(); });
    source_ = node.subscribe([this](const node::Event& event) { on_event(event); });
}

SubscriptionHub::~SubscriptionHub() { stop(); }

void SubscriptionHub::stop() {
    source_ = {};
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    changed_.notify_all();
    if (thread_.joinable()) thread_.join();
}

void SubscriptionHub::on_event(const node::Event& event) {
    {
        const std::lock_guard lock(mutex_);
        if (subscriptions_.empty()) return;
        if (events_.size() >= kEventBacklog) events_.pop_front();
        events_.push_back(event);
    }
    changed_.notify_one();
}

void SubscriptionHub::run() {
    std::unique_lock lock(mutex_);
    for (;;) {
        changed_.wait(lock, [&] { return stopping_ || !events_.empty(); });
        if (stopping_) return;
        const auto event = std::move(events_.front());
        events_.pop_front();
        lock.unlock();
        try {
            deliver(event);
        } catch (const std::exception& e) {
            spdlog::error("rpc: a notification failed: {}", e.what());
        }
        lock.lock();
    }
}

/// Calls `write(topic, send)` for each active subscription to this topic; `send` queues one result, and
/// answers whether there is use in more.
template <typename Topic, typename Write>
void SubscriptionHub::notify_all(Write&& write) {
    struct Target {
        std::string id;
        std::shared_ptr<Peer> peer;
        std::shared_ptr<const SubscriptionTopic> topic;
    };
    std::vector<Target> targets;
    {
        const std::lock_guard lock(mutex_);
        std::erase_if(subscriptions_, [&](const auto& entry) {
            const auto& [id, subscription] = entry;
            auto peer = subscription.peer.lock();
            // A connection may end while a worker still opens a subscription for it.
            if (!peer) {
                forget(subscription);
                return true;
            }
            if (subscription.active && std::holds_alternative<Topic>(*subscription.topic))
                targets.push_back({id, std::move(peer), subscription.topic});
            return false;
        });
    }
    std::unordered_map<const Peer*, std::size_t> told;
    for (const auto& target : targets) {
        if (!target.peer->is_connected()) continue;
        auto& count = told[target.peer.get()];
        write(std::get<Topic>(*target.topic), [&](std::string_view result) {
            if (++count > limits_.notifications_of_event) {
                target.peer->cut_off();
                return false;
            }
            target.peer->notify(notification(target.id, result));
            return target.peer->is_connected();
        });
    }
}

void SubscriptionHub::deliver(const node::Event& event) {
    const auto send_logs = [this](const sequencer::StoredBlock& block, LogFate fate) {
        notify_all<LogFilter>([&](const LogFilter& filter, auto&& send) {
            scan_block(
                block, filter,
                [&](const auto& in, std::size_t transaction, const evm::Log& log, std::uint64_t index) {
                    std::string json;
                    JsonWriter writer(json);
                    write_log(writer, in, transaction, log, index, fate);
                    return send(json);
                });
        });
    };
    if (const auto* head = std::get_if<node::NewHead>(&event)) {
        std::string json;
        JsonWriter writer(json);
        write_header(writer, *head->block);
        notify_all<NewHeadsTopic>([&](const NewHeadsTopic&, auto&& send) { send(json); });
        send_logs(*head->block, LogFate::included);
    } else if (const auto* unwound = std::get_if<node::Unwound>(&event)) {
        for (const auto& block : unwound->blocks)
            send_logs(*block, LogFate::removed);
    } else if (const auto* pending = std::get_if<node::PendingTransactions>(&event)) {
        notify_all<PendingFilter>([&](const PendingFilter& filter, auto&& send) {
            for (const auto& transaction : pending->transactions) {
                std::string json;
                JsonWriter writer(json);
                if (filter.form == PendingForm::objects) {
                    write_pending_transaction(writer, *transaction);
                } else {
                    writer.data(transaction->hash);
                }
                if (!send(json)) return;
            }
        });
    }
}

Answer<std::string> SubscriptionHub::open(const std::shared_ptr<Peer>& peer, SubscriptionTopic topic) {
    const auto weight = weight_of(topic);
    auto id = random_id();
    const std::lock_guard lock(mutex_);
    if (peer->subscriptions.load() >= limits_.subscriptions_per_connection) {
        return RpcError{code::kLimitExceeded, "too many subscriptions on this connection"};
    }
    if (subscriptions_.size() >= limits_.subscriptions)
        return RpcError{code::kLimitExceeded, "too many subscriptions on this node"};
    if (criteria_ + weight > limits_.filter_criteria) {
        return RpcError{code::kLimitExceeded, "too many addresses and topics are subscribed to"};
    }
    peer->subscriptions.fetch_add(1);
    criteria_ += weight;
    auto shared = std::make_shared<const SubscriptionTopic>(std::move(topic));
    subscriptions_.emplace(id, Subscription{peer, peer.get(), std::move(shared), false});
    return id;
}

void SubscriptionHub::forget(const Subscription& subscription) {
    criteria_ -= weight_of(*subscription.topic);
}

void SubscriptionHub::activate(const OpenedSubscriptions& ids) {
    for (const auto& id : ids) {
        std::shared_ptr<Peer> tell;
        {
            const std::lock_guard lock(mutex_);
            const auto found = subscriptions_.find(id);
            if (found == subscriptions_.end()) continue;
            found->second.active = true;
            // A chain with one sequencer is never behind itself: said once, since it will not change.
            if (std::holds_alternative<SyncingTopic>(*found->second.topic)) tell = found->second.peer.lock();
        }
        if (tell) tell->notify(notification(id, "false"));
    }
}

bool SubscriptionHub::close(const Peer& peer, std::string_view id) {
    const std::lock_guard lock(mutex_);
    const auto found = subscriptions_.find(id);
    if (found == subscriptions_.end() || found->second.owner != &peer) return false;
    if (const auto owner = found->second.peer.lock()) owner->subscriptions.fetch_sub(1);
    forget(found->second);
    subscriptions_.erase(found);
    return true;
}

void SubscriptionHub::drop(const Peer& peer) {
    const std::lock_guard lock(mutex_);
    std::erase_if(subscriptions_, [&](const auto& entry) {
        if (entry.second.owner != &peer) return false;
        forget(entry.second);
        return true;
    });
}

std::size_t SubscriptionHub::size() const {
    const std::lock_guard lock(mutex_);
    return subscriptions_.size();
}

}  // namespace valence::rpc
