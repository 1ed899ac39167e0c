// What nodes were given: counted here, whatever their heartbeats say, and learnt from when it ends.
#include "valence/compute/balancer/load_balancer.hpp"
#include "valence/compute/balancer/scoring.hpp"

namespace valence::compute {
namespace {

/// The last measurements that the averages rest on, as powers of two, and the weight of the first guess.
constexpr unsigned kBaseShift = 6;
constexpr unsigned kSlownessShift = 3;
constexpr unsigned kSlownessPrior = 1;
constexpr unsigned kFitShift = 4;
constexpr unsigned kFitSamples = 4;
constexpr unsigned kSpreadShift = 7;
constexpr unsigned kLoadShift = 3;
/// Of the running share of failed jobs.
constexpr std::int64_t kFailureMemory = 16;

Fit& fit_for(Resident& resident, outcome::Mode mode) {
    for (Fit& fit : resident.fits)
        if (fit.mode == mode) return fit;
    // The one that rests on less gives way.
    Fit& fit = resident.fits[0].ratio.count() <= resident.fits[1].ratio.count() ? resident.fits[0]
                                                                                : resident.fits[1];
    fit = Fit{mode, {}};
    return fit;
}

Ratio towards(Ratio from, Ratio to) {
    return Ratio::from_bits(from.bits() + (to.bits() - from.bits()) / kFailureMemory);
}

}  // namespace

void LoadBalancer::put_in_flight(NodeIndex index, const InFlight& work, Time now) {
    Node& node = fleet_.node(index);
    if (fleet_.resident(index, work.model) == nullptr) {
        for (const ModelIndex victim :
             fleet_.victims(index, fleet_.model(work.model).bytes).value_or(std::vector<ModelIndex>{}))
            fleet_.remove_resident(index, victim);
        fleet_.add_resident(index, work.model, now);
    }
    fleet_.resident(index, work.model)->last_used = now;
    const bool begins = node.has_free_slot();
    node.in_flight.push_back(work);
    node.in_flight.back().started = begins ? now : Time::max();
    if (work.kind == WorkKind::job) node.breaker.dispatched(now);
    if (node.has_free_slot()) fleet_.offer(index);
}

void LoadBalancer::slot_freed(NodeIndex index, Time now) {
    Node& node = fleet_.node(index);
    for (std::size_t i = 0; i < std::min<std::size_t>(node.slots, node.in_flight.size()); ++i)
        if (node.in_flight[i].started == Time::max()) node.in_flight[i].started = now;
    fleet_.offer(index);
    freed_.push_back(index);
}

std::optional<InFlight> LoadBalancer::take_from_flight(NodeIndex index, const JobId& job, Time now) {
    Node& node = fleet_.node(index);
    const auto place = std::find_if(node.in_flight.begin(), node.in_flight.end(), [&](const InFlight& f) {
        return f.kind == WorkKind::job && f.job == job;
    });
    if (place == node.in_flight.end()) return std::nullopt;
    const InFlight work = *place;
    node.in_flight.erase(place);
    slot_freed(index, now);
    return work;
}

void LoadBalancer::learn(NodeIndex index, const InFlight& work, const Measurement& measurement, Time now) {
    if (work.started == Time::max()) return;
    Node& node = fleet_.node(index);
    Model& model = fleet_.model(work.model);
    const auto mode = static_cast<std::size_t>(work.mode);
    // What we saw counts. The node's word only divides it between loading and service.
    Duration service = std::max(Duration(1), now - work.started);
    if (work.load.count() != 0) {
        const Duration load = std::clamp(measurement.load, Duration(0), service - Duration(1));
        service -= load;
        node.load_fit.add(
            Ratio::of(load.count() * node.load_fit.mean().bits() / Ratio::kOne, work.load.count()), 1,
            kLoadShift);
    }
    Estimate& base = model.base[mode];
    if (base.count() != 0) {
        const Duration expected = node.slowness.mean().times(base.mean());
        if (Resident* resident = fleet_.resident(index, work.model))
            fit_for(*resident, work.mode).ratio.add(Ratio::of(service, expected), kFitSamples, kFitShift);
        model.spread[mode].add(Ratio::of(service, work.service), 1, kSpreadShift);
        node.slowness.add(Ratio::of(service, base.mean()), kSlownessPrior, kSlownessShift);
    }
    base.add(node.slowness.mean().inverse().times(service), kBaseShift);
}

void LoadBalancer::learn_overdue(NodeIndex index, const InFlight& work, Time now) {
    // All we know is that it would have taken longer still.
    if (work.started == Time::max() || now - work.started <= work.load + work.service) return;
    Node& node = fleet_.node(index);
    const Duration base = fleet_.model(work.model).base[static_cast<std::size_t>(work.mode)].mean();
    const Ratio at_least = Ratio::of(now - work.started - work.load, base);
    if (at_least > node.slowness.mean()) node.slowness.add(at_least, kSlownessPrior, kSlownessShift);
}

void LoadBalancer::fail_copy(Job& job, NodeIndex index, FailureKind kind, Time now) {
    Node& node = fleet_.node(index);
    if (const auto work = take_from_flight(index, job.request.job, now);
        work && kind == FailureKind::timed_out)
        learn_overdue(index, *work, now);
    node.failure_rate = towards(node.failure_rate, Ratio::percent(100));
    node.breaker.failed(kind, now, parameters_);
    std::erase_if(job.copies, [index](const Copy& copy) { return copy.node == index; });
    if (!job.copies.empty()) return;
    job.stage = JobView::Stage::awaiting_retry;
    ++job.attempts;
    retries_.push_back(job.request.job);
}

void LoadBalancer::call_off(Job& job, Time now, std::vector<Cancellation>& to) {
    for (const Copy& copy : job.copies) {
        if (const auto work = take_from_flight(copy.node, job.request.job, now)) {
            learn_overdue(copy.node, *work, now);
            fleet_.node(copy.node).breaker.probe_withdrawn();
        }
        to.push_back({job.request.job, fleet_.node(copy.node).id});
    }
    job.copies.clear();
}

Settled LoadBalancer::completed(const JobId& id, const NodeId& from, const Measurement& measurement,
                                Time now) {
    Settled settled;
    const auto index = fleet_.find_node(from);
    const auto found = jobs_.find(id);
    if (!index || found == jobs_.end()) return settled;
    Job& job = found->second;
    const auto copy =
        std::find_if(job.copies.begin(), job.copies.end(), [&](const Copy& c) { return c.node == *index; });
    if (copy == job.copies.end()) return settled;

    if (const auto work = take_from_flight(*index, id, now)) learn(*index, *work, measurement, now);
    Node& node = fleet_.node(*index);
    node.breaker.succeeded();
    node.failure_rate = towards(node.failure_rate, Ratio::from_bits(0));
    node.heard = std::max(node.heard, now);
    job.copies.erase(copy);
    call_off(job, now, settled.cancellations);
    settled.use = Settled::Use::first_answer;
    forget(id);
    return settled;
}

void LoadBalancer::failed(const JobId& id, const NodeId& from, FailureKind kind, Time now) {
    const auto index = fleet_.find_node(from);
    const auto found = jobs_.find(id);
    if (!index || found == jobs_.end()) return;
    const auto& copies = found->second.copies;
    if (std::none_of(copies.begin(), copies.end(), [&](const Copy& c) { return c.node == *index; })) return;
    fail_copy(found->second, *index, kind, now);
}

std::vector<Cancellation> LoadBalancer::withdraw(const JobId& id, Time now) {
    std::vector<Cancellation> cancellations;
    const auto found = jobs_.find(id);
    if (found == jobs_.end()) return cancellations;
    Job& job = found->second;
    if (job.stage == JobView::Stage::held) take_out(job);
    call_off(job, now, cancellations);
    forget(id);
    return cancellations;
}

}  // namespace valence::compute
