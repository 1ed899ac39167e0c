// Small integers d with Σ c_i·d_i = 0 in the extension: what turns a challenge that is known too early into
// another statement with the same proof.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "valence/zk/protocol/field/extension.hpp"

namespace valence::zk::testing {

/// x in the base field with Σ x_j·basis[j] = of; the basis has as many elements as the degree.
template <typename E>
std::vector<Goldilocks> in_coordinates(std::span<const E> basis, const E& of);

/// Not all 0; about 2^(64·degree/n) large for n coefficients, more than the degree. By reducing the lattice
/// of all such d (Lenstra, Lenstra, Lovász 1982, in integers as Cohen 1993, algorithm 2.6.7): tenths of a
/// second for 16.
template <typename E>
std::vector<std::int64_t> short_relation(std::span<const E> coefficients);
template <typename E>
std::vector<std::int64_t> short_relation(const std::vector<E>& coefficients) {
    return short_relation(std::span<const E>(coefficients));
}

}  // namespace valence::zk::testing
