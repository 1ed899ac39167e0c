// Small models and runs of theirs, one for each operator.
#pragma once

#include <string>
#include <variant>

#include "valence/ml/graph/describe.hpp"
#include "valence/zk/accountability/attempt.hpp"

namespace valence::zk::testing {

struct Sample {
    ProvingModel model;
    std::vector<ml::Values> inputs;

    Attempt honest(const SecurityProfile& profile = kProfile100) const {
        Attempt attempt;
        attempt.profile = profile;
        attempt.inputs = inputs;
        attempt.context = {7};
        return attempt;
    }
};

/// The number of alternatives of ml::Operation.
inline int operator_count() { return static_cast<int>(std::variant_size_v<ml::Operation>); }
/// "Linear", for messages.
inline std::string operator_name(int kind) {
    return std::string(ml::operation_name(static_cast<std::size_t>(kind)));
}

/// Of a graph with hardly more than this operator: the smallest of a few, so that its proof takes a few
/// milliseconds.
const Sample& sample_of(int kind);

/// How many times the usual number of rounds: VALENCE_ZK_ROUNDS in the environment, else 1.
std::uint64_t rounds();

}  // namespace valence::zk::testing
