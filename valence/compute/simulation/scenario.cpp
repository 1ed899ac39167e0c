#include "valence/compute/simulation/scenario.hpp"

#include <algorithm>
#include <numeric>

namespace valence::compute::simulation {
namespace {

enum Stream : std::uint64_t { node_stream = 1, model_stream, arrival_stream };

struct Speed {
    double share;
    double speed;
    double gigabytes;
};
constexpr Speed kSpeeds[] = {{0.5, 0.5, 8}, {0.35, 1, 16}, {0.15, 2, 32}};

constexpr std::uint32_t kFlashModels = 5;
constexpr double kBurstEvery = 10;
/// Seconds from a burst's first job to its last.
constexpr double kBurstLength = 0.5;

/// Cumulative popularity by rank.
std::vector<double> zipf_table(std::uint32_t n, double exponent) {
    std::vector<double> sums(n);
    double sum = 0;
    for (std::uint32_t i = 0; i < n; ++i)
        sums[i] = sum += std::pow(i + 1, -exponent);
    for (double& s : sums)
        s /= sum;
    return sums;
}

std::uint32_t draw(const std::vector<double>& cumulative, Random& random) {
    const auto at = std::upper_bound(cumulative.begin(), cumulative.end(), random.uniform());
    return static_cast<std::uint32_t>(std::min<std::ptrdiff_t>(
        at - cumulative.begin(), static_cast<std::ptrdiff_t>(cumulative.size()) - 1));
}

const Speed& draw_speed(Random& random) {
    double at = random.uniform();
    for (const Speed& speed : kSpeeds) {
        if (at < speed.share) return speed;
        at -= speed.share;
    }
    return kSpeeds[1];
}

/// Full of models drawn by popularity, as the network would have been left by yesterday's work.
void fill_cache(NodeSpec& node, const World& world, const std::vector<double>& popularity, Random& random) {
    double used = 0;
    for (int tries = 0; tries < 60; ++tries) {
        const std::uint32_t model = draw(popularity, random);
        if (std::find(node.cached.begin(), node.cached.end(), model) != node.cached.end()) continue;
        if (used + world.models[model].gigabytes > node.gigabytes) continue;
        used += world.models[model].gigabytes;
        node.cached.push_back(model);
    }
}

}  // namespace

World make_world(const Scenario& scenario) {
    World world;
    world.scenario = scenario;
    Random model_random(scenario.seed, model_stream);
    for (std::uint32_t i = 0; i < scenario.models; ++i) {
        ModelSpec model;
        model.service = model_random.log_uniform(scenario.least_service, scenario.most_service);
        model.gigabytes = model_random.log_uniform(scenario.least_gigabytes, scenario.most_gigabytes);
        model.guessed_service = model.service * model_random.log_normal(scenario.guess_noise);
        world.models.push_back(model);
    }
    const auto popularity = zipf_table(scenario.models, scenario.zipf);

    Random node_random(scenario.seed, node_stream);
    double capacity = 0;
    for (std::uint32_t i = 0; i < scenario.nodes; ++i) {
        NodeSpec node;
        const Speed& speed = draw_speed(node_random);
        node.speed = speed.speed;
        node.gigabytes = speed.gigabytes;
        node.lies = node_random.chance(scenario.liars);
        node.broken = node_random.chance(scenario.broken);
        node.advertised_speed = node.lies ? 4 * node.speed : node.speed;
        fill_cache(node, world, popularity, node_random);
        if (!node.broken) capacity += node.speed;
        world.nodes.push_back(std::move(node));
    }

    double mean_service = 0;
    for (std::uint32_t i = 0; i < scenario.models; ++i)
        mean_service += world.models[i].service * (popularity[i] - (i == 0 ? 0 : popularity[i - 1]));
    world.rate = scenario.load * capacity / mean_service;

    Random random(scenario.seed, arrival_stream);
    const double end = scenario.warm_up + scenario.measured;
    const double flash = scenario.warm_up + scenario.measured / 2;
    const double steady = world.rate * (1 - scenario.burst_share);
    const auto job_at = [&](double time, std::uint32_t sender) {
        std::uint32_t model = draw(popularity, random);
        if (scenario.flash_crowd && time >= flash && scenario.models > 4 * kFlashModels) {
            // Ranks 6 to 10 and five from the middle of the list change places.
            const std::uint32_t middle = scenario.models / 2;
            if (model >= kFlashModels && model < 2 * kFlashModels) {
                model += middle - kFlashModels;
            } else if (model >= middle && model < middle + kFlashModels) {
                model -= middle - kFlashModels;
            }
        }
        world.jobs.push_back(
            {time, model, sender, static_cast<float>(random.log_normal(scenario.service_noise))});
    };
    for (double time = random.exponential(1 / steady); time < end; time += random.exponential(1 / steady))
        job_at(time, 1 + random.below(std::max(1U, scenario.senders - 1)));
    const auto burst = static_cast<std::uint32_t>(world.rate * scenario.burst_share * kBurstEvery);
    for (double time = kBurstEvery / 2; time < end; time += kBurstEvery)
        for (std::uint32_t i = 0; i < burst; ++i)
            job_at(time + kBurstLength * i / burst, 0);
    std::stable_sort(world.jobs.begin(), world.jobs.end(),
                     [](const JobSpec& a, const JobSpec& b) { return a.arrives < b.arrives; });
    return world;
}

}  // namespace valence::compute::simulation
