#include "valence/sequencer/inference/balanced_desk.hpp"

#include <chrono>

#include "valence/base/thread_priority.hpp"
#include "valence/compute/worker/hardware.hpp"

namespace valence::sequencer {
namespace {

using compute::Action;
using compute::FailureKind;
using compute::Reason;

/// The desk looks after its jobs at least so often.
constexpr std::chrono::milliseconds kLongestNap{500};
/// A first guess of what proving takes: this, and so many runs.
constexpr compute::Duration kLeastProof{5'000};
constexpr int kRunsOfProof = 200;

compute::Time now() {
    return compute::Time(
        std::chrono::duration_cast<compute::Duration>(std::chrono::steady_clock::now().time_since_epoch()));
}

}  // namespace

BalancedDesk::BalancedDesk(const compute::BalancerParameters& parameters)
    : balancer_(parameters), thread_([this](const std::stop_token& stop) { loop(stop); }) {}

BalancedDesk::~BalancedDesk() { BalancedDesk::stop(); }

void BalancedDesk::stop() {
    thread_.request_stop();
    if (thread_.joinable()) thread_.join();
}

void BalancedDesk::post(std::function<void()> work) {
    {
        const std::lock_guard guard(mutex_);
        work_.push_back(std::move(work));
    }
    changed_.notify_one();
}

void BalancedDesk::dispatch(const JobOrder& order) {
    post([this, order] { begin(order); });
}

void BalancedDesk::loop(const std::stop_token& stop) {
    base::give_way_to_the_chain(base::Work::intake);
    while (!stop.stop_requested()) {
        std::deque<std::function<void()>> work;
        {
            std::unique_lock lock(mutex_);
            auto nap = std::chrono::duration_cast<std::chrono::microseconds>(kLongestNap);
            {
                const std::lock_guard guard(balancer_mutex_);
                const auto at = now();
                if (const auto due = balancer_.next_due(at)) {
                    const auto until = std::chrono::duration_cast<std::chrono::microseconds>(*due - at);
                    nap = std::clamp(until, std::chrono::microseconds{0}, nap);
                }
            }
            changed_.wait_for(lock, stop, nap, [this] { return !work_.empty(); });
            work.swap(work_);
        }
        for (const auto& piece : work)
            piece();
        drive();
    }
}

void BalancedDesk::begin(const JobOrder& order) {
    const auto& job = order.needed.job;
    if (!orders_.emplace(order.needed.id, order).second) return;
    compute::JobRequest request;
    request.job = order.needed.id;
    request.model = job.model;
    request.mode = job.mode;
    request.sender = order.sender;
    request.model_bytes = order.needed.model_bytes;
    request.reference_service = compute::Duration(
        static_cast<std::int64_t>(order.needed.work / (compute::kReferenceRate / 1'000'000)) + 1);
    if (job.mode == outcome::Mode::zk)
        request.reference_service = kLeastProof + kRunsOfProof * request.reference_service;
    if (!job.operator_address.is_zero()) request.drawn = {compute::NodeId{job.operator_address.bytes}};
    const auto decision = [&] {
        const std::lock_guard guard(balancer_mutex_);
        return balancer_.choose(request, now());
    }();
    carry_out(decision);
}

void BalancedDesk::carry_out(const compute::Decision& decision) {
    switch (decision.action) {
        case Action::dispatch: {
            const auto order = orders_.find(decision.job);
            if (order == orders_.end()) return;
            const auto& needed = order->second.needed;
            bus_->dispatch({needed.job, needed.id, order->second.expiry_block}, decision.node);
            return;
        }
        case Action::hold:
            return;
        case Action::refuse:
            give_up(decision.job, decision.reason);
            return;
    }
}

void BalancedDesk::cancel(const std::vector<compute::Cancellation>& cancellations) {
    for (const auto& cancellation : cancellations)
        bus_->cancel(cancellation.job, cancellation.node);
}

void BalancedDesk::give_up(const outcome::JobId& id, Reason reason) {
    const auto order = orders_.extract(id);
    if (order.empty()) return;
    const auto why = reason == Reason::no_such_node || reason == Reason::no_healthy_node
                         ? outcome::UnavailableReason::no_capable_node
                         : outcome::UnavailableReason::timed_out;
    static_cast<void>(handler_(id, {order.mapped().needed.job, {{}, {}, outcome::Unavailable{why}}}));
}

void BalancedDesk::drive() {
    compute::Due due;
    std::vector<compute::ReplicaOrder> replicas;
    {
        const std::lock_guard guard(balancer_mutex_);
        const auto at = now();
        due = balancer_.due(at);
        if (at >= next_rebalance_) {
            replicas = balancer_.rebalance(at);
            next_rebalance_ = at + compute::BalancerParameters{}.rebalance_every;
        }
    }
    cancel(due.cancellations);
    for (const auto& decision : due.decisions)
        carry_out(decision);
    for (const auto& order : replicas) {
        if (order.kind == compute::ReplicaOrder::Kind::load) {
            bus_->load_model(order.model, order.node);
        } else {
            bus_->drop_model(order.model, order.node);
        }
    }
}

std::optional<std::string> BalancedDesk::explain(const outcome::JobId& id) const {
    const std::lock_guard guard(balancer_mutex_);
    const auto* decision = balancer_.explain(id);
    if (decision == nullptr) return std::nullopt;
    return compute::describe(*decision);
}

void BalancedDesk::on_joined(const compute::NodeAdvert& advert) {
    const std::lock_guard guard(balancer_mutex_);
    balancer_.node_joined(advert, now());
}

void BalancedDesk::on_left(const compute::NodeId& node) {
    const std::lock_guard guard(balancer_mutex_);
    balancer_.node_left(node, now());
}

void BalancedDesk::on_heartbeat(const compute::NodeId& node, const compute::Heartbeat& heartbeat) {
    const std::lock_guard guard(balancer_mutex_);
    balancer_.heartbeat(node, heartbeat, now());
}

void BalancedDesk::on_model_loaded(const compute::NodeId& node, const compute::ModelId& model) {
    const std::lock_guard guard(balancer_mutex_);
    balancer_.model_loaded(node, model, now());
}

void BalancedDesk::on_result(const compute::JobResult& result) {
    const auto order = orders_.find(result.job);
    if (order == orders_.end()) return;
    const auto fail = [&](FailureKind kind) {
        const std::lock_guard guard(balancer_mutex_);
        balancer_.failed(result.job, result.node, kind, now());
    };
    if (const auto* failure = std::get_if<compute::JobFailure>(&result.answer)) return fail(failure->kind);
    const auto& outcome = std::get<outcome::Outcome>(result.answer);
    // That nobody answers is for the balancer to say.
    if (!outcome.is_available()) return fail(FailureKind::error);
    if (handler_(result.job, {order->second.needed.job, outcome}) == Verdict::refused)
        return fail(FailureKind::wrong_outcome);
    orders_.erase(order);
    std::vector<compute::Cancellation> others;
    {
        const std::lock_guard guard(balancer_mutex_);
        others = balancer_.completed(result.job, result.node, result.measurement, now()).cancellations;
    }
    cancel(others);
}

}  // namespace valence::sequencer
