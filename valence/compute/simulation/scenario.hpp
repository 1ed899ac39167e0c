// Scenario: the network and the work that the simulator makes up. docs/balancer.md describes it.
#pragma once

#include <vector>

#include "valence/compute/balancer/timeline.hpp"
#include "valence/compute/simulation/random.hpp"

namespace valence::compute::simulation {

struct Scenario {
    std::uint64_t seed = 1;
    std::uint32_t nodes = 10'000;
    std::uint32_t models = 1'000;
    std::uint32_t senders = 50;
    /// Offered work / what the working nodes can do, loading not counted.
    double load = 0.7;
    /// Seconds of arrivals that are measured, after as many that warm up as `warm_up` says; then the network
    /// may finish for `drain` seconds.
    double measured = 30;
    double warm_up = 15;
    double drain = 30;

    /// Of the models' popularity.
    double zipf = 0.9;
    /// Seconds of service on the reference machine, and size: log-uniform between.
    double least_service = 0.5;
    double most_service = 8;
    double least_gigabytes = 0.5;
    double most_gigabytes = 8;
    /// Sigma of the logarithm of a job's service time.
    double service_noise = 0.3;
    /// The same of how far a model's cost is from its service time.
    double guess_noise = 0.5;
    double gigabytes_a_second = 1;

    double message_delay = 0.01;
    double heartbeat_every = 2;
    /// Until a broken connection is noticed, and until another node takes the place.
    double death_noticed = 3;
    double replaced_after = 10;
    /// Mean seconds between two departures of a node, and between two slow spells.
    double mean_life = 1200;
    double mean_between_spells = 400;
    double mean_spell = 8;
    double spell_slowness = 5;
    /// Shares of nodes that advertise four times their speed and an empty queue, and that fail every job.
    double liars = 0.02;
    double broken = 0.01;
    /// The share of all jobs that one sender sends at once, every ten seconds.
    double burst_share = 0.02;
    /// Whether in the middle of the measurement five unpopular models change places with popular ones.
    bool flash_crowd = true;
};

struct NodeSpec {
    /// Of the reference machine's.
    double speed = 1;
    double advertised_speed = 1;
    double gigabytes = 16;
    bool lies = false;
    bool broken = false;
    /// Models in its memory at the start.
    std::vector<std::uint32_t> cached;
};

struct ModelSpec {
    double service = 1;
    double gigabytes = 1;
    /// What the model's cost would make one expect.
    double guessed_service = 1;
};

struct JobSpec {
    double arrives = 0;
    std::uint32_t model = 0;
    std::uint32_t sender = 0;
    /// Factor on the model's service time.
    float noise = 1;
};

/// All that a scenario draws before it begins: the same for every policy.
struct World {
    Scenario scenario;
    std::vector<NodeSpec> nodes;
    std::vector<ModelSpec> models;
    std::vector<JobSpec> jobs;
    /// Jobs a second.
    double rate = 0;
};

World make_world(const Scenario& scenario);

}  // namespace valence::compute::simulation
