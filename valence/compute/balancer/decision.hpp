// Decision: what was chosen for a job and why, complete enough to be explained and to be checked by hand.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "valence/compute/balancer/timeline.hpp"
#include "valence/compute/ids.hpp"

namespace valence::compute {

/// What the choice minimises, term by term.
struct ScoreTerms {
    /// Until the node is free: its own queue and, for its holders, the jobs held for the model.
    Duration wait{0};
    /// Loading the model, 0 where it is cached.
    Duration load{0};
    Duration service{0};
    /// What loading costs the models that it drives out.
    Duration eviction{0};
    /// For ZK: proofs already in the works.
    Duration proof_queue{0};
    /// The time that failures are expected to cost, from the node's history.
    Duration risk{0};

    Duration total() const { return wait + load + service + eviction + proof_queue + risk; }
    bool operator==(const ScoreTerms&) const = default;
};

/// How a node came to be considered.
enum class Origin : std::uint8_t { free_holder, holder, other, drawn };

/// Why a considered node cannot have the job.
enum class Exclusion : std::uint8_t {
    none,
    mode,
    stake,
    memory,
    draining,
    breaker_open,
    silent,
    tried,
    load_too_early,  // a holder will be free before loading pays
};
std::string_view exclusion_name(Exclusion exclusion);

struct Candidate {
    NodeId node;
    Origin origin = Origin::holder;
    Exclusion exclusion = Exclusion::none;
    ScoreTerms terms;
    bool operator==(const Candidate&) const = default;
};

enum class Action : std::uint8_t { dispatch, hold, refuse };

/// What made the balancer choose.
enum class Cause : std::uint8_t { arrival, release, review, retry, hedge };
std::string_view cause_name(Cause cause);

enum class Reason : std::uint8_t {
    free_holder,     // a node with the model has nothing else to do
    soonest_holder,  // its queue is short enough to wait there
    only_by_loading,
    load_pays,
    drawn,
    next_in_turn,  // a node became free, and this sender's turn had come
    holders_busy,  // held: every holder is busy, and loading would take longer
    behind_others,
    loading_elsewhere_busy,
    no_such_node,  // refusals from here on
    no_healthy_node,
    deadline_unreachable,
    deadline_passed,
    too_many_held,
    too_many_of_sender,
    attempts_exhausted,
    known_job,
};
/// For people.
std::string_view reason_text(Reason reason);

struct Decision {
    JobId job;
    Time at;
    Action action = Action::refuse;
    Cause cause = Cause::arrival;
    Reason reason = Reason::no_such_node;
    /// The node that gets it; where it is held, the one it would wait for; zero where it is refused for want
    /// of any.
    NodeId node;
    ScoreTerms terms;
    std::vector<Candidate> candidates;
    bool operator==(const Decision&) const = default;
};

/// One line: job, action, reason, the score's terms, the runner-up.
std::string describe(const Decision& decision);

}  // namespace valence::compute
