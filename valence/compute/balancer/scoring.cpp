#include "valence/compute/balancer/scoring.hpp"

namespace valence::compute {
namespace {

/// Before this many measurements of a model its spread is taken to be a half.
constexpr std::uint32_t kSpreadKnown = 8;
/// Weight, in measurements, of "this node is with this model as it is with others".
constexpr std::int64_t kFitPrior = 4;

}  // namespace

Duration remaining(const InFlight& work, Time now) {
    const Duration expected = work.load + work.service;
    const Duration elapsed = std::max(Duration(0), now - work.started);
    if (elapsed < expected) return std::max(expected - elapsed, expected / 16);
    return elapsed - expected + expected / 16;
}

Duration wait_at(const Node& node, Time now) {
    Duration wait{0};
    if (!node.has_free_slot()) {
        std::size_t place = 0;
        for (const InFlight& work : node.in_flight)
            wait += place++ < node.slots ? remaining(work, now) : work.load + work.service;
        wait /= node.slots;
    }
    if (node.foreign_until > now) wait = std::max(wait, node.foreign_until - now);
    return wait;
}

Duration expected_service(const Model& model, outcome::Mode mode, Duration reference, const Node& node,
                          const Resident* resident) {
    const Estimate& base = model.base[static_cast<std::size_t>(mode)];
    Duration service = node.slowness.mean().times(base.count() == 0 ? reference : base.mean());
    if (resident == nullptr) return service;
    for (const Fit& fit : resident->fits) {
        if (fit.mode != mode || fit.ratio.count() == 0) continue;
        const auto count = static_cast<std::int64_t>(fit.ratio.count());
        const std::int64_t blended =
            (fit.ratio.mean().bits() * count + Ratio::kOne * kFitPrior) / (count + kFitPrior);
        service = Ratio::from_bits(blended).times(service);
    }
    return service;
}

Duration service_deviation(const Model& model, outcome::Mode mode, Duration service) {
    const RatioEstimate& spread = model.spread[static_cast<std::size_t>(mode)];
    return spread.count() < kSpreadKnown ? service / 2 : spread.deviation().times(service);
}

Duration load_time(const Node& node, std::uint64_t bytes) {
    // In units of 2^10 bytes a model of any size fits.
    const std::uint64_t micros = (bytes >> 10) * 1'000'000 / std::max<std::uint64_t>(1, node.load_rate >> 10);
    return node.load_fit.mean().times(
        Duration(static_cast<std::int64_t>(std::min<std::uint64_t>(micros, 1ULL << 36))));
}

Duration eviction_cost(const Fleet& fleet, const Node& node, const std::vector<ModelIndex>& victims,
                       const BalancerParameters& parameters) {
    Duration cost{0};
    const std::int64_t horizon =
        std::chrono::duration_cast<std::chrono::seconds>(parameters.eviction_horizon).count();
    for (const ModelIndex index : victims) {
        const Model& model = fleet.model(index);
        const auto replicas = static_cast<std::int64_t>(std::max<std::size_t>(1, model.holders.size()));
        const Duration load = load_time(node, model.bytes);
        const Ratio wanted =
            replicas < parameters.least_replicas
                ? Ratio::percent(100)
                : std::min(Ratio::percent(100), Ratio::of(model.rate * horizon, 1000 * replicas));
        cost += wanted.times(load);
    }
    return cost;
}

Exclusion health(const Node& node, Time now, const BalancerParameters& parameters) {
    if (node.intake == Intake::draining) return Exclusion::draining;
    if (!node.breaker.admits(now)) return Exclusion::breaker_open;
    if (now - node.heard > parameters.silence) return Exclusion::silent;
    return Exclusion::none;
}

Candidate assess(const Fleet& fleet, NodeIndex index, ModelIndex model_index, const JobRequest& request,
                 Duration held_wait, Time now, const BalancerParameters& parameters) {
    const Node& node = fleet.node(index);
    const Model& model = fleet.model(model_index);
    Candidate candidate;
    candidate.node = node.id;
    const auto exclude = [&](Exclusion why) {
        candidate.exclusion = why;
        return candidate;
    };
    if (!outcome::contains(node.modes, request.mode)) return exclude(Exclusion::mode);
    if (node.stake < request.stake) return exclude(Exclusion::stake);
    if (const Exclusion why = health(node, now, parameters); why != Exclusion::none) return exclude(why);

    ScoreTerms& terms = candidate.terms;
    const Resident* resident = fleet.resident(index, model_index);
    terms.wait = wait_at(node, now);
    if (resident == nullptr) {
        const auto victims = fleet.victims(index, model.bytes);
        if (!victims) return exclude(Exclusion::memory);
        terms.load = load_time(node, model.bytes);
        terms.eviction = eviction_cost(fleet, node, *victims, parameters);
    } else {
        terms.wait += held_wait;
    }
    terms.service = expected_service(model, request.mode, request.reference_service, node, resident);
    if (request.mode == outcome::Mode::zk && node.proofs_until > now)
        terms.proof_queue = node.proofs_until - now;
    // A failure costs about the time until it is noticed and the job done elsewhere.
    terms.risk = node.failure_rate.times(terms.service * 4);
    return candidate;
}

}  // namespace valence::compute
