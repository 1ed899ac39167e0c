// valence-bench-balancer: what a choice costs the sequencer, by the number of nodes and by how busy they are.
#include <benchmark/benchmark.h>

#include "valence/compute/balancer/load_balancer.hpp"

namespace {

using namespace valence;
using namespace valence::compute;

constexpr std::uint64_t kGigabyte = 1'000'000'000;
constexpr std::uint32_t kModels = 1000;
constexpr std::uint32_t kModelsOfNode = 5;

template <typename Id>
Id numbered(std::uint64_t n) {
    Id id;
    const std::uint64_t mixed = Sampler(n).next();
    std::memcpy(id.data(), &mixed, 8);
    std::memcpy(id.data() + 8, &n, 8);
    return id;
}

/// A network of which a share of the nodes is at work.
class Network {
public:
    Network(std::uint32_t nodes, std::uint32_t busy_percent) : balancer_(parameters()) {
        for (std::uint32_t n = 0; n < nodes; ++n) {
            NodeAdvert advert;
            advert.node = numbered<NodeId>(n);
            advert.modes = outcome::bit(outcome::Mode::operator_signed);
            advert.memory = 16 * kGigabyte;
            advert.speed = Ratio::percent(50 + 50 * (n % 3));
            advert.load_rate = kGigabyte;
            for (std::uint32_t i = 0; i < kModelsOfNode; ++i)
                advert.cached.push_back({numbered<ModelId>(random_.below(kModels)), 2 * kGigabyte});
            balancer_.node_joined(advert, now_);
        }
        (void)balancer_.due(now_);
        for (std::uint64_t i = 0; i < std::uint64_t{nodes} * busy_percent / 100; ++i)
            begin();
    }

    Decision begin() { return balancer_.choose(request(), now_); }
    /// One job begins, and if it was not held, is answered at once, so that the network stays as busy as it
    /// is.
    void begin_and_end() {
        const Decision decision = begin();
        if (decision.action != Action::dispatch) {
            balancer_.withdraw(decision.job, now_);
            return;
        }
        now_ += Duration(10);
        (void)balancer_.completed(decision.job, decision.node, {}, now_);
        (void)balancer_.due(now_);
    }
    /// The choice alone.
    void choose_and_undo(benchmark::State& state) {
        const JobRequest job = request();
        benchmark::DoNotOptimize(balancer_.choose(job, now_));
        state.PauseTiming();
        balancer_.withdraw(job.job, now_);
        (void)balancer_.due(now_);
        state.ResumeTiming();
    }
    std::size_t rebalance() {
        now_ += seconds(2);
        return balancer_.rebalance(now_).size();
    }

private:
    static BalancerParameters parameters() {
        BalancerParameters parameters;
        parameters.silence = seconds(1'000'000);
        return parameters;
    }
    JobRequest request() {
        JobRequest job;
        job.job = numbered<JobId>(++jobs_);
        job.model = numbered<ModelId>(random_.below(kModels));
        job.sender = numbered<Address>(random_.below(100));
        job.model_bytes = 2 * kGigabyte;
        job.reference_service = seconds(1000);
        return job;
    }

    Sampler random_{1};
    std::uint64_t jobs_ = 0;
    Time now_{seconds(1)};
    LoadBalancer balancer_;
};

void choose(benchmark::State& state) {
    Network network(static_cast<std::uint32_t>(state.range(0)), static_cast<std::uint32_t>(state.range(1)));
    for (auto _ : state)
        network.begin_and_end();
}
BENCHMARK(choose)
    ->Name("choose, completed and due")
    ->ArgNames({"nodes", "busy%"})
    ->ArgsProduct({{100, 1'000, 10'000, 100'000}, {50}})
    ->ArgsProduct({{10'000}, {0, 90, 99}});

void choose_alone(benchmark::State& state) {
    Network network(static_cast<std::uint32_t>(state.range(0)), static_cast<std::uint32_t>(state.range(1)));
    for (auto _ : state)
        network.choose_and_undo(state);
}
BENCHMARK(choose_alone)->Name("choose")->ArgNames({"nodes", "busy%"})->ArgsProduct({{10'000}, {50, 90}});

void rebalance(benchmark::State& state) {
    Network network(static_cast<std::uint32_t>(state.range(0)), 50);
    for (auto _ : state)
        benchmark::DoNotOptimize(network.rebalance());
}
BENCHMARK(rebalance)->ArgNames({"nodes"})->Arg(10'000)->Unit(benchmark::kMicrosecond);

}  // namespace
