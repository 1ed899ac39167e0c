#include "valence/compute/balancer/decision.hpp"

#include <fmt/format.h>

namespace valence::compute {
namespace {

constexpr std::string_view kReasons[] = {
    "a node with the model is free",
    "a node with the model will be free in a moment",
    "no node has the model, so one loads it",
    "loading takes less than waiting for a node that has the model",
    "the job names who does it",
    "the node became free and this sender's turn had come",
    "every node with the model is busy, and one will be free before another could load it",
    "others wait for the same model",
    "no node has the model, and those that could load it are busy",
    "no node offers this mode with this stake and enough memory",
    "every node that could do it is failing, draining, silent or was tried",
    "no node can be done before the deadline",
    "the deadline passed while it waited",
    "too many jobs wait",
    "too many jobs of this sender wait",
    "it failed too often",
    "this job is being done already",
};

std::string short_name(BytesView bytes) { return base::to_hex_prefixed(bytes.first(4)) + "…"; }

double milliseconds_of(Duration d) { return static_cast<double>(d.count()) / 1000; }

std::string terms_text(const ScoreTerms& t) {
    return fmt::format(
        "{:.1f} ms = wait {:.1f} + load {:.1f} + service {:.1f} + eviction {:.1f} + proof queue {:.1f} + "
        "risk {:.1f}",
        milliseconds_of(t.total()), milliseconds_of(t.wait), milliseconds_of(t.load),
        milliseconds_of(t.service), milliseconds_of(t.eviction), milliseconds_of(t.proof_queue),
        milliseconds_of(t.risk));
}

const Candidate* runner_up(const Decision& d) {
    const Candidate* best = nullptr;
    for (const auto& c : d.candidates) {
        if (c.exclusion != Exclusion::none || c.node == d.node) continue;
        if (best == nullptr || c.terms.total() < best->terms.total()) best = &c;
    }
    return best;
}

}  // namespace

std::string_view reason_text(Reason reason) { return kReasons[static_cast<std::size_t>(reason)]; }

std::string_view exclusion_name(Exclusion exclusion) {
    constexpr std::string_view kNames[] = {
        "", "mode", "stake", "memory", "draining", "breaker open", "silent", "tried", "load too early"};
    return kNames[static_cast<std::size_t>(exclusion)];
}

std::string_view cause_name(Cause cause) {
    constexpr std::string_view kNames[] = {"arrival", "release", "review", "retry", "hedge"};
    return kNames[static_cast<std::size_t>(cause)];
}

std::string describe(const Decision& d) {
    std::string line = "job " + short_name(d.job) + " (" + std::string(cause_name(d.cause)) + ") ";
    if (d.action == Action::refuse) return line + "refused: " + std::string(reason_text(d.reason));
    line += d.action == Action::hold ? "held" : "to node " + short_name(d.node);
    line += ": " + std::string(reason_text(d.reason)) + "; " + terms_text(d.terms);
    if (d.candidates.empty()) return line;
    line += fmt::format("; {} considered", d.candidates.size());
    if (const Candidate* next = runner_up(d))
        line += fmt::format(", next best {} with {:.1f} ms", short_name(next->node),
                            milliseconds_of(next->terms.total()));
    return line;
}

}  // namespace valence::compute
