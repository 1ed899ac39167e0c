// Codewords of commitments: the values, at every position of the code, of the polynomials whose coefficients
// are a matrix's rows (protocol/commitment/code.hpp).
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <variant>

#include "valence/zk/protocol/commitment/code.hpp"
#include "valence/zk/protocol/field/extension.hpp"
#include "valence/zk/prover/instruction_set.hpp"

namespace valence::zk {

/// The values of a table over the base field, row-major, as the prover has them: small integers stay small.
using TableValues =
    std::variant<std::span<const std::int8_t>, std::span<const std::int16_t>, std::span<const Goldilocks>>;

std::size_t size_of(const TableValues& values);

/// Base field elements in a leaf. An extension element is its coefficients, in order.
template <typename T>
constexpr std::size_t lanes_of(const OracleShape& shape) {
    if constexpr (requires { T::kDegree; })
        return shape.rows * T::kDegree;
    else
        return shape.rows;
}

/// Called with positions whose leaves are final, the first and how many, while they are in a cache; on any of
/// the threads.
using LeavesReady = std::function<void(std::size_t, std::size_t)>;

/// `codeword`: length × lanes, leaf after leaf. Values missing at the end are zeros. On several threads if
/// there is much to do. `ready` is told of every position once.
template <typename T>
void encode(std::span<const T> values, const OracleShape& shape, std::span<Goldilocks> codeword,
            InstructionSet instructions = best_instruction_set(), const LeavesReady& ready = {});

void encode(const TableValues& values, const OracleShape& shape, std::span<Goldilocks> codeword,
            InstructionSet instructions = best_instruction_set(), const LeavesReady& ready = {});

}  // namespace valence::zk
