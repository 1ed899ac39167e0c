// How much checking a proof takes, found by going through the checks with some challenges and no proof: which
// functionals there are and how long they become depends on the circuit alone.
#pragma once

#include "valence/zk/protocol/argument/argument.hpp"

namespace valence::zk {

struct CheckingWork {
    /// Numbers of functionals that are touched (work_meter.hpp).
    std::uint64_t touched = 0;
    /// Terms of the products' sum.
    std::uint64_t terms = 0;
};

/// What checking a proof of this circuit over degree 2 takes. `inputs` are what the circuit was compiled
/// with. Errors: too_large if more than `most` numbers are touched, after as many.
Result<CheckingWork> checking_work(const Circuit& circuit, const ml::Graph& graph,
                                   std::span<const ml::Values> inputs, std::uint64_t most);

/// Some inputs for that, with indices that keep claims apart which can be kept apart (of what moves by one
/// input as by another, or not at all, one claim is left), and the numbers touched to make them.
struct SomeInputs {
    std::vector<ml::Values> tensors;
    std::uint64_t touched = 0;
};
/// Errors: too_large if these were more than `most`.
Result<SomeInputs> some_inputs(const ml::Graph& graph, std::uint64_t most);

}  // namespace valence::zk
