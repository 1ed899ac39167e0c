#include "valence/zk/prover/kernels/row_transform.hpp"

#include "valence/zk/prover/kernels/row_transform_steps.hpp"

namespace valence::zk {
namespace {

/// Calls step(first row, its distance to the others, distance of twiddles) for every radix-4 butterfly in the
/// order of decimation in frequency, and last(first row) for the final radix-2 ones, if there are any.
template <typename Four, typename Two>
void butterflies(std::size_t rows, Four four, Two two) {
    std::size_t length = rows;
    for (; length >= 4; length /= 4) {
        const std::size_t quarter = length / 4;
        for (std::size_t base = 0; base < rows; base += length) {
            for (std::size_t i = 0; i < quarter; ++i)
                four(base + i, quarter, i * (rows / length));
        }
    }
    if (length == 2) {
        for (std::size_t base = 0; base < rows; base += 2)
            two(base);
    }
}

/// The same the other way round.
template <typename Four, typename Two>
void butterflies_backwards(std::size_t rows, int log_size, Four four, Two two) {
    std::size_t length = 1;
    if (log_size % 2 == 1) {
        for (std::size_t base = 0; base < rows; base += 2)
            two(base);
        length = 2;
    }
    while (length < rows) {
        length *= 4;
        const std::size_t quarter = length / 4;
        for (std::size_t base = 0; base < rows; base += length) {
            for (std::size_t i = 0; i < quarter; ++i)
                four(base + i, quarter, i * (rows / length));
        }
    }
}

}  // namespace

std::vector<Goldilocks> powers(Goldilocks base, std::size_t count) {
    std::vector<Goldilocks> all(count);
    Goldilocks power(1);
    for (Goldilocks& element : all) {
        element = power;
        power *= base;
    }
    return all;
}

std::vector<Goldilocks> roots_of_unity(int log_size) {
    return powers(Goldilocks::root_of_unity(log_size), std::size_t{1} << log_size);
}

void transform_rows(const RowBlock& block, std::span<const Goldilocks> roots, InstructionSet instructions) {
    const ButterflySteps& steps = butterfly_steps(instructions);
    butterflies(
        block.rows(),
        [&](std::size_t first, std::size_t apart, std::size_t twiddle) {
            const FourRows rows{block.row(first), apart * block.lanes, block.lanes};
            if (twiddle == 0)
                steps.four_untwisted(rows);
            else
                steps.four(rows, {roots[twiddle], roots[2 * twiddle], roots[3 * twiddle]});
        },
        [&](std::size_t first) { steps.two(block.row(first), block.row(first + 1), block.lanes); });
}

void transform_rows_transposed(const RowBlock& block, std::span<const Goldilocks> roots,
                               InstructionSet instructions) {
    const ButterflySteps& steps = butterfly_steps(instructions);
    butterflies_backwards(
        block.rows(), block.log_size,
        [&](std::size_t first, std::size_t apart, std::size_t twiddle) {
            const FourRows rows{block.row(first), apart * block.lanes, block.lanes};
            steps.four_transposed(rows, {roots[twiddle], roots[2 * twiddle], roots[3 * twiddle]});
        },
        [&](std::size_t first) { steps.two(block.row(first), block.row(first + 1), block.lanes); });
}

void scale_row(const Goldilocks* from, Goldilocks factor, Goldilocks* to, std::size_t lanes,
               InstructionSet instructions) {
    butterfly_steps(instructions).scale(from, factor, to, lanes);
}

void scale_rows(const Goldilocks* from, std::span<const Goldilocks> factors, Goldilocks* to,
                std::size_t lanes, InstructionSet instructions) {
    const ButterflySteps& steps = butterfly_steps(instructions);
    for (std::size_t row = 0; row < factors.size(); ++row)
        steps.scale(from + row * lanes, factors[row], to + row * lanes, lanes);
}

void add_scaled_row(const Goldilocks* from, Goldilocks factor, Goldilocks* to, std::size_t lanes,
                    InstructionSet instructions) {
    butterfly_steps(instructions).add_scaled(from, factor, to, lanes);
}

}  // namespace valence::zk
