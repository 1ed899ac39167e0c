// Number-theoretic transforms of many polynomials at once. Coefficients lie column-wise: row i of a block
// holds coefficient i of all polynomials, one in each lane, so that a butterfly takes two (or four) rows and
// one twiddle for all lanes, leaves of a Merkle tree come out contiguous, and no lane is ever moved to
// another.
//
// Order: row p of a result holds the values at root^reverse(p), reverse() reversing log_size bits. Nothing
// here reverses anything; protocol/commitment/code.hpp names positions that way.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "valence/zk/protocol/field/goldilocks.hpp"
#include "valence/zk/prover/instruction_set.hpp"

namespace valence::zk {

/// A block of 2^log_size rows of `lanes` elements.
struct RowBlock {
    Goldilocks* elements = nullptr;
    int log_size = 0;
    std::size_t lanes = 0;

    std::size_t rows() const { return std::size_t{1} << log_size; }
    Goldilocks* row(std::size_t i) const { return elements + i * lanes; }
};

/// 1, w, w², …: `count` powers.
std::vector<Goldilocks> powers(Goldilocks base, std::size_t count);
/// All powers of the primitive root of unity of order 2^log_size.
std::vector<Goldilocks> roots_of_unity(int log_size);

/// In place: coefficients, in order, to values, reversed. `roots` are roots_of_unity(block.log_size).
void transform_rows(const RowBlock& block, std::span<const Goldilocks> roots,
                    InstructionSet instructions = best_instruction_set());
/// The transposed map, in place: c with c_b = Σ_p v_p·root^(reverse(p)·b).
void transform_rows_transposed(const RowBlock& block, std::span<const Goldilocks> roots,
                               InstructionSet instructions = best_instruction_set());

/// to[l] = from[l]·factor. May be in place.
void scale_row(const Goldilocks* from, Goldilocks factor, Goldilocks* to, std::size_t lanes,
               InstructionSet instructions = best_instruction_set());
/// Several rows, one after the other, each by a factor of its own. May be in place.
void scale_rows(const Goldilocks* from, std::span<const Goldilocks> factors, Goldilocks* to,
                std::size_t lanes, InstructionSet instructions = best_instruction_set());
/// to[l] += from[l]·factor.
void add_scaled_row(const Goldilocks* from, Goldilocks factor, Goldilocks* to, std::size_t lanes,
                    InstructionSet instructions = best_instruction_set());

}  // namespace valence::zk
