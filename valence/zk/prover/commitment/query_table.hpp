// The functionals of queried positions, as one table.
#pragma once

#include <span>
#include <vector>

#include "valence/zk/protocol/commitment/code.hpp"
#include "valence/zk/protocol/field/extension.hpp"
#include "valence/zk/prover/instruction_set.hpp"

namespace valence::zk {

/// table[b] += Σ_j coefficients[j]·x_j^b for b < columns, x_j the point of positions[j] in the shape's code:
/// the transposed encoder on a vector with few entries.
template <typename E>
void add_query_functionals(const OracleShape& shape, std::span<const std::uint64_t> positions,
                           std::span<const E> coefficients, std::span<E> table,
                           InstructionSet instructions = best_instruction_set());

}  // namespace valence::zk
