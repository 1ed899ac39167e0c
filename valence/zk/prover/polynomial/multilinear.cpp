#include "valence/zk/prover/polynomial/multilinear.hpp"

#include "valence/base/base.hpp"
#include "valence/zk/prover/parallel.hpp"
#include "valence/zk/prover/polynomial/eq_table.hpp"
#include "valence/zk/prover/polynomial/round_kernels.hpp"
#include "valence/zk/prover/polynomial/round_sums.hpp"

namespace valence::zk {
namespace {

constexpr std::size_t kBlock = 4096;

template <typename E, typename T>
void fold_to(const T* from, E* to, std::size_t pairs, const E& r) {
    const Multiplier<E> multiplier(r);
    const std::size_t block = std::min(pairs, kBlock);
    const auto& kernels = round_kernels<E>(block);
    in_parallel(pairs / block, 3 * block, [&](std::size_t begin, std::size_t end) {
        const Block piece{begin * block, (end - begin) * block};
        if constexpr (std::is_same_v<T, E>) {
            kernels.fold(from, to, pairs, piece, multiplier);
        } else {
            kernels.fold_base(from, to, pairs, piece, multiplier);
        }
    });
}

template <typename E, typename T>
E product_of(std::span<const T> a, std::span<const E> b) {
    VALENCE_CHECK(a.size() == b.size());
    const auto kernel = [&](const RoundKernels<E>& kernels, Block block, LaneSums<E>& sums) {
        if constexpr (std::is_same_v<T, E>) {
            kernels.inner_product(a.data(), b.data(), block, sums);
        } else {
            kernels.inner_product_base(a.data(), b.data(), block, sums);
        }
    };
    const std::size_t in_lanes = a.size() / kKernelLanes * kKernelLanes;
    E total;
    if (in_lanes <= kMostSummed) {
        LaneSums<E> sums;
        if (in_lanes != 0) kernel(round_kernels<E>(in_lanes), {0, in_lanes}, sums);
        total = total_of(sums).zero;
    } else {
        total = sum_of_blocks<E>(in_lanes, 2, kernel).zero;
    }
    for (std::size_t i = in_lanes; i < a.size(); ++i)
        total += b[i] * a[i];
    return total;
}

/// In vectors as far as they go, then one by one.
template <typename E, typename T>
void add_multiple_of(std::span<const T> from, const E& factor, E* to) {
    const std::size_t in_lanes = from.size() / kKernelLanes * kKernelLanes;
    const auto add = [&](const RoundKernels<E>& kernels, Block block) {
        if constexpr (std::is_same_v<T, E>) {
            kernels.add_multiple(from.data(), factor, to, block);
        } else {
            kernels.add_multiple_base(from.data(), factor, to, block);
        }
    };
    if (in_lanes != 0) add(round_kernels<E>(in_lanes), {0, in_lanes});
    for (std::size_t i = in_lanes; i < from.size(); ++i)
        to[i] += factor * from[i];
}

}  // namespace

template <typename E>
Table<E> fold(std::span<const E> table, const E& r) {
    Table<E> folded(table.size() / 2);
    fold_to<E, E>(table.data(), folded.data(), folded.size(), r);
    return folded;
}

template <typename E>
Table<E> fold(std::span<const Goldilocks> table, const E& r) {
    Table<E> folded(table.size() / 2);
    fold_to<E, Goldilocks>(table.data(), folded.data(), folded.size(), r);
    return folded;
}

template <typename E>
void fold_in_place(std::span<E> table, const E& r) {
    fold_to<E, E>(table.data(), table.data(), table.size() / 2, r);
}

template <typename E>
E evaluate(std::span<const E> table, std::span<const E> point) {
    return inner_product(table, eq_table(point).span());
}

template <typename E>
E evaluate(std::span<const Goldilocks> table, std::span<const E> point) {
    return inner_product<E>(table, eq_table(point).span());
}

template <typename E>
E inner_product(std::span<const E> a, std::span<const E> b) {
    return product_of<E, E>(a, b);
}

template <typename E>
E inner_product(std::span<const Goldilocks> a, std::span<const E> b) {
    return product_of<E, Goldilocks>(a, b);
}

template <typename E>
void add_multiple(std::span<const E> from, const E& factor, E* to) {
    add_multiple_of<E, E>(from, factor, to);
}

template <typename E>
void add_multiple(std::span<const Goldilocks> from, const E& factor, E* to) {
    add_multiple_of<E, Goldilocks>(from, factor, to);
}

template void add_multiple(std::span<const Extension2>, const Extension2&, Extension2*);
template void add_multiple(std::span<const Goldilocks>, const Extension2&, Extension2*);
template void add_multiple(std::span<const Extension3>, const Extension3&, Extension3*);
template void add_multiple(std::span<const Goldilocks>, const Extension3&, Extension3*);
template Table<Extension2> fold(std::span<const Extension2>, const Extension2&);
template Table<Extension2> fold(std::span<const Goldilocks>, const Extension2&);
template void fold_in_place(std::span<Extension2>, const Extension2&);
template Extension2 evaluate(std::span<const Extension2>, std::span<const Extension2>);
template Extension2 evaluate(std::span<const Goldilocks>, std::span<const Extension2>);
template Extension2 inner_product(std::span<const Extension2>, std::span<const Extension2>);
template Extension2 inner_product(std::span<const Goldilocks>, std::span<const Extension2>);
template Table<Extension3> fold(std::span<const Extension3>, const Extension3&);
template Table<Extension3> fold(std::span<const Goldilocks>, const Extension3&);
template void fold_in_place(std::span<Extension3>, const Extension3&);
template Extension3 evaluate(std::span<const Extension3>, std::span<const Extension3>);
template Extension3 evaluate(std::span<const Goldilocks>, std::span<const Extension3>);
template Extension3 inner_product(std::span<const Extension3>, std::span<const Extension3>);
template Extension3 inner_product(std::span<const Goldilocks>, std::span<const Extension3>);

}  // namespace valence::zk
