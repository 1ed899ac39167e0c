// Fleet: all that the balancer knows of nodes and models, with the indexes that let it find a few good
// candidates among ten thousand nodes without looking at all of them.
//
//   holders of a model   the nodes that have it, for drawing some
//   free list of a model holders with a free slot; entries are checked when drawn, so that a dispatch need
//   not find
//                        and remove a node in the list of every model it holds
//   nodes of a mode      all that offer it, for drawing others
#pragma once

#include <array>
#include <map>
#include <optional>
#include <unordered_map>
#include <vector>

#include "valence/compute/balancer/circuit_breaker.hpp"
#include "valence/compute/balancer/estimate.hpp"
#include "valence/compute/balancer/job_request.hpp"
#include "valence/compute/balancer/node_report.hpp"
#include "valence/compute/balancer/sampler.hpp"

namespace valence::compute {

using NodeIndex = std::uint32_t;
using ModelIndex = std::uint32_t;

// Bounds on what nodes may claim.
inline constexpr std::uint64_t kMostBytes = std::uint64_t{1} << 50;
inline constexpr std::uint32_t kMostSlots = 4096;
inline constexpr std::size_t kMostModelsReported = 1024;  // by one node at once
inline constexpr std::size_t kMostModelsKnown = 65'536;   // by nodes' reports alone
inline constexpr std::size_t kModes = 7;

enum class WorkKind : std::uint8_t { job, replica };

/// Something a node was given and has not answered.
struct InFlight {
    JobId job;
    ModelIndex model = 0;
    outcome::Mode mode = outcome::Mode::automatic;
    WorkKind kind = WorkKind::job;
    Time dispatched;
    /// When it left the node's queue, as far as we can tell.
    Time started;
    Duration load{0};
    Duration service{0};
};

/// How fast this very node is with this very model: measured service / (model's base · node's slowness).
struct Fit {
    outcome::Mode mode = outcome::Mode::automatic;
    RatioEstimate ratio;
};

/// A model on a node.
struct Resident {
    ModelIndex model = 0;
    /// Where this node stands in the model's holders.
    std::uint32_t position = 0;
    /// Whether the model's free list has an entry for this node.
    bool listed = false;
    Time since;
    Time last_used;
    std::array<Fit, 2> fits;
};

struct Node {
    NodeId id;
    bool present = false;
    Intake intake = Intake::open;
    NodeClass node_class = NodeClass::cpu;
    outcome::ModeSet modes = 0;
    std::uint32_t slots = 1;
    std::uint64_t stake = 0;
    std::uint64_t memory = 0;
    std::uint64_t memory_used = 0;
    std::uint64_t load_rate = 1;
    /// Measured time / the reference machine's.
    RatioEstimate slowness;
    RatioEstimate load_fit;
    /// Share of jobs that failed.
    Ratio failure_rate = Ratio::from_bits(0);
    CircuitBreaker breaker;
    Time heard;
    /// Other clients' work, from heartbeats.
    Time foreign_until;
    Time proofs_until;
    std::vector<InFlight> in_flight;  // the first `slots` are being worked on
    std::vector<Resident> residents;
    /// The same models in the same order, close together for searching.
    std::vector<ModelIndex> resident_models;
    std::array<std::uint32_t, kModes> mode_position{};

    bool has_free_slot() const { return in_flight.size() < slots; }
};

/// Jobs that wait, by turn: the sender's tag, then arrival.
struct Turn {
    Duration tag{0};
    std::uint64_t arrival = 0;
    auto operator<=>(const Turn&) const = default;
};

struct Model {
    ModelId id;
    std::uint64_t bytes = 0;
    std::vector<NodeIndex> holders;
    std::vector<NodeIndex> free_list;
    std::map<Turn, JobId> held;
    /// Sum of the held jobs' expected service.
    Duration held_work{0};
    /// Whether it is on the balancer's list of models with held jobs.
    bool hungry = false;
    /// Service on the reference machine, and its spread around what was expected, by mode.
    std::array<Estimate, kModes> base;
    std::array<RatioEstimate, kModes> spread;
    /// Demand since the last round of the slow loop, and its running mean: reference service and jobs a
    /// second.
    Duration arrived_work{0};
    std::uint32_t arrived_jobs = 0;
    Duration demand{0};
    /// Jobs in 1000 s.
    std::int64_t rate = 0;
    outcome::Mode last_mode = outcome::Mode::automatic;
    std::uint32_t rounds_above = 0;
};

class Fleet {
public:
    // Nodes.
    NodeIndex add_node(const NodeAdvert& advert, Time now);
    void remove_node(NodeIndex index);
    std::optional<NodeIndex> find_node(const NodeId& id) const;
    Node& node(NodeIndex index) { return nodes_[index]; }
    const Node& node(NodeIndex index) const { return nodes_[index]; }
    /// Places of nodes, those of departed ones included.
    std::size_t node_places() const { return nodes_.size(); }
    std::size_t node_count() const { return by_id_.size(); }

    // Models.
    /// Of a model that jobs name, whose size is certain.
    ModelIndex model_index(const ModelId& id, std::uint64_t bytes);
    /// Of a model that a node says it has; unknown ones are taken only up to a bound, so that lies cost no
    /// memory.
    std::optional<ModelIndex> reported_model(const CachedModel& reported);
    std::optional<ModelIndex> find_model(const ModelId& id) const;
    Model& model(ModelIndex index) { return models_[index]; }
    const Model& model(ModelIndex index) const { return models_[index]; }
    std::size_t model_count() const { return models_.size(); }

    // Which node holds which model.
    Resident* resident(NodeIndex node, ModelIndex model);
    const Resident* resident(NodeIndex node, ModelIndex model) const;
    void add_resident(NodeIndex node, ModelIndex model, Time now);
    void remove_resident(NodeIndex node, ModelIndex model);
    /// Models that would have to go from the node for these bytes, least recently used first, none of them at
    /// work; nothing when it cannot be done.
    std::optional<std::vector<ModelIndex>> victims(NodeIndex node, std::uint64_t bytes) const;
    bool in_use(const Node& node, ModelIndex model) const;

    // Candidates. None is drawn twice in a call.
    /// A node with a free slot is put on its models' free lists.
    void offer(NodeIndex node);
    void draw_free_holders(ModelIndex model, std::size_t count, Sampler& sampler, std::vector<NodeIndex>& to);
    void draw_holders(ModelIndex model, std::size_t count, Sampler& sampler,
                      std::vector<NodeIndex>& to) const;
    void draw_of_mode(outcome::Mode mode, std::size_t count, Sampler& sampler,
                      std::vector<NodeIndex>& to) const;
    std::size_t nodes_of_mode(outcome::Mode mode) const {
        return by_mode_[static_cast<std::size_t>(mode)].size();
    }

private:
    std::vector<Node> nodes_;
    std::vector<NodeIndex> empty_places_;
    std::unordered_map<NodeId, NodeIndex> by_id_;
    std::vector<Model> models_;
    std::unordered_map<ModelId, ModelIndex> model_by_id_;
    std::array<std::vector<NodeIndex>, kModes> by_mode_;
};

}  // namespace valence::compute
