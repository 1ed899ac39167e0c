// The slow loop: as many nodes hold a model as its demand wants, with hysteresis so that noise loads nothing.
#include "valence/compute/balancer/load_balancer.hpp"
#include "valence/compute/balancer/scoring.hpp"

namespace valence::compute {
namespace {

/// Nodes looked at for one replica.
constexpr std::size_t kLookedAt = 12;

}  // namespace

void LoadBalancer::measure_demand(Time now) {
    const std::int64_t elapsed = std::max<std::int64_t>(1, (now - last_rebalance_).count());
    for (ModelIndex i = 0; i < fleet_.model_count(); ++i) {
        Model& model = fleet_.model(i);
        const Duration work(model.arrived_work.count() * 1'000'000 / elapsed);
        const std::int64_t rate = std::int64_t{model.arrived_jobs} * 1'000'000'000 / elapsed;
        // Rises are followed quickly: jobs wait. Falls slowly: a replica too many costs nothing.
        model.demand += (work - model.demand) / (work > model.demand ? 2 : 8);
        model.rate += (rate - model.rate) / (rate > model.rate ? 2 : 8);
        model.arrived_work = Duration(0);
        model.arrived_jobs = 0;
    }
}

std::vector<std::uint32_t> LoadBalancer::wanted_replicas() const {
    std::vector<std::uint32_t> wanted(fleet_.model_count());
    std::uint64_t memory = 0;
    for (NodeIndex i = 0; i < fleet_.node_places(); ++i)
        memory += fleet_.node(i).memory >> 10;
    const auto planned = static_cast<std::uint64_t>(
        parameters_.memory_share
            .times(Ratio::from_bits(static_cast<std::int64_t>(std::min<std::uint64_t>(memory, 1ULL << 45))))
            .bits());
    std::uint64_t needed = 0;
    for (ModelIndex i = 0; i < wanted.size(); ++i) {
        const Model& model = fleet_.model(i);
        if (model.rate == 0) continue;
        // A demand of 1 s of service a second is one node of the reference's speed.
        const std::int64_t share = std::max<std::int64_t>(1, parameters_.replica_share.bits());
        const std::int64_t nodes = (model.demand.count() * Ratio::kOne / 1'000'000 + share - 1) / share;
        wanted[i] = static_cast<std::uint32_t>(std::clamp<std::int64_t>(
            nodes, parameters_.least_replicas, static_cast<std::int64_t>(fleet_.node_count())));
        needed += wanted[i] * (model.bytes >> 10);
    }
    if (needed <= planned) return wanted;
    for (auto& n : wanted) {
        if (n == 0) continue;
        const auto scaled = static_cast<std::uint64_t>(static_cast<base::UInt128>(n) * planned / needed);
        n = std::max(parameters_.least_replicas, static_cast<std::uint32_t>(scaled));
    }
    return wanted;
}

void LoadBalancer::grow(ModelIndex index, std::size_t count, Time now, std::vector<ReplicaOrder>& orders) {
    const Model& model = fleet_.model(index);
    Sampler sampler(first_word(model.id) ^ parameters_.seed ^
                    static_cast<std::uint64_t>(now.time_since_epoch().count()));
    std::vector<NodeIndex> drawn;
    for (; count != 0; --count) {
        drawn.clear();
        fleet_.draw_of_mode(model.last_mode, kLookedAt, sampler, drawn);
        std::optional<NodeIndex> best;
        Duration best_cost{0};
        for (const NodeIndex candidate : drawn) {
            const Node& node = fleet_.node(candidate);
            if (!node.has_free_slot() || node.foreign_until > now ||
                fleet_.resident(candidate, index) != nullptr ||
                node.breaker.state() != CircuitBreaker::State::closed ||
                health(node, now, parameters_) != Exclusion::none)
                continue;
            const auto victims = fleet_.victims(candidate, model.bytes);
            if (!victims) continue;
            // A slow node costs every job that will be done there, a model of long jobs more than others.
            const Duration cost = load_time(node, model.bytes) +
                                  expected_service(model, model.last_mode, Duration(0), node, nullptr) +
                                  eviction_cost(fleet_, node, *victims, parameters_);
            if (best && cost >= best_cost) continue;
            best = candidate;
            best_cost = cost;
        }
        if (!best) continue;
        InFlight work;
        work.model = index;
        work.mode = model.last_mode;
        work.kind = WorkKind::replica;
        work.dispatched = now;
        work.load = load_time(fleet_.node(*best), model.bytes);
        put_in_flight(*best, work, now);
        orders.push_back({ReplicaOrder::Kind::load, fleet_.node(*best).id, model.id});
    }
}

void LoadBalancer::shrink(ModelIndex index, std::size_t count, std::vector<ReplicaOrder>& orders) {
    Model& model = fleet_.model(index);
    // From the back of the holders: those that got it last, which costs no search; busy ones keep it.
    for (std::size_t i = model.holders.size(); i-- > 0 && count != 0;) {
        const NodeIndex holder = model.holders[i];
        if (fleet_.in_use(fleet_.node(holder), index)) continue;
        orders.push_back({ReplicaOrder::Kind::drop, fleet_.node(holder).id, model.id});
        fleet_.remove_resident(holder, index);
        --count;
    }
}

std::vector<ReplicaOrder> LoadBalancer::rebalance(Time now) {
    std::vector<ReplicaOrder> orders;
    if (rebalanced_ && now - last_rebalance_ < parameters_.rebalance_every) return orders;
    if (!rebalanced_) {
        // A rate needs a time to have passed.
        rebalanced_ = true;
        last_rebalance_ = now;
        return orders;
    }
    measure_demand(now);
    last_rebalance_ = now;
    const auto wanted = wanted_replicas();

    struct Need {
        ModelIndex model;
        Ratio covered;
        std::uint32_t missing;
    };
    std::vector<Need> needs;
    std::int64_t left = std::max<std::int64_t>(
        2, parameters_.orders_share.bits() * static_cast<std::int64_t>(fleet_.node_count()) / Ratio::kOne);
    for (ModelIndex i = 0; i < wanted.size(); ++i) {
        Model& model = fleet_.model(i);
        const auto have = static_cast<std::int64_t>(model.holders.size());
        const auto above = std::max<std::int64_t>(parameters_.least_replicas,
                                                  wanted[i] * parameters_.shrink_above.bits() / Ratio::kOne);
        model.rounds_above = have > above ? model.rounds_above + 1 : 0;
        if (model.rounds_above >= parameters_.shrink_patience) {
            const auto surplus = std::min(have - above, std::max<std::int64_t>(1, left / 4));
            shrink(i, static_cast<std::size_t>(surplus), orders);
        }
        const Ratio covered = Ratio::of(have, wanted[i]);
        if (wanted[i] != 0 && covered < parameters_.grow_below)
            needs.push_back({i, covered, static_cast<std::uint32_t>(wanted[i] - have)});
    }
    // The least covered first; each gets half of what it lacks, so that demand that was noise costs half.
    std::sort(needs.begin(), needs.end(), [](const Need& a, const Need& b) {
        return a.covered != b.covered ? a.covered < b.covered : a.model < b.model;
    });
    for (const Need& need : needs) {
        if (left <= 0) break;
        const auto count = std::min<std::int64_t>(left, (need.missing + 1) / 2);
        grow(need.model, static_cast<std::size_t>(count), now, orders);
        left -= count;
    }
    counts_.replica_orders += orders.size();
    return orders;
}

void LoadBalancer::model_loaded(const NodeId& id, const ModelId& model_id, Time now) {
    const auto index = fleet_.find_node(id);
    const auto model = fleet_.find_model(model_id);
    if (!index || !model) return;
    Node& node = fleet_.node(*index);
    const auto erased = std::erase_if(
        node.in_flight, [&](const InFlight& f) { return f.kind == WorkKind::replica && f.model == *model; });
    if (erased == 0) return;
    slot_freed(*index, now);
}

}  // namespace valence::compute
