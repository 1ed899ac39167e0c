#include "valence/compute/worker/local_job_bus.hpp"

#include "valence/compute/worker/worker.hpp"

namespace valence::compute {

void LocalJobBus::join(Worker& worker) {
    const auto advert = worker.advert();
    {
        const std::lock_guard lock(mutex_);
        workers_[advert.node] = &worker;
    }
    worker.listen({[this](JobResult answer) { result(std::move(answer)); },
                   [this, node = advert.node](const ModelId& model) { model_loaded(node, model); }});
    post_([this, advert] { listener_.on_joined(advert); });
}

void LocalJobBus::leave(const NodeId& node) {
    {
        const std::lock_guard lock(mutex_);
        const auto found = workers_.find(node);
        if (found == workers_.end()) return;
        found->second->listen({});
        workers_.erase(found);
    }
    post_([this, node] { listener_.on_left(node); });
}

void LocalJobBus::beat(Time now) {
    const std::lock_guard lock(mutex_);
    for (const auto& [node, worker] : workers_)
        post_([this, id = node, beat = worker->heartbeat(now)] { listener_.on_heartbeat(id, beat); });
}

template <typename Call>
void LocalJobBus::with(const NodeId& node, Call&& call) {
    const std::lock_guard lock(mutex_);
    if (const auto found = workers_.find(node); found != workers_.end()) call(*found->second);
}

void LocalJobBus::dispatch(const Assignment& assignment, const NodeId& node) {
    with(node, [&](Worker& worker) { worker.take(assignment); });
}

void LocalJobBus::cancel(const JobId& job, const NodeId& node) {
    with(node, [&](Worker& worker) { worker.cancel(job); });
}

void LocalJobBus::load_model(const ModelId& model, const NodeId& node) {
    with(node, [&](Worker& worker) { worker.load_model(model); });
}

void LocalJobBus::drop_model(const ModelId& model, const NodeId& node) {
    with(node, [&](Worker& worker) { worker.drop_model(model); });
}

void LocalJobBus::result(JobResult result) {
    post_([this, result = std::move(result)] { listener_.on_result(result); });
}

void LocalJobBus::model_loaded(const NodeId& node, const ModelId& model) {
    post_([this, node, model] { listener_.on_model_loaded(node, model); });
}

}  // namespace valence::compute
