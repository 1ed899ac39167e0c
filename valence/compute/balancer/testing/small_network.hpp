// A balancer with a few nodes and models that tests name by number, and a clock that tests move.
#pragma once

#include "valence/compute/balancer/load_balancer.hpp"

namespace valence::compute::testing {

constexpr std::uint64_t kGigabyte = 1'000'000'000;
inline constexpr outcome::Mode kMode = outcome::Mode::operator_signed;

template <typename Id>
Id numbered(std::uint32_t n) {
    Id id;
    for (std::size_t i = 0; i < 4; ++i)
        id.bytes[i] = id.bytes[Id::kSize - 1 - i] = static_cast<std::uint8_t>(n >> (8 * i));
    return id;
}
inline NodeId node(std::uint32_t n) { return numbered<NodeId>(n); }
inline JobId job(std::uint32_t n) { return numbered<JobId>(n); }
inline ModelId model(std::uint32_t n) { return numbered<ModelId>(n); }
inline Address sender(std::uint32_t n) { return numbered<Address>(n); }

struct NodeOptions {
    std::vector<std::uint32_t> models = {};
    Ratio speed = Ratio::percent(100);
    std::uint64_t gigabytes = 8;
    std::uint32_t slots = 1;
    std::uint64_t stake = 0;
    outcome::ModeSet modes = outcome::bit(kMode);
};

/// Models of 1 GB that load in a second, jobs that take one second on the reference machine.
class SmallNetwork {
public:
    explicit SmallNetwork(const BalancerParameters& parameters = {}) : balancer(parameters) {}

    void join(std::uint32_t n, const NodeOptions& options = {}) {
        NodeAdvert advert;
        advert.node = node(n);
        advert.modes = options.modes;
        advert.memory = options.gigabytes * kGigabyte;
        advert.slots = options.slots;
        advert.speed = options.speed;
        advert.load_rate = kGigabyte;
        advert.stake = options.stake;
        for (const std::uint32_t m : options.models)
            advert.cached.push_back({model(m), kGigabyte});
        balancer.node_joined(advert, now);
    }
    JobRequest request(std::uint32_t n, std::uint32_t m) const {
        JobRequest request;
        request.job = job(n);
        request.model = model(m);
        request.mode = kMode;
        request.sender = sender(1);
        request.model_bytes = kGigabyte;
        request.reference_service = seconds(1);
        return request;
    }
    Decision choose(std::uint32_t n, std::uint32_t m) { return balancer.choose(request(n, m), now); }
    Settled complete(std::uint32_t j, std::uint32_t n) {
        return balancer.completed(job(j), node(n), {}, now);
    }
    Heartbeat heartbeat(const std::vector<std::uint32_t>& models) const {
        Heartbeat heartbeat;
        heartbeat.taken = now;
        for (const std::uint32_t m : models)
            heartbeat.cached.push_back({model(m), kGigabyte});
        return heartbeat;
    }
    void pass(Duration duration) { now += duration; }

    Time now{std::chrono::seconds(1000)};
    LoadBalancer balancer;
};

}  // namespace valence::compute::testing
