#include "valence/zk/prover/kernels/row_transform.hpp"

#include <random>

#include <gtest/gtest.h>

namespace valence::zk {
namespace {

struct Case {
    int log_size;
    std::size_t lanes;
    InstructionSet instructions;
};

std::size_t reverse(std::size_t position, int bits) {
    std::size_t reversed = 0;
    for (int bit = 0; bit < bits; ++bit)
        reversed |= ((position >> bit) & 1) << (bits - 1 - bit);
    return reversed;
}

/// Random elements, among them the largest and the smallest.
std::vector<Goldilocks> samples(std::size_t count) {
    std::mt19937_64 random(count);
    std::vector<Goldilocks> elements(count);
    for (Goldilocks& element : elements) {
        const auto kind = random() % 8;
        element = kind == 0   ? Goldilocks(0)
                  : kind == 1 ? Goldilocks::of(-1)
                  : kind == 2 ? Goldilocks(0xffffffff)
                              : Goldilocks(random());
    }
    return elements;
}

class RowTransform : public ::testing::TestWithParam<Case> {
protected:
    const Case c = GetParam();
    const std::size_t rows = std::size_t{1} << c.log_size;
    const std::vector<Goldilocks> before = samples(rows * c.lanes);
    const std::vector<Goldilocks> roots = roots_of_unity(c.log_size);
    std::vector<Goldilocks> after = before;
    const RowBlock block{after.data(), c.log_size, c.lanes};
};

TEST_P(RowTransform, IsTheNaiveFourierTransformOfEachLane) {
    transform_rows(block, roots, c.instructions);
    for (std::size_t p = 0; p < rows; ++p) {
        for (std::size_t lane = 0; lane < c.lanes; ++lane) {
            Goldilocks sum;
            for (std::size_t i = 0; i < rows; ++i)
                sum += before[i * c.lanes + lane] * roots[i * reverse(p, c.log_size) % rows];
            ASSERT_EQ(after[p * c.lanes + lane], sum) << "row " << p << " lane " << lane;
        }
    }
}

TEST_P(RowTransform, TransposedIsTheSumOverReversedPositions) {
    transform_rows_transposed(block, roots, c.instructions);
    for (std::size_t b = 0; b < rows; ++b) {
        for (std::size_t lane = 0; lane < c.lanes; ++lane) {
            Goldilocks sum;
            for (std::size_t p = 0; p < rows; ++p)
                sum += before[p * c.lanes + lane] * roots[b * reverse(p, c.log_size) % rows];
            ASSERT_EQ(after[b * c.lanes + lane], sum) << "row " << b << " lane " << lane;
        }
    }
}

TEST_P(RowTransform, RowsAreScaledAndAdded) {
    const Goldilocks factor = Goldilocks::of(-3);
    scale_row(before.data(), factor, after.data(), before.size(), c.instructions);
    for (std::size_t i = 0; i < before.size(); ++i)
        ASSERT_EQ(after[i], before[i] * factor);
    add_scaled_row(before.data(), factor, after.data(), before.size(), c.instructions);
    for (std::size_t i = 0; i < before.size(); ++i)
        ASSERT_EQ(after[i], before[i] * factor + before[i] * factor);
}

std::vector<Case> cases() {
    std::vector<Case> all;
    for (const auto instructions : {InstructionSet::portable, InstructionSet::avx2, InstructionSet::avx512}) {
        if (instructions > best_instruction_set()) continue;
        for (int log_size = 0; log_size <= 7; ++log_size) {
            for (const std::size_t lanes : {1, 2, 3, 4, 7, 8, 13, 20})
                all.push_back({log_size, lanes, instructions});
        }
    }
    return all;
}
INSTANTIATE_TEST_SUITE_P(SizesAndLanes, RowTransform, ::testing::ValuesIn(cases()));

}  // namespace
}  // namespace valence::zk
