// The policies that the balancer is compared with, each as it is usually described.
#include "valence/compute/simulation/simple_policy.hpp"

namespace valence::compute::simulation {
namespace {

class RandomPolicy : public SimplePolicy {
public:
    explicit RandomPolicy(const World& world) : SimplePolicy(world, Models::ignored) {}
    NodeNumber pick(ModelNumber) override { return any_node(); }
};

class RoundRobinPolicy : public SimplePolicy {
public:
    explicit RoundRobinPolicy(const World& world) : SimplePolicy(world, Models::ignored) {}
    NodeNumber pick(ModelNumber) override {
        do
            next_ = (next_ + 1) % static_cast<NodeNumber>(seats_.size());
        while (!seats_[next_].present);
        return next_;
    }

private:
    NodeNumber next_ = 0;
};

/// The shortest queue by the last heartbeats; of equals any. Nodes stand in lists by the length they
/// reported.
class LeastLoadedPolicy : public SimplePolicy {
public:
    explicit LeastLoadedPolicy(const World& world)
        : SimplePolicy(world, Models::ignored), place_(world.nodes.size(), {kNowhere, 0}) {}

    NodeNumber pick(ModelNumber) override {
        for (const auto& list : by_length_)
            if (!list.empty()) return list[random_.below(list.size())];
        return any_node();
    }

    void seat_changed(NodeNumber node) override {
        auto& [length, position] = place_[node];
        if (length != kNowhere) {
            auto& list = by_length_[length];
            place_[list.back()].second = position;
            list[position] = list.back();
            list.pop_back();
            length = kNowhere;
        }
        if (!seats_[node].present) return;
        length = std::min(kMost, seats_[node].reported_jobs);
        if (by_length_.size() <= length) by_length_.resize(length + 1);
        position = static_cast<std::uint32_t>(by_length_[length].size());
        by_length_[length].push_back(node);
    }

private:
    static constexpr std::uint32_t kNowhere = ~0U;
    static constexpr std::uint32_t kMost = 10'000;
    std::vector<std::vector<NodeNumber>> by_length_;
    std::vector<std::pair<std::uint32_t, std::uint32_t>> place_;
};

/// Of two nodes drawn, the one with less sent to it and not answered, for its speed (Mitzenmacher 2001).
class TwoChoicesPolicy : public SimplePolicy {
public:
    explicit TwoChoicesPolicy(const World& world) : SimplePolicy(world, Models::ignored) {}
    NodeNumber pick(ModelNumber) override {
        const NodeNumber a = any_node();
        const NodeNumber b = any_node();
        return backlog(b) < backlog(a) ? b : a;
    }
};

/// Any node that has the model; a model that nobody has goes to the node its number points to.
class AffinityPolicy : public SimplePolicy {
public:
    explicit AffinityPolicy(const World& world) : SimplePolicy(world, Models::followed) {}
    NodeNumber pick(ModelNumber model) override {
        const auto& holders = holders_[model];
        if (!holders.empty()) return holders[random_.below(holders.size())];
        return present_[Sampler(model).below(present_.size())];
    }
};

/// Two choices among the nodes that have the model: no policy of the usual list, but the strongest simple one
/// here.
class AffinityTwoChoicesPolicy : public SimplePolicy {
public:
    explicit AffinityTwoChoicesPolicy(const World& world) : SimplePolicy(world, Models::followed) {}
    NodeNumber pick(ModelNumber model) override {
        const auto& holders = holders_[model];
        const NodeNumber a = holders.empty() ? any_node() : holders[random_.below(holders.size())];
        const NodeNumber b = holders.empty() ? any_node() : holders[random_.below(holders.size())];
        return backlog(b) < backlog(a) ? b : a;
    }
};

template <typename T>
std::unique_ptr<Policy> make(const World& world) {
    return std::make_unique<T>(world);
}

BalancerParameters parameters_for(const World& world) {
    BalancerParameters parameters;
    parameters.seed = world.scenario.seed;
    parameters.remembered = 256;
    return parameters;
}

std::unique_ptr<Policy> make_balancer(const World& world) {
    return make_balancer_policy(world, parameters_for(world));
}

std::unique_ptr<Policy> make_unhedged(const World& world) {
    BalancerParameters parameters = parameters_for(world);
    parameters.hedges_of_job = 0;
    return make_balancer_policy(world, parameters);
}

}  // namespace

const std::vector<PolicyFacts>& all_policies() {
    static const std::vector<PolicyFacts> policies = {
        {"random", "any node", make<RandomPolicy>},
        {"round-robin", "one node after the other", make<RoundRobinPolicy>},
        {"least-loaded", "shortest queue by the last heartbeats", make<LeastLoadedPolicy>},
        {"two-choices", "of two drawn nodes the less busy, by own counts", make<TwoChoicesPolicy>},
        {"affinity", "any node that has the model", make<AffinityPolicy>},
        {"affinity-two", "of two that have the model the less busy, by own counts",
         make<AffinityTwoChoicesPolicy>},
        {"unhedged", "the balancer without second copies", make_unhedged},
        {"balancer", "valence::compute::LoadBalancer", make_balancer},
    };
    return policies;
}

}  // namespace valence::compute::simulation
