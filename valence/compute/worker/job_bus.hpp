// JobBus: what the sequencer and the compute nodes have between them. Here both live in one process
// (local_job_bus.hpp); between machines the same calls are messages.
#pragma once

#include <functional>
#include <string>
#include <variant>

#include "valence/compute/balancer/node_report.hpp"
#include "valence/outcome/settled.hpp"

namespace valence::compute {

/// A job as it is sent to a node.
struct Assignment {
    outcome::Job job;
    /// Its id: keccak256 of its encoding.
    JobId id;
    /// The last block that may use the answer: what an operator's signature covers.
    std::uint64_t expiry_block = 0;
};

/// Why there is no outcome.
struct JobFailure {
    FailureKind kind = FailureKind::error;
    /// For people.
    std::string reason;
    bool operator==(const JobFailure&) const = default;
};

/// A node's answer. Nothing in it is to be believed before outcome::verify().
struct JobResult {
    JobId job;
    NodeId node;
    std::variant<outcome::Outcome, JobFailure> answer;
    Measurement measurement;
};

/// The sequencer's end, where the nodes are heard.
class JobBusListener {
public:
    virtual ~JobBusListener() = default;
    virtual void on_joined(const NodeAdvert& advert) = 0;
    /// Its connection is gone.
    virtual void on_left(const NodeId& node) = 0;
    virtual void on_heartbeat(const NodeId& node, const Heartbeat& heartbeat) = 0;
    virtual void on_result(const JobResult& result) = 0;
    /// A replica that was ordered is there.
    virtual void on_model_loaded(const NodeId& node, const ModelId& model) = 0;
};

/// The sequencer's way to the nodes. Calls never wait: what comes of them is heard by the listener, if
/// anything does; messages to nodes that are gone are lost.
class JobBus {
public:
    virtual ~JobBus() = default;
    virtual void dispatch(const Assignment& assignment, const NodeId& node) = 0;
    /// The answer is no longer wanted; it may still come.
    virtual void cancel(const JobId& job, const NodeId& node) = 0;
    virtual void load_model(const ModelId& model, const NodeId& node) = 0;
    virtual void drop_model(const ModelId& model, const NodeId& node) = 0;
};

/// Runs what it is given some time later, in order, on whatever its owner likes.
using Post = std::function<void(std::function<void()>)>;

}  // namespace valence::compute
