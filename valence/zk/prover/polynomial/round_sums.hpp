// Sums over whole tables of what the kernels give for blocks, in parallel. Addition in a field is exact, so
// the order never shows.
#pragma once

#include <algorithm>
#include <vector>

#include "valence/zk/prover/parallel.hpp"
#include "valence/zk/prover/polynomial/eq_table.hpp"
#include "valence/zk/prover/polynomial/round_kernels.hpp"

namespace valence::zk {

/// A round's polynomial: its value at 0 and its coefficient of X².
template <typename E>
struct RoundSums {
    E zero{};
    E infinity{};

    RoundSums& operator+=(const RoundSums& other) {
        zero += other.zero;
        infinity += other.infinity;
        return *this;
    }
};

template <typename E>
RoundSums<E> total_of(const LaneSums<E>& lanes) {
    RoundSums<E> total;
    for (std::size_t i = 0; i < lanes.zero.size(); ++i)
        total += {lanes.zero[i], lanes.infinity[i]};
    return total;
}

/// Σ over [0, size) of kernel(kernels, block, sums); `cost` is an index's time in nanoseconds.
template <typename E, typename Kernel>
RoundSums<E> sum_of_blocks(std::size_t size, std::uint64_t cost, const Kernel& kernel) {
    constexpr std::size_t kBlock = kMostSummed;
    const std::size_t blocks = (size + kBlock - 1) / kBlock;
    std::vector<RoundSums<E>> sums(blocks);
    in_parallel(blocks, cost * kBlock, [&](std::size_t begin, std::size_t end) {
        for (std::size_t i = begin; i < end; ++i) {
            const Block block{i * kBlock, std::min(kBlock, size - i * kBlock)};
            LaneSums<E> lanes;
            kernel(round_kernels<E>(block.count), block, lanes);
            sums[i] = total_of(lanes);
        }
    });
    RoundSums<E> total;
    for (const auto& sum : sums)
        total += sum;
    return total;
}

/// Σ eq(x)·(…) with the weights given as an outer product: kernel(kernels, block, eq, sums).
template <typename E, typename Kernel>
RoundSums<E> weighted_sum_of_blocks(const typename EqSuffixes<E>::Weights& weights, std::uint64_t cost,
                                    const Kernel& kernel) {
    const std::size_t block = weights.low.size();
    const auto& kernels = round_kernels<E>(block);
    std::vector<RoundSums<E>> sums(weights.high.size());
    in_parallel(sums.size(), cost * block, [&](std::size_t begin, std::size_t end) {
        for (std::size_t i = begin; i < end; ++i) {
            LaneSums<E> lanes;
            kernel(kernels, Block{i * block, block}, weights.low.data(), lanes);
            const auto sum = total_of(lanes);
            sums[i] = {weights.high[i] * sum.zero, weights.high[i] * sum.infinity};
        }
    });
    RoundSums<E> total;
    for (const auto& sum : sums)
        total += sum;
    return total;
}

}  // namespace valence::zk
