// Sums of a matrix's rows with coefficients in the extension: what folding a table's row variables at once
// comes to. Small integers are multiplied as small integers: a coefficient is four balanced 16-bit digits, so
// that one instruction multiplies and adds 16 of a row's values with a digit.
#pragma once

#include <cstdint>
#include <span>

#include "valence/zk/protocol/field/extension.hpp"
#include "valence/zk/prover/instruction_set.hpp"

namespace valence::zk {

/// to[c] = Σ_a coefficients[a]·values[a·columns + c]. Values missing at the end are zeros. `T` is int8_t,
/// int16_t, Goldilocks or E.
template <typename E, typename T>
void combine_rows(std::span<const T> values, std::span<const E> coefficients, std::span<E> to,
                  InstructionSet instructions = best_instruction_set());

}  // namespace valence::zk
