// Whether an assignment satisfies its circuit, by looking at every element: what a proof shows without.
#pragma once

#include <optional>
#include <string>

#include "valence/zk/prover/witness/assignment.hpp"

namespace valence::zk {

/// A lookup whose tuple is no row of its table, or a quantity that should vanish and does not.
struct Violation {
    enum class Kind { lookup, zero } kind = Kind::lookup;
    std::uint32_t number = 0;   // in Circuit::lookups or Circuit::zeros
    std::uint64_t element = 0;  // row-major
};
/// "lookup 3 (range, selector 8), element 5".
std::string describe(const Circuit& circuit, const Violation& violation);

/// The first in the order of lookups, then zeros; none if the assignment satisfies the circuit.
std::optional<Violation> first_violation(const Circuit& circuit, Assignment& assignment);

}  // namespace valence::zk
