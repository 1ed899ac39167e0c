// LocalJobBus: sequencer and compute nodes in one process.
#pragma once

#include <map>
#include <memory>
#include <mutex>

#include "valence/compute/worker/job_bus.hpp"

namespace valence::compute {

class Worker;

class LocalJobBus final : public JobBus {
public:
    /// The listener hears through `post`, so that it need not mind threads. Both outlive the bus and the
    /// workers on it.
    LocalJobBus(Post post, JobBusListener& listener) : post_(std::move(post)), listener_(listener) {}

    /// The worker's node joins; it leaves with leave(), before the worker ends.
    void join(Worker& worker);
    void leave(const NodeId& node);
    /// Every node reports how it stands; to be called every second or so.
    void beat(Time now);

    void dispatch(const Assignment& assignment, const NodeId& node) override;
    void cancel(const JobId& job, const NodeId& node) override;
    void load_model(const ModelId& model, const NodeId& node) override;
    void drop_model(const ModelId& model, const NodeId& node) override;

    /// What the workers' results and reports go through.
    void result(JobResult result);
    void model_loaded(const NodeId& node, const ModelId& model);

private:
    template <typename Call>
    void with(const NodeId& node, Call&& call);

    const Post post_;
    JobBusListener& listener_;
    /// Guards workers_.
    std::mutex mutex_;
    std::map<NodeId, Worker*> workers_;
};

}  // namespace valence::compute
