#include "valence/node/events.hpp"

#include <algorithm>

namespace valence::node {

Subscription::Subscription(Subscription&& other) noexcept : hub_(std::move(other.hub_)), id_(other.id_) {}

Subscription& Subscription::operator=(Subscription&& other) noexcept {
    std::swap(hub_, other.hub_);
    std::swap(id_, other.id_);
    return *this;
}

Subscription::~Subscription() {
    if (hub_) hub_->unsubscribe(id_);
}

Subscription EventHub::subscribe(EventHandler handler) {
    const std::lock_guard guard(mutex_);
    const auto id = next_id_++;
    handlers_.emplace_back(id, std::make_shared<EventHandler>(std::move(handler)));
    return {shared_from_this(), id};
}

void EventHub::publish(const Event& event) {
    // Held during the calls: once unsubscribe has returned on another thread, the handler is not running any
    // more.
    const std::lock_guard guard(mutex_);
    const auto handlers = handlers_;
    for (const auto& [id, handler] : handlers) {
        const auto still = [&, wanted = id](const auto& entry) { return entry.first == wanted; };
        if (std::any_of(handlers_.begin(), handlers_.end(), still)) (*handler)(event);
    }
}

void EventHub::unsubscribe(std::uint64_t id) {
    const std::lock_guard guard(mutex_);
    std::erase_if(handlers_, [&](const auto& entry) { return entry.first == id; });
}

}  // namespace valence::node
