#include "valence/compute/simulation/simple_policy.hpp"

#include <algorithm>
#include <limits>

namespace valence::compute::simulation {
namespace {

constexpr std::uint64_t kPolicyStream = 77;
constexpr NodeNumber kNobody = std::numeric_limits<NodeNumber>::max();
/// Draws to find a node that has not just failed this job.
constexpr int kRedraws = 4;

}  // namespace

SimplePolicy::SimplePolicy(const World& world, Models models)
    : world_(world),
      random_(world.scenario.seed, kPolicyStream),
      seats_(world.nodes.size()),
      holders_(world.models.size()),
      models_(models) {}

void SimplePolicy::joined(NodeNumber node, const std::vector<ModelNumber>& cached, Time, Commands&) {
    Seat& seat = seats_[node];
    seat = Seat{};
    seat.present = true;
    seat.position = static_cast<std::uint32_t>(present_.size());
    seat.advertised_speed = world_.nodes[node].advertised_speed;
    present_.push_back(node);
    if (models_ == Models::followed) set_models(node, cached);
    seat_changed(node);
}

void SimplePolicy::left(NodeNumber node, Time, Commands& to) {
    Seat& seat = seats_[node];
    seats_[present_.back()].position = seat.position;
    present_[seat.position] = present_.back();
    present_.pop_back();
    set_models(node, {});
    seat.present = false;
    seat_changed(node);
    for (const JobNumber job : std::exchange(seat.in_flight, {}))
        send(job, node, to);
}

void SimplePolicy::reported(NodeNumber node, const Report& report, Time, Commands&) {
    if (!seats_[node].present) return;
    seats_[node].reported_jobs = static_cast<std::uint32_t>(report.queue.size());
    if (models_ == Models::followed) set_models(node, report.cached);
    seat_changed(node);
}

void SimplePolicy::arrived(JobNumber job, Time, Commands& to) { send(job, kNobody, to); }

void SimplePolicy::answered(JobNumber job, NodeNumber node, Duration, Duration, Time, Commands&) {
    std::erase(seats_[node].in_flight, job);
}

void SimplePolicy::failed(JobNumber job, NodeNumber node, Time, Commands& to) {
    std::erase(seats_[node].in_flight, job);
    send(job, node, to);
}

void SimplePolicy::send(JobNumber job, NodeNumber avoid, Commands& to) {
    const ModelNumber model = world_.jobs[job].model;
    NodeNumber node = pick(model);
    for (int i = 0; i < kRedraws && node == avoid; ++i)
        node = pick(model);
    if (node == avoid) node = any_node();
    seats_[node].in_flight.push_back(job);
    if (models_ == Models::followed) add_holder(node, model);
    to.push_back({Command::Kind::send, node, job});
}

void SimplePolicy::set_models(NodeNumber node, const std::vector<ModelNumber>& models) {
    const auto had = seats_[node].models;
    for (const ModelNumber model : had)
        if (std::find(models.begin(), models.end(), model) == models.end()) remove_holder(node, model);
    for (const ModelNumber model : models)
        add_holder(node, model);
}

void SimplePolicy::add_holder(NodeNumber node, ModelNumber model) {
    auto& models = seats_[node].models;
    if (std::find(models.begin(), models.end(), model) != models.end()) return;
    models.push_back(model);
    holders_[model].push_back(node);
}

void SimplePolicy::remove_holder(NodeNumber node, ModelNumber model) {
    std::erase(seats_[node].models, model);
    auto& holders = holders_[model];
    const auto at = std::find(holders.begin(), holders.end(), node);
    *at = holders.back();
    holders.pop_back();
}

}  // namespace valence::compute::simulation
