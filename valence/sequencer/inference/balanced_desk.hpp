// BalancedDesk: hands jobs to compute nodes, each to the one that the load balancer chooses.
//
//     dispatch ─► LoadBalancer::choose ─► JobBus ─► node … result ─► handler ─ refused ─► another node
//
// One thread drives the balancer, which is pure; the rest of the world hands it its news.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <unordered_map>

#include "valence/compute/balancer/load_balancer.hpp"
#include "valence/compute/worker/job_bus.hpp"
#include "valence/sequencer/inference/job_desk.hpp"

namespace valence::sequencer {

class BalancedDesk final : public JobDesk, public compute::JobBusListener {
public:
    explicit BalancedDesk(const compute::BalancerParameters& parameters = {});
    ~BalancedDesk() override;

    /// The way to the nodes; before any job, and outliving `stop`.
    void connect(compute::JobBus& bus) { bus_ = &bus; }
    /// Runs `work` on the desk's thread, some time later: what a bus posts with.
    void post(std::function<void()> work);

    // ---- JobDesk; any thread

    void set_handler(AnswerHandler handler) override { handler_ = std::move(handler); }
    void stop() override;
    void dispatch(const JobOrder& order) override;
    std::optional<std::string> explain(const outcome::JobId& id) const override;

    // ---- JobBusListener; on the desk's thread

    void on_joined(const compute::NodeAdvert& advert) override;
    void on_left(const compute::NodeId& node) override;
    void on_heartbeat(const compute::NodeId& node, const compute::Heartbeat& heartbeat) override;
    void on_result(const compute::JobResult& result) override;
    void on_model_loaded(const compute::NodeId& node, const compute::ModelId& model) override;

private:
    void loop(const std::stop_token& stop);
    void begin(const JobOrder& order);
    void carry_out(const compute::Decision& decision);
    void cancel(const std::vector<compute::Cancellation>& cancellations);
    /// What the balancer wants done by now.
    void drive();
    void give_up(const outcome::JobId& id, compute::Reason reason);

    compute::JobBus* bus_ = nullptr;
    AnswerHandler handler_;

    /// Guards balancer_, for those who ask.
    mutable std::mutex balancer_mutex_;
    compute::LoadBalancer balancer_;
    /// Only on the desk's thread.
    std::unordered_map<outcome::JobId, JobOrder> orders_;
    compute::Time next_rebalance_;

    std::mutex mutex_;  // guards work_
    std::condition_variable_any changed_;
    std::deque<std::function<void()>> work_;
    std::jthread thread_;
};

}  // namespace valence::sequencer
