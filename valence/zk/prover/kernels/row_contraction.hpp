// Inner products of rows of small integers with one vector over the extension.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "valence/zk/protocol/field/extension.hpp"
#include "valence/zk/prover/instruction_set.hpp"

namespace valence::zk {

/// Σ_j values[j]·columns[j] for many rows of values; `columns` are prepared once, and must outlive this.
template <typename E>
class RowContraction {
public:
    explicit RowContraction(std::span<const E> columns, InstructionSet instructions = best_instruction_set());

    /// As many values as columns.
    E of(const std::int8_t* values) const;
    E of(const std::int16_t* values) const;
    E of(const Goldilocks* values) const;

private:
    std::span<const E> columns_;
    /// Whole steps of 16 columns as digits (digit_sums.hpp); those after them are taken one by one.
    std::vector<std::int16_t> digits_;
    std::size_t steps_ = 0;
};

}  // namespace valence::zk
