// Small models and runs of theirs, one for each operator.
#pragma once

#include "valence/zk/accountability/attempt.hpp"

namespace valence::zk::testing {

struct Sample {
    ProvingModel model;
    std::vector<ml::Values> inputs;

    Attempt honest() const {
        Attempt attempt;
        attempt.inputs = inputs;
        attempt.context = {7};
        return attempt;
    }
};

/// The number of alternatives of ml::Operation.
int operator_count();
/// "Linear", for messages.
std::string operator_name(int kind);

/// Of a graph with hardly more than this operator: the smallest of a few, so that its proof takes a few
/// milliseconds.
const Sample& sample_of(int kind);

/// How many times the usual number of rounds: VALENCE_ZK_ROUNDS in the environment, else 1.
std::uint64_t rounds();

}  // namespace valence::zk::testing
