// eth_*: logs, and filters that are polled.
#include <boost/json.hpp>

#include "valence/rpc/context.hpp"
#include "valence/rpc/logs.hpp"
#include "valence/rpc/methods/handlers.hpp"

namespace valence::rpc {

namespace {

/// The criteria at parameter 0; none given is every log of the head.
Answer<LogFilter> log_filter_parameter(const Call& call) {
    return call.parameters.decode(
        0, [&](const boost::json::value& value) { return decode_log_filter(value, call.context.limits); });
}

Answer<void> install(Call& call, FilterKind kind) {
    BOOST_OUTCOME_TRY(const auto id, call.context.filters.install(std::move(kind)));
    call.result.string(id);
    return success();
}

}  // namespace

Answer<void> eth_get_logs(Call& call) {
    BOOST_OUTCOME_TRY(const auto filter, log_filter_parameter(call));
    return write_logs(call.result, call.context.node, filter, call.context.limits, call.deadline);
}

Answer<void> eth_new_filter(Call& call) {
    BOOST_OUTCOME_TRY(auto filter, log_filter_parameter(call));
    return install(call, std::move(filter));
}

Answer<void> eth_new_block_filter(Call& call) { return install(call, BlockFilter{}); }

Answer<void> eth_new_pending_transaction_filter(Call& call) {
    BOOST_OUTCOME_TRY(const auto full, call.parameters.boolean_or(0, false));
    return install(call, PendingFilter{full ? PendingForm::objects : PendingForm::hashes});
}

Answer<void> eth_uninstall_filter(Call& call) {
    BOOST_OUTCOME_TRY(const auto id, call.parameters.string(0));
    call.result.boolean(call.context.filters.uninstall(id));
    return success();
}

Answer<void> eth_get_filter_changes(Call& call) {
    BOOST_OUTCOME_TRY(const auto id, call.parameters.string(0));
    return call.context.filters.write_changes(call.result, id, call.deadline);
}

Answer<void> eth_get_filter_logs(Call& call) {
    BOOST_OUTCOME_TRY(const auto id, call.parameters.string(0));
    BOOST_OUTCOME_TRY(const auto filter, call.context.filters.log_filter(id));
    return write_logs(call.result, call.context.node, filter, call.context.limits, call.deadline);
}

}  // namespace valence::rpc
