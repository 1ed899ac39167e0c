// Small integers d with Σ c_i·d_i = 0 in the extension: what turns a challenge that is known too early into
// another statement with the same proof.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "valence/zk/protocol/field/extension.hpp"

namespace valence::zk::testing {

/// Not all 0; about 2^(128/n) large for n coefficients, at least three. By reducing the lattice of all such d
/// (Lenstra, Lenstra, Lovász 1982, in integers as Cohen 1993, algorithm 2.6.7): tenths of a second for 16.
std::vector<std::int64_t> short_relation(std::span<const Extension2> coefficients);

}  // namespace valence::zk::testing
