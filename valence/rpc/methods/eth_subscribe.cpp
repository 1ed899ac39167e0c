// eth_subscribe and eth_unsubscribe: WebSocket only.
#include <boost/json.hpp>

#include "valence/rpc/context.hpp"
#include "valence/rpc/methods/handlers.hpp"
#include "valence/rpc/peer.hpp"

namespace valence::rpc {

namespace {

Answer<SubscriptionTopic> topic_parameter(const Call& call) {
    BOOST_OUTCOME_TRY(const auto name, call.parameters.string(0));
    if (name == "newHeads") return SubscriptionTopic{NewHeadsTopic{}};
    if (name == "syncing") return SubscriptionTopic{SyncingTopic{}};
    if (name == "newPendingTransactions") {
        BOOST_OUTCOME_TRY(const auto full, call.parameters.boolean_or(1, false));
        return SubscriptionTopic{PendingFilter{full ? PendingForm::objects : PendingForm::hashes}};
    }
    if (name == "logs") {
        LogFilter filter;
        if (call.parameters.given(1)) {
            BOOST_OUTCOME_TRY(filter, call.parameters.decode(1, [&](const boost::json::value& value) {
                return decode_log_filter(value, call.context.limits);
            }));
        }
        return SubscriptionTopic{std::move(filter)};
    }
    return RpcError{code::kMethodNotFound,
                    "no \"" + name.substr(0, 100) + "\" subscription in eth namespace"};
}

}  // namespace

Answer<void> eth_subscribe(Call& call) {
    if (!call.peer || !call.peer->can_notify()) return server_error("notifications not supported");
    BOOST_OUTCOME_TRY(auto topic, topic_parameter(call));
    BOOST_OUTCOME_TRY(const auto id, call.context.subscriptions.open(call.peer, std::move(topic)));
    call.opened.push_back(id);
    call.result.string(id);
    return success();
}

Answer<void> eth_unsubscribe(Call& call) {
    if (!call.peer || !call.peer->can_notify()) return server_error("notifications not supported");
    BOOST_OUTCOME_TRY(const auto id, call.parameters.string(0));
    if (!call.context.subscriptions.close(*call.peer, id)) return server_error("subscription not found");
    call.result.boolean(true);
    return success();
}

}  // namespace valence::rpc
