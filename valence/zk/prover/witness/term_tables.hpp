// The tables A and B of a bilinear term (protocol/circuit/terms.hpp) from the elements of its arguments.
#pragma once

#include "valence/zk/protocol/circuit/terms.hpp"
#include "valence/zk/prover/witness/assignment.hpp"

namespace valence::zk {

/// Both of 2^term_variables elements.
template <typename E>
struct TermTables {
    std::vector<E> left;
    std::vector<E> right;
};

template <typename E>
TermTables<E> term_tables(const Circuit& circuit, Assignment& assignment, const Claim<E>& product);

}  // namespace valence::zk
