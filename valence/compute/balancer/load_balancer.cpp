// What the balancer hears of nodes, and what it can tell of them and of jobs.
#include "valence/compute/balancer/load_balancer.hpp"

#include "valence/compute/balancer/scoring.hpp"

namespace valence::compute {
namespace {

/// Work sent so shortly before a heartbeat may have crossed it on the way.
constexpr Duration kCrossing = milliseconds(500);
/// No claim about the future reaches further.
constexpr Duration kFarthest = std::chrono::hours(1);

}  // namespace

LoadBalancer::LoadBalancer(BalancerParameters parameters) : parameters_(parameters) {}

void LoadBalancer::node_joined(const NodeAdvert& advert, Time now) {
    if (fleet_.find_node(advert.node)) node_left(advert.node, now);
    freed_.push_back(fleet_.add_node(advert, now));
}

void LoadBalancer::node_left(const NodeId& id, Time now) {
    const auto index = fleet_.find_node(id);
    if (!index) return;
    const auto lost = fleet_.node(*index).in_flight;
    for (const InFlight& work : lost) {
        if (work.kind != WorkKind::job) continue;
        if (const auto found = jobs_.find(work.job); found != jobs_.end())
            fail_copy(found->second, *index, FailureKind::died, now);
    }
    fleet_.remove_node(*index);
}

void LoadBalancer::heartbeat(const NodeId& id, const Heartbeat& heartbeat, Time now) {
    const auto index = fleet_.find_node(id);
    if (!index) return;
    Node& node = fleet_.node(*index);
    node.heard = now;
    node.intake = heartbeat.intake;
    node.proofs_until = std::min(heartbeat.proofs_until, now + kFarthest);

    // Jobs of ours in its queue are counted already, and its silence about one proves nothing: the answer or
    // the job may be on its way. What we do not know is other clients' work.
    node.foreign_until = Time{};
    for (const QueuedJob& queued : heartbeat.queue) {
        const bool ours = std::any_of(node.in_flight.begin(), node.in_flight.end(),
                                      [&](const InFlight& f) { return f.job == queued.job; });
        if (!ours && !jobs_.contains(queued.job))
            node.foreign_until =
                std::max(node.foreign_until, std::min(queued.estimated_finish, now + kFarthest));
    }
    // A job it should have had for long and does not speak of was lost, perhaps by a restart: its hedge is
    // due.
    for (const InFlight& work : node.in_flight) {
        if (work.kind != WorkKind::job || work.dispatched + kCrossing > heartbeat.taken) continue;
        if (std::any_of(heartbeat.queue.begin(), heartbeat.queue.end(),
                        [&](const QueuedJob& queued) { return queued.job == work.job; }))
            continue;
        const auto found = jobs_.find(work.job);
        if (found == jobs_.end()) continue;
        for (Copy& copy : found->second.copies) {
            if (copy.node != *index || copy.hedge_at <= now) continue;
            copy.hedge_at = now;
            arm(found->second, now);
        }
    }

    // Its models, as far as we have not changed them since.
    std::vector<ModelIndex> reported;
    reported.reserve(std::min(heartbeat.cached.size(), kMostModelsReported));
    for (std::size_t i = 0; i < std::min(heartbeat.cached.size(), kMostModelsReported); ++i)
        if (const auto model = fleet_.reported_model(heartbeat.cached[i])) reported.push_back(*model);
    std::vector<ModelIndex> gone;
    for (const Resident& resident : node.residents)
        if (resident.since < heartbeat.taken && !fleet_.in_use(node, resident.model) &&
            std::find(reported.begin(), reported.end(), resident.model) == reported.end())
            gone.push_back(resident.model);
    for (const ModelIndex model : gone)
        fleet_.remove_resident(*index, model);
    for (const ModelIndex model : reported) {
        if (fleet_.resident(*index, model) != nullptr) continue;
        fleet_.add_resident(*index, model, now);
        fleet_.offer(*index);
    }
    // A replica that was ordered long ago and is not there will not come.
    const auto given_up = std::erase_if(node.in_flight, [&](const InFlight& f) {
        return f.kind == WorkKind::replica && now - f.dispatched > f.load * 4 + parameters_.timeout_floor;
    });
    if (given_up != 0) slot_freed(*index, now);
}

void LoadBalancer::remember(const Decision& decision) {
    if (parameters_.remembered == 0) return;
    if (remembered_.size() < parameters_.remembered) {
        remembered_.push_back(decision);
        return;
    }
    remembered_[next_remembered_] = decision;
    next_remembered_ = (next_remembered_ + 1) % remembered_.size();
}

const Decision* LoadBalancer::explain(const JobId& job) const {
    // Newest first: backwards from the place that is overwritten next.
    for (std::size_t i = remembered_.size(); i-- > 0;) {
        const Decision& decision = remembered_[(next_remembered_ + i) % remembered_.size()];
        if (decision.job == job) return &decision;
    }
    return nullptr;
}

std::optional<NodeView> LoadBalancer::view(const NodeId& id, Time now) const {
    const auto index = fleet_.find_node(id);
    if (!index) return std::nullopt;
    const Node& node = fleet_.node(*index);
    NodeView view{id, node.node_class,      node.breaker.state(), node.intake,     wait_at(node, now), {},
                  {}, node.slowness.mean(), node.failure_rate,    node.memory_used};
    for (const InFlight& work : node.in_flight)
        if (work.kind == WorkKind::job) view.in_flight.push_back(work.job);
    for (const Resident& resident : node.residents)
        view.models.push_back(fleet_.model(resident.model).id);
    return view;
}

std::optional<JobView> LoadBalancer::view(const JobId& id) const {
    const auto found = jobs_.find(id);
    if (found == jobs_.end()) return std::nullopt;
    const Job& job = found->second;
    JobView view{id, job.stage, {}, job.attempts, job.hedges};
    for (const Copy& copy : job.copies)
        view.nodes.push_back(fleet_.node(copy.node).id);
    return view;
}

}  // namespace valence::compute
