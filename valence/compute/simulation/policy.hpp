// Policy: the seam between the simulated network and whatever chooses nodes. All policies hear the same and
// can do the same; what they make of it is theirs.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "valence/compute/balancer/balancer_parameters.hpp"
#include "valence/compute/balancer/node_report.hpp"
#include "valence/compute/simulation/scenario.hpp"

namespace valence::compute::simulation {

using NodeNumber = std::uint32_t;
using JobNumber = std::uint32_t;
using ModelNumber = std::uint32_t;

struct Command {
    enum class Kind : std::uint8_t { send, cancel, load, drop, give_up } kind = Kind::send;
    NodeNumber node = 0;
    /// The job, or for load and drop the model.
    std::uint32_t subject = 0;
};
using Commands = std::vector<Command>;

/// What a heartbeat tells.
struct Report {
    Time taken;
    /// Jobs in the queue and at work, with when they are expected to be done.
    std::vector<std::pair<JobNumber, Time>> queue;
    std::vector<ModelNumber> cached;
};

class Policy {
public:
    virtual ~Policy() = default;
    /// The node is there; in its place may have been another. Its specification is what it advertises.
    virtual void joined(NodeNumber node, const std::vector<ModelNumber>& cached, Time now, Commands& to) = 0;
    virtual void left(NodeNumber node, Time now, Commands& to) = 0;
    virtual void reported(NodeNumber node, const Report& report, Time now, Commands& to) = 0;
    virtual void arrived(JobNumber job, Time now, Commands& to) = 0;
    virtual void answered(JobNumber job, NodeNumber node, Duration load, Duration service, Time now,
                          Commands& to) = 0;
    virtual void failed(JobNumber job, NodeNumber node, Time now, Commands& to) = 0;
    virtual void loaded(NodeNumber, ModelNumber, Time, Commands&) {}
    virtual std::optional<Time> wakes(Time) const { return std::nullopt; }
    virtual void woken(Time, Commands&) {}
};

/// A policy by name, for one run in that world.
struct PolicyFacts {
    std::string_view name;
    /// What it does, in a few words.
    std::string_view about;
    std::unique_ptr<Policy> (*make)(const World& world);
};
/// The balancer last.
const std::vector<PolicyFacts>& all_policies();

std::unique_ptr<Policy> make_balancer_policy(const World& world, const BalancerParameters& parameters);

}  // namespace valence::compute::simulation
