#include "valence/compute/balancer/node_report.hpp"

namespace valence::compute {
namespace {

// A wrong answer opens the breaker at once and for long: it is no accident.
constexpr FailureFacts kFailures[] = {
    {FailureKind::refused, "refused", 1, 1},
    {FailureKind::error, "error", 2, 1},
    {FailureKind::timed_out, "timed out", 2, 1},
    {FailureKind::died, "died", 1, 1},
    {FailureKind::wrong_outcome, "wrong outcome", 100, 60},
};

}  // namespace

const FailureFacts& facts(FailureKind kind) { return kFailures[static_cast<std::size_t>(kind)]; }

std::string_view node_class_name(NodeClass node_class) {
    constexpr std::string_view kNames[] = {"cpu", "gpu", "enclave", "prover"};
    return kNames[static_cast<std::size_t>(node_class)];
}

}  // namespace valence::compute
