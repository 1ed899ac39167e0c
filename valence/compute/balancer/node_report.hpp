// What a compute node says of itself, and what comes of the jobs it was given. All of it may be stale or a
// lie: the balancer believes its own measurements first.
#pragma once

#include <string_view>
#include <vector>

#include "valence/compute/balancer/ratio.hpp"
#include "valence/compute/ids.hpp"

namespace valence::compute {

enum class NodeClass : std::uint8_t { cpu, gpu, enclave, prover };
std::string_view node_class_name(NodeClass node_class);

struct CachedModel {
    ModelId model;
    std::uint64_t bytes = 0;
};

/// Said on joining.
struct NodeAdvert {
    NodeId node;
    NodeClass node_class = NodeClass::cpu;
    outcome::ModeSet modes = 0;
    /// Room for models, bytes.
    std::uint64_t memory = 0;
    /// Jobs it works on at once, at least 1.
    std::uint32_t slots = 1;
    /// Of the reference machine's speed. Only a first guess.
    Ratio speed;
    /// Bytes of model loaded in a second, fetching, checking and preparing included.
    std::uint64_t load_rate = 0;
    /// Gwei at stake.
    std::uint64_t stake = 0;
    std::vector<CachedModel> cached;
};

struct QueuedJob {
    JobId job;
    Time estimated_finish;
};

enum class Intake : std::uint8_t { open, draining };

/// Said every second or two.
struct Heartbeat {
    /// When the node took this picture of itself, on the balancer's timeline.
    Time taken;
    /// All jobs it has, other clients' too.
    std::vector<QueuedJob> queue;
    std::vector<CachedModel> cached;
    /// Until when proofs already in the works keep its prover busy.
    Time proofs_until;
    Intake intake = Intake::open;
};

/// Said by the node with an answer.
struct Measurement {
    Duration load{0};
    Duration service{0};
};

enum class FailureKind : std::uint8_t {
    refused,        // its queue is full, or it lacks the model or the memory
    error,          // it answered that it failed
    timed_out,      // no answer in time
    died,           // its connection is gone
    wrong_outcome,  // the evidence does not verify
};

/// What a kind of failure means for the node.
struct FailureFacts {
    FailureKind kind;
    std::string_view name;
    /// Towards the circuit breaker's limit.
    std::uint32_t weight;
    /// The breaker's first pause is this many times the usual one.
    std::uint32_t pause;
};
const FailureFacts& facts(FailureKind kind);

}  // namespace valence::compute
