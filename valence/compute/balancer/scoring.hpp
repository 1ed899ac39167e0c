// The score of one node for one job: pure functions of what is known.
#pragma once

#include "valence/compute/balancer/balancer_parameters.hpp"
#include "valence/compute/balancer/decision.hpp"
#include "valence/compute/balancer/fleet.hpp"

namespace valence::compute {

/// Expected rest of something in flight. What is overdue is expected to stay overdue for as long again:
/// whatever slows it has no known end.
Duration remaining(const InFlight& work, Time now);

/// Until the node could begin another job.
Duration wait_at(const Node& node, Time now);

/// A model's service time on this node: the model's base (or the job's own figure, before anything was
/// measured), times the node's slowness, times how this node fits this model.
Duration expected_service(const Model& model, outcome::Mode mode, Duration reference, const Node& node,
                          const Resident* resident);
/// One standard deviation of it.
Duration service_deviation(const Model& model, outcome::Mode mode, Duration service);

Duration load_time(const Node& node, std::uint64_t bytes);

/// What driving these models out of a node is expected to cost: a load each, as likely as it is wanted there
/// within the horizon.
Duration eviction_cost(const Fleet& fleet, const Node& node, const std::vector<ModelIndex>& victims,
                       const BalancerParameters& parameters);

/// Whether the node may get a job now, whatever the job.
Exclusion health(const Node& node, Time now, const BalancerParameters& parameters);

/// All terms for a node, or why it is excluded. `held_wait`: for holders, the jobs held for the model.
Candidate assess(const Fleet& fleet, NodeIndex node, ModelIndex model, const JobRequest& request,
                 Duration held_wait, Time now, const BalancerParameters& parameters);

}  // namespace valence::compute
