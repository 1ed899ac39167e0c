// The sizes of an opening, all of them functions of what is opened: prover and verifier compute them here,
// and nothing in a proof can change them.
//
// An opening shows Σ_i ⟨f_i, q_i⟩ = v for committed tables f_i over the base field and public functionals
// q_i:
//
//     tables      f_i as a matrix, rows × columns, committed by one root each (code.hpp)
//     rounds      a sumcheck binds the row variables: each table becomes one row, folded
//     stack       all folded rows, longest first, are one vector
//     levels      the vector as a matrix of extension elements is committed afresh; the positions queried in
//                 the codes before become further claims on it; a sumcheck binds its rows, and so on
//     clear       the last vector is sent as it is, and its own variables bound
//
// With no levels this is Ligero's opening. Costs in bytes and time decide how the stack is cut up, never
// whether the target is met.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "valence/base/result.hpp"
#include "valence/zk/protocol/commitment/code.hpp"
#include "valence/zk/protocol/soundness/soundness.hpp"

namespace valence::zk {

inline constexpr std::size_t kMaxOpenedTables = 16;
inline constexpr int kMaxTableVariables = 28;
inline constexpr int kMaxLogRows = 10;
inline constexpr int kMaxLogInverseRate = 6;

/// How a table of 2^variables values is committed. Part of a model's verifying key.
struct TableShape {
    int variables = 0;
    int log_rows = 0;  // ≤ variables: the first log_rows variables number the row
    int log_inverse_rate = 2;
    /// The rows that may hold anything but zeros, the first ones: more than half of them; 0 stands for all.
    std::size_t used_rows = 0;

    /// All rows.
    OracleShape matrix() const {
        return {std::size_t{1} << log_rows, variables - log_rows, log_inverse_rate};
    }
    /// What is committed: the used ones.
    OracleShape oracle() const {
        OracleShape shape = matrix();
        if (used_rows != 0) shape.rows = used_rows;
        return shape;
    }
    bool operator==(const TableShape&) const = default;
};

/// For what is committed once and opened often: its codeword is stored, four times the table's length.
TableShape weight_shape(int variables);
/// For what is committed in the proof.
TableShape witness_shape(int variables);
/// With only so many cells used, the first ones, at least one.
TableShape weight_shape_of(std::uint64_t cells);
TableShape witness_shape_of(std::uint64_t cells);

struct OpeningParameters {
    struct Table {
        TableShape shape;
        int queries = 0;
        /// Of its folded row in the stack.
        std::size_t offset = 0;
    };
    struct Level {
        OracleShape shape;  // of extension elements
        int queries = 0;
    };

    SecurityProfile profile;
    /// In the order in which they were given.
    std::vector<Table> tables;
    /// The most row variables a table has: sumcheck rounds before the stack. A table with fewer joins later.
    int first_rounds = 0;
    /// Elements of the stack; the rest of its 2^stack_variables() is zero.
    std::size_t stack_size = 0;
    std::vector<Level> levels;
    /// Elements sent in clear.
    std::size_t clear_size = 0;
    /// Before the queries of the tables, and of each level.
    int grinding_bits = 0;
    SoundnessAccount soundness;
    /// About how long the proof is.
    std::size_t estimated_bytes = 0;

    int stack_variables() const { return variables_of(stack_size); }
    int clear_variables() const { return variables_of(clear_size); }
    /// All rounds after the first ones are over this many variables.
    int variables_after(std::size_t level) const {
        return level == 0 ? stack_variables() : levels[level - 1].shape.log_columns;
    }
    /// Shapes, queries and the bits of every round, for people.
    std::string explain() const;
};

/// Errors: bad_parameters if a shape is out of bounds, or the target cannot be met.
Result<OpeningParameters> opening_parameters(const SecurityProfile& profile,
                                             std::span<const TableShape> tables);

}  // namespace valence::zk
