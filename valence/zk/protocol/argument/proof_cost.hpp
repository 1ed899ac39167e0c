// What checking a model's proofs costs, told from its key alone: for gas, bounds, and the choice between a
// proof and running the model.
#pragma once

#include <cstdint>

#include "valence/base/result.hpp"
#include "valence/ml/graph/graph.hpp"
#include "valence/zk/protocol/soundness/soundness.hpp"

namespace valence::zk {

struct ProofCost {
    /// No proof of an honest prover is longer.
    std::uint64_t most_bytes = 0;
    /// Nor does checking it touch more numbers of functionals (checking_work.hpp): what verify() may be held
    /// to.
    std::uint64_t most_touched = 0;
    /// Of verify(), about a nanosecond each on the machine of docs/inference.md: what is counted below,
    /// weighed by what each was measured to take.
    std::uint64_t work = 0;

    // ---- What work is made of, in the dearer of two runs: a usual one, and one in which everything
    // saturates
    /// Definitions that claims are taken back through.
    std::uint64_t quantities = 0;
    /// Entries of tables' rows.
    std::uint64_t table_entries = 0;
    /// Nanoseconds of building tables of functions, as if every node had forgotten all that it may forget:
    /// nodes differ in what they remember, and gas must not.
    std::uint64_t table_building = 0;
    /// Numbers of functionals.
    std::uint64_t touched = 0;

    // ---- For bounds on memory
    /// Numbers of all factors of the weights that a point gives columns, lookups, tables and weights.
    std::uint64_t factors = 0;
    /// Elements of inputs and outputs.
    std::uint64_t elements = 0;

    /// Numbers touched to find all this out, definitions counted with them: the least `most_measured` with
    /// which proof_cost() does. Who remembers a cost charges as much as who does not.
    std::uint64_t measured = 0;

    bool operator==(const ProofCost&) const = default;
};

/// What proof_cost() touches at most where nobody says how much is right: a fifth of a second.
inline constexpr std::uint64_t kMostMeasured = std::uint64_t{1} << 26;

/// Of a graph that has passed validate_structure() and has its public weights. Takes the time of two
/// compilations and of `measured` numbers, `most_measured` at most. Errors: CircuitError, too_large among
/// them where it would take more, and ProofError::bad_parameters, for models that have no proof.
Result<ProofCost> proof_cost(const ml::Graph& graph, const SecurityProfile& profile = kProfile100,
                             std::uint64_t most_measured = kMostMeasured);

}  // namespace valence::zk
