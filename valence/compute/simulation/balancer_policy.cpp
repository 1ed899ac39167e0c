// The balancer itself, in the simulator: the very class that the sequencer uses.
#include "valence/compute/balancer/load_balancer.hpp"
#include "valence/compute/simulation/policy.hpp"

namespace valence::compute::simulation {
namespace {

Ratio ratio(double x) {
    return Ratio::from_bits(static_cast<std::int64_t>(x * static_cast<double>(Ratio::kOne)));
}

Duration duration(double s) { return Duration(static_cast<std::int64_t>(s * 1e6)); }

template <std::size_t At, typename T>
void put(T& bytes, std::uint64_t number) {
    std::memcpy(bytes.data() + At, &number, 8);
}

template <std::size_t At, typename T>
std::uint32_t get(const T& bytes) {
    std::uint64_t number = 0;
    std::memcpy(&number, bytes.data() + At, 8);
    return static_cast<std::uint32_t>(number);
}

class BalancerPolicy : public Policy {
public:
    BalancerPolicy(const World& world, const BalancerParameters& parameters)
        : world_(world), lives_(world.nodes.size()), balancer_(parameters) {
        for (ModelNumber i = 0; i < world.models.size(); ++i) {
            ModelId id;
            put<0>(id, Sampler(i).next());
            put<8>(id, i);
            model_ids_.push_back(id);
        }
    }

    void joined(NodeNumber node, const std::vector<ModelNumber>& cached, Time now, Commands& to) override {
        const NodeSpec& spec = world_.nodes[node];
        ++lives_[node];
        NodeAdvert advert;
        advert.node = node_id(node);
        advert.node_class = NodeClass::cpu;
        advert.modes = outcome::bit(outcome::Mode::operator_signed);
        advert.memory = bytes(spec.gigabytes);
        advert.speed = ratio(spec.advertised_speed);
        advert.load_rate = bytes(world_.scenario.gigabytes_a_second);
        advert.cached = models(cached);
        balancer_.node_joined(advert, now);
        work(now, to);
    }

    void left(NodeNumber node, Time now, Commands& to) override {
        balancer_.node_left(node_id(node), now);
        work(now, to);
    }

    void reported(NodeNumber node, const Report& report, Time now, Commands&) override {
        Heartbeat heartbeat;
        heartbeat.taken = report.taken;
        for (const auto& [job, finish] : report.queue)
            heartbeat.queue.push_back({job_id(job), finish});
        heartbeat.cached = models(report.cached);
        balancer_.heartbeat(node_id(node), heartbeat, now);
    }

    void arrived(JobNumber job, Time now, Commands& to) override {
        const JobSpec& spec = world_.jobs[job];
        JobRequest request;
        request.job = job_id(job);
        request.model = model_ids_[spec.model];
        request.model_bytes = bytes(world_.models[spec.model].gigabytes);
        request.reference_service = duration(world_.models[spec.model].guessed_service);
        put<0>(request.sender, spec.sender);
        act(balancer_.choose(request, now), to);
    }

    void answered(JobNumber job, NodeNumber node, Duration load, Duration service, Time now,
                  Commands& to) override {
        const Settled settled = balancer_.completed(job_id(job), node_id(node), {load, service}, now);
        call_off(settled.cancellations, to);
        work(now, to);
    }

    void failed(JobNumber job, NodeNumber node, Time now, Commands& to) override {
        balancer_.failed(job_id(job), node_id(node), FailureKind::error, now);
        work(now, to);
    }

    void loaded(NodeNumber node, ModelNumber model, Time now, Commands& to) override {
        balancer_.model_loaded(node_id(node), model_ids_[model], now);
        work(now, to);
    }

    std::optional<Time> wakes(Time now) const override {
        const auto due = balancer_.next_due(now);
        return due ? std::min(*due, next_round_) : next_round_;
    }

    void woken(Time now, Commands& to) override {
        if (now >= next_round_) {
            for (const ReplicaOrder& order : balancer_.rebalance(now))
                to.push_back(
                    {order.kind == ReplicaOrder::Kind::load ? Command::Kind::load : Command::Kind::drop,
                     get<0>(order.node), get<8>(order.model)});
            next_round_ = now + milliseconds(500);
        }
        work(now, to);
    }

private:
    static std::uint64_t bytes(double gigabytes) { return static_cast<std::uint64_t>(gigabytes * 1e9); }

    NodeId node_id(NodeNumber node) const {
        NodeId id;
        put<0>(id, node);
        put<8>(id, lives_[node]);
        return id;
    }
    static JobId job_id(JobNumber job) {
        JobId id;
        put<0>(id, Sampler(job).next());
        put<8>(id, job);
        return id;
    }
    std::vector<CachedModel> models(const std::vector<ModelNumber>& numbers) const {
        std::vector<CachedModel> cached;
        cached.reserve(numbers.size());
        for (const ModelNumber model : numbers)
            cached.push_back({model_ids_[model], bytes(world_.models[model].gigabytes)});
        return cached;
    }

    void act(const Decision& decision, Commands& to) const {
        const JobNumber job = get<8>(decision.job);
        if (decision.action == Action::dispatch)
            to.push_back({Command::Kind::send, get<0>(decision.node), job});
        else if (decision.action == Action::refuse)
            to.push_back({Command::Kind::give_up, 0, job});
    }
    static void call_off(const std::vector<Cancellation>& cancellations, Commands& to) {
        for (const Cancellation& c : cancellations)
            to.push_back({Command::Kind::cancel, get<0>(c.node), get<8>(c.job)});
    }
    void work(Time now, Commands& to) {
        const Due due = balancer_.due(now);
        call_off(due.cancellations, to);
        for (const Decision& decision : due.decisions)
            act(decision, to);
    }

    const World& world_;
    std::vector<std::uint64_t> lives_;
    std::vector<ModelId> model_ids_;
    LoadBalancer balancer_;
    Time next_round_;
};

}  // namespace

std::unique_ptr<Policy> make_balancer_policy(const World& world, const BalancerParameters& parameters) {
    return std::make_unique<BalancerPolicy>(world, parameters);
}

}  // namespace valence::compute::simulation
