// The tables A and B of a bilinear term (protocol/circuit/terms.hpp) from the elements of its arguments.
#pragma once

#include "valence/zk/protocol/circuit/terms.hpp"
#include "valence/zk/prover/witness/assignment.hpp"

namespace valence::zk {

/// Both of 2^term_variables elements.
template <typename E>
struct TermTables {
    LargeVector<E> left;
    LargeVector<E> right;
};

/// Those of each product.
template <typename E>
std::vector<TermTables<E>> term_tables(const Circuit& circuit, Assignment& assignment,
                                       std::span<const Claim<E>> products);

}  // namespace valence::zk
