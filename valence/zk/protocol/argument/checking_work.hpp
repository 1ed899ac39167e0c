// How much checking a proof takes, found by going through the checks with some challenges and no proof: which
// functionals there are and how long they become depends on the circuit alone.
#pragma once

#include "valence/zk/protocol/argument/argument.hpp"

namespace valence::zk {

/// Numbers of functionals that are touched (work_meter.hpp) when a proof of this circuit over degree 2 is
/// checked. `inputs` are what the circuit was compiled with. Errors: too_large if there are more than `most`,
/// after as many.
Result<std::uint64_t> checking_work(const Circuit& circuit, const ml::Graph& graph,
                                    std::span<const ml::Values> inputs, std::uint64_t most);

/// Some inputs for that, indices 0, 1, 2 …, and the numbers touched to make them.
struct SomeInputs {
    std::vector<ml::Values> tensors;
    std::uint64_t touched = 0;
};
/// Errors: too_large if these were more than `most`.
Result<SomeInputs> some_inputs(const ml::Graph& graph, std::uint64_t most);

}  // namespace valence::zk
