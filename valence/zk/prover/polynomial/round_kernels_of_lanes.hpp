// The loops behind RoundKernels, written once over "lanes": elements of E taken one at a time (the
// definition), or four or eight at a time. Included by the file of each instruction set only.
#pragma once

#include "valence/zk/prover/polynomial/round_kernels.hpp"

namespace valence::zk {

/// L has: Element, kLanes, Value (kLanes elements), Base (kLanes base elements), Factor (a constant), Sum (an
/// unreduced sum of products); load, store, load_base, add, subtract, multiply, fold, scale.
template <typename L>
struct RoundKernelsOfLanes {
    using E = typename L::Element;
    using Value = typename L::Value;
    using Base = typename L::Base;
    using Factor = typename L::Factor;
    using Sum = typename L::Sum;
    using C = const Multiplier<E>&;
    using Sums = LaneSums<E>&;

    static void fold(const E* from, E* to, std::size_t pairs, Block block, C r) {
        const Factor factor(r);
        for (std::size_t x = block.begin; x < block.begin + block.count; x += L::kLanes)
            L::store(to + x, L::fold(L::load(from + x), L::load(from + x + pairs), factor));
    }
    static void fold_base(const Goldilocks* from, E* to, std::size_t pairs, Block block, C r) {
        const Factor factor(r);
        for (std::size_t x = block.begin; x < block.begin + block.count; x += L::kLanes)
            L::store(to + x, L::fold(L::load_base(from + x), L::load_base(from + x + pairs), factor));
    }
    static void expand(const E* from, E* low, E* high, Block block, C r) {
        const Factor factor(r);
        for (std::size_t x = block.begin; x < block.begin + block.count; x += L::kLanes) {
            const Value value = L::load(from + x);
            const Value scaled = L::scale(factor, value);
            L::store(high + x, scaled);
            L::store(low + x, L::subtract(value, scaled));
        }
    }
    static void inner_product(const E* a, const E* b, Block block, Sums sums) {
        Sum sum;
        for (std::size_t x = block.begin; x < block.begin + block.count; x += L::kLanes)
            sum.add_product(L::load(a + x), L::load(b + x));
        L::store(sums.zero.data(), sum.value());
    }
    static void inner_product_base(const Goldilocks* a, const E* b, Block block, Sums sums) {
        Sum sum;
        for (std::size_t x = block.begin; x < block.begin + block.count; x += L::kLanes)
            sum.add_product(L::load_base(a + x), L::load(b + x));
        L::store(sums.zero.data(), sum.value());
    }

    static void add_multiple(const E* from, const E& factor, E* to, Block block) {
        const Value all = L::broadcast(factor);
        for (std::size_t x = block.begin; x < block.begin + block.count; x += L::kLanes) {
            Sum sum;
            sum.add(L::load(to + x));
            sum.add_product(L::load(from + x), all);
            L::store(to + x, sum.value());
        }
    }
    static void add_multiple_base(const Goldilocks* from, const E& factor, E* to, Block block) {
        const Value all = L::broadcast(factor);
        for (std::size_t x = block.begin; x < block.begin + block.count; x += L::kLanes) {
            Sum sum;
            sum.add(L::load(to + x));
            sum.add_product(L::load_base(from + x), all);
            L::store(to + x, sum.value());
        }
    }

    static void join(const FractionTables<E>& t, E* p, E* q, Block block) {
        for (std::size_t x = block.begin; x < block.begin + block.count; x += L::kLanes) {
            const Value q0 = L::load(t.q0 + x), q1 = L::load(t.q1 + x);
            L::store(p + x, cross(L::load(t.p0 + x), q1, L::load(t.p1 + x), q0));
            L::store(q + x, L::multiply(q0, q1));
        }
    }
    static void join_leaves(const LeafTables<E>& t, E* p, E* q, Block block) {
        for (std::size_t x = block.begin; x < block.begin + block.count; x += L::kLanes) {
            const Value q0 = L::load(t.q0 + x), q1 = L::load(t.q1 + x);
            Sum sum;
            sum.add_product(L::load_base(t.p1 + x), q0);
            sum.add(q1);
            L::store(p + x, sum.value());
            L::store(q + x, L::multiply(q0, q1));
        }
    }
    static void join_ones(const LeafTables<E>& t, E* p, E* q, Block block) {
        for (std::size_t x = block.begin; x < block.begin + block.count; x += L::kLanes) {
            const Value q0 = L::load(t.q0 + x), q1 = L::load(t.q1 + x);
            L::store(p + x, L::add(q0, q1));
            L::store(q + x, L::multiply(q0, q1));
        }
    }

    static void fraction_first(const FractionTables<E>& t, std::size_t pairs, Block block, const E* eq,
                               C lambda, Sums sums) {
        const Factor factor(lambda);
        Sum zero, infinity;
        for (std::size_t i = 0; i < block.count; i += L::kLanes) {
            const std::size_t x = block.begin + i;
            const Pair q0 = load_pair(t.q0, x, pairs), q1 = load_pair(t.q1, x, pairs);
            const Pair p0 = load_pair(t.p0, x, pairs);
            Pair p1 = load_pair(t.p1, x, pairs);
            p1.low = L::scale_add(factor, q1.low, p1.low);
            p1.high = L::scale_add(factor, q1.high, p1.high);
            L::store(t.p1 + x, p1.low);
            L::store(t.p1 + x + pairs, p1.high);
            add_fractions(p0, p1, q0, q1, L::load(eq + i), zero, infinity);
        }
        finish(zero, infinity, sums);
    }
    static void fraction_next(const FractionTables<E>& t, std::size_t pairs, Block block, const E* eq, C r,
                              Sums sums) {
        const Factor factor(r);
        Sum zero, infinity;
        for (std::size_t i = 0; i < block.count; i += L::kLanes) {
            const std::size_t x = block.begin + i;
            const Pair q0 = fold_pair(t.q0, t.q0, x, pairs, factor);
            const Pair p1 = fold_pair(t.p1, t.p1, x, pairs, factor);
            const Pair q1 = fold_pair(t.q1, t.q1, x, pairs, factor);
            const Pair p0 = fold_pair(t.p0, t.p0, x, pairs, factor);
            add_fractions(p0, p1, q0, q1, L::load(eq + i), zero, infinity);
        }
        finish(zero, infinity, sums);
    }

    static void leaf_first(const LeafTables<E>& t, std::size_t pairs, Block block, const E* eq, C lambda,
                           Sums sums) {
        const Factor factor(lambda);
        Sum zero, infinity;
        for (std::size_t i = 0; i < block.count; i += L::kLanes) {
            const std::size_t x = block.begin + i;
            const Pair q0 = load_pair(t.q0, x, pairs), q1 = load_pair(t.q1, x, pairs);
            const Pair f{L::scale_add(factor, q1.low, L::load_base(t.p1 + x)),
                         L::scale_add(factor, q1.high, L::load_base(t.p1 + x + pairs))};
            add_leaves(q0, q1, f, L::load(eq + i), zero, infinity);
        }
        finish(zero, infinity, sums);
    }
    static void leaf_second(const LeafTables<E>& t, const FoldedLeafTables<E>& to, std::size_t pairs,
                            Block block, const E* eq, C lambda, C r, Sums sums) {
        const Factor factor(r), lambda_factor(lambda);
        Sum zero, infinity;
        for (std::size_t i = 0; i < block.count; i += L::kLanes) {
            const std::size_t x = block.begin + i;
            const Pair q0 = fold_pair(t.q0, to.q0, x, pairs, factor);
            const Pair q1 = fold_pair(t.q1, to.q1, x, pairs, factor);
            const Value p_low = L::fold(L::load_base(t.p1 + x), L::load_base(t.p1 + x + 2 * pairs), factor);
            const Value p_high =
                L::fold(L::load_base(t.p1 + x + pairs), L::load_base(t.p1 + x + 3 * pairs), factor);
            const Pair f{L::scale_add(lambda_factor, q1.low, p_low),
                         L::scale_add(lambda_factor, q1.high, p_high)};
            L::store(to.f + x, f.low);
            L::store(to.f + x + pairs, f.high);
            add_leaves(q0, q1, f, L::load(eq + i), zero, infinity);
        }
        finish(zero, infinity, sums);
    }
    static void leaf_next(const FoldedLeafTables<E>& t, std::size_t pairs, Block block, const E* eq, C r,
                          Sums sums) {
        const Factor factor(r);
        Sum zero, infinity;
        for (std::size_t i = 0; i < block.count; i += L::kLanes) {
            const std::size_t x = block.begin + i;
            const Pair q0 = fold_pair(t.q0, t.q0, x, pairs, factor);
            const Pair q1 = fold_pair(t.q1, t.q1, x, pairs, factor);
            const Pair f = fold_pair(t.f, t.f, x, pairs, factor);
            add_leaves(q0, q1, f, L::load(eq + i), zero, infinity);
        }
        finish(zero, infinity, sums);
    }

    static void bilinear_first(const E* a, const E* b, std::size_t pairs, Block block, Sums sums) {
        Sum zero, infinity;
        for (std::size_t x = block.begin; x < block.begin + block.count; x += L::kLanes)
            add_products(load_pair(a, x, pairs), load_pair(b, x, pairs), zero, infinity);
        finish(zero, infinity, sums);
    }
    static void bilinear_first_base(const Goldilocks* a, const E* b, std::size_t pairs, Block block,
                                    Sums sums) {
        Sum zero, infinity;
        for (std::size_t x = block.begin; x < block.begin + block.count; x += L::kLanes) {
            const Base low = L::load_base(a + x);
            const Pair weights = load_pair(b, x, pairs);
            zero.add_product(low, weights.low);
            infinity.add_product(L::subtract(L::load_base(a + x + pairs), low),
                                 L::subtract(weights.high, weights.low));
        }
        finish(zero, infinity, sums);
    }
    static void bilinear_next(const E* a, const E* b, E* to_a, E* to_b, std::size_t pairs, Block block, C r,
                              Sums sums) {
        const Factor factor(r);
        Sum zero, infinity;
        for (std::size_t x = block.begin; x < block.begin + block.count; x += L::kLanes) {
            const Pair left = fold_pair(a, to_a, x, pairs, factor);
            add_products(left, fold_pair(b, to_b, x, pairs, factor), zero, infinity);
        }
        finish(zero, infinity, sums);
    }
    static void bilinear_next_base(const Goldilocks* a, const E* b, E* to_a, E* to_b, std::size_t pairs,
                                   Block block, C r, Sums sums) {
        const Factor factor(r);
        Sum zero, infinity;
        for (std::size_t x = block.begin; x < block.begin + block.count; x += L::kLanes) {
            const Pair left{L::fold(L::load_base(a + x), L::load_base(a + x + 2 * pairs), factor),
                            L::fold(L::load_base(a + x + pairs), L::load_base(a + x + 3 * pairs), factor)};
            L::store(to_a + x, left.low);
            L::store(to_a + x + pairs, left.high);
            add_products(left, fold_pair(b, to_b, x, pairs, factor), zero, infinity);
        }
        finish(zero, infinity, sums);
    }

    static constexpr RoundKernels<E> kTable{
        .fold = fold,
        .fold_base = fold_base,
        .expand = expand,
        .inner_product = inner_product,
        .inner_product_base = inner_product_base,
        .add_multiple = add_multiple,
        .add_multiple_base = add_multiple_base,
        .join = join,
        .join_leaves = join_leaves,
        .join_ones = join_ones,
        .fraction_first = fraction_first,
        .fraction_next = fraction_next,
        .leaf_first = leaf_first,
        .leaf_second = leaf_second,
        .leaf_next = leaf_next,
        .bilinear_first = bilinear_first,
        .bilinear_first_base = bilinear_first_base,
        .bilinear_next = bilinear_next,
        .bilinear_next_base = bilinear_next_base,
    };

private:
    /// A table's values with the next variable 0 and 1.
    struct Pair {
        Value low, high;
    };

    [[gnu::always_inline]] static Pair load_pair(const E* table, std::size_t x, std::size_t pairs) {
        return {L::load(table + x), L::load(table + x + pairs)};
    }
    [[gnu::always_inline]] static Pair fold_pair(const E* from, E* to, std::size_t x, std::size_t pairs,
                                                 const Factor& r) {
        const Pair folded{L::fold(L::load(from + x), L::load(from + x + 2 * pairs), r),
                          L::fold(L::load(from + x + pairs), L::load(from + x + 3 * pairs), r)};
        L::store(to + x, folded.low);
        L::store(to + x + pairs, folded.high);
        return folded;
    }
    [[gnu::always_inline]] static Value difference(const Pair& pair) {
        return L::subtract(pair.high, pair.low);
    }
    /// a·b + c·d
    [[gnu::always_inline]] static Value cross(const Value& a, const Value& b, const Value& c,
                                              const Value& d) {
        Sum sum;
        sum.add_product(a, b);
        sum.add_product(c, d);
        return sum.value();
    }
    [[gnu::always_inline]] static void add_fractions(const Pair& p0, const Pair& p1, const Pair& q0,
                                                     const Pair& q1, const Value& eq, Sum& zero,
                                                     Sum& infinity) {
        zero.add_product(eq, cross(p0.low, q1.low, p1.low, q0.low));
        infinity.add_product(eq, cross(difference(p0), difference(q1), difference(p1), difference(q0)));
    }
    [[gnu::always_inline]] static void add_leaves(const Pair& q0, const Pair& q1, const Pair& f,
                                                  const Value& eq, Sum& zero, Sum& infinity) {
        Sum at_zero;
        at_zero.add_product(q0.low, f.low);
        at_zero.add(q1.low);
        zero.add_product(eq, at_zero.value());
        infinity.add_product(eq, L::multiply(difference(q0), difference(f)));
    }
    [[gnu::always_inline]] static void add_products(const Pair& a, const Pair& b, Sum& zero, Sum& infinity) {
        zero.add_product(a.low, b.low);
        infinity.add_product(difference(a), difference(b));
    }
    [[gnu::always_inline]] static void finish(const Sum& zero, const Sum& infinity, Sums sums) {
        L::store(sums.zero.data(), zero.value());
        L::store(sums.infinity.data(), infinity.value());
    }
};

}  // namespace valence::zk
