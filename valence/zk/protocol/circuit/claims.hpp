// Claims on quantities, taken down to what they are made of.
#pragma once

#include <utility>
#include <vector>

#include "valence/zk/protocol/circuit/circuit.hpp"

namespace valence::zk {

/// A functional on a quantity; its value is claimed elsewhere.
template <typename E>
struct Claim {
    QuantityId quantity = 0;
    Functional<E> functional;
};

/// The functionals on leaves and products whose values, with `constant`, add up to the claims' values.
template <typename E>
struct Grounded {
    std::vector<std::pair<ColumnId, Functional<E>>> columns;
    std::vector<std::pair<ml::WeightId, Functional<E>>> weights;
    std::vector<std::pair<std::uint32_t, Functional<E>>> inputs;  // by port
    std::vector<Claim<E>> products;                               // on bilinear quantities
    E constant;
};

/// Applies the definitions of all linear quantities, the last first. Sums of claims: each functional already
/// has the coefficient with which its claim enters the sum.
template <typename E>
Grounded<E> ground(const Circuit& circuit, std::vector<Claim<E>> claims);

}  // namespace valence::zk
