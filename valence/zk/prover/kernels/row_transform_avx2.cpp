#include "valence/zk/prover/kernels/goldilocks_avx2.hpp"
#include "valence/zk/prover/kernels/row_transform_portable.hpp"

#if defined(__x86_64__)

// Bound: a product is 4 multiplications and about 20 other instructions on 4 lanes, a radix-4 butterfly three
// products, one by 2^48 (shifts) and eight sums. Every result is stored tight: a row may be the last one's.
namespace valence::zk {
namespace {

using namespace avx2;

[[gnu::target("avx2")]] void four(const FourRows& rows, const Twiddles& w) {
    Goldilocks *pa = rows.first, *pb = pa + rows.apart, *pc = pb + rows.apart, *pd = pc + rows.apart;
    const __m256i w1 = broadcast(w[0].value()), w2 = broadcast(w[1].value()), w3 = broadcast(w[2].value());
    std::size_t lane = 0;
    for (; lane + 4 <= rows.lanes; lane += 4) {
        const __m256i a = load(pa + lane), b = load(pb + lane), c = load(pc + lane), d = load(pd + lane);
        const __m256i even = add(a, c), odd = tighten(add(b, d));
        const __m256i left = subtract(a, c);
        const __m256i right = tighten(multiply_by_fourth_root(subtract(b, d)));
        store(pa + lane, tighten(add(even, odd)));
        store(pb + lane, tighten(multiply(subtract(even, odd), w2)));
        store(pc + lane, tighten(multiply(add(left, right), w1)));
        store(pd + lane, tighten(multiply(subtract(left, right), w3)));
    }
    for (; lane < rows.lanes; ++lane)
        portable::four(pa + lane, rows.apart, w);
}

[[gnu::target("avx2")]] void four_untwisted(const FourRows& rows) {
    Goldilocks *pa = rows.first, *pb = pa + rows.apart, *pc = pb + rows.apart, *pd = pc + rows.apart;
    std::size_t lane = 0;
    for (; lane + 4 <= rows.lanes; lane += 4) {
        const __m256i a = load(pa + lane), b = load(pb + lane), c = load(pc + lane), d = load(pd + lane);
        const __m256i even = add(a, c), odd = tighten(add(b, d));
        const __m256i left = subtract(a, c);
        const __m256i right = tighten(multiply_by_fourth_root(subtract(b, d)));
        store(pa + lane, tighten(add(even, odd)));
        store(pb + lane, tighten(subtract(even, odd)));
        store(pc + lane, tighten(add(left, right)));
        store(pd + lane, tighten(subtract(left, right)));
    }
    for (; lane < rows.lanes; ++lane)
        portable::four(pa + lane, rows.apart, {Goldilocks(1), Goldilocks(1), Goldilocks(1)});
}

[[gnu::target("avx2")]] void four_transposed(const FourRows& rows, const Twiddles& w) {
    Goldilocks *pa = rows.first, *pb = pa + rows.apart, *pc = pb + rows.apart, *pd = pc + rows.apart;
    const __m256i w1 = broadcast(w[0].value()), w2 = broadcast(w[1].value()), w3 = broadcast(w[2].value());
    std::size_t lane = 0;
    for (; lane + 4 <= rows.lanes; lane += 4) {
        const __m256i a = load(pa + lane);
        const __m256i x = tighten(multiply(load(pb + lane), w2));
        const __m256i y = multiply(load(pc + lane), w1);
        const __m256i z = tighten(multiply(load(pd + lane), w3));
        const __m256i even = add(a, x), odd = tighten(add(y, z));
        const __m256i left = subtract(a, x);
        const __m256i right = tighten(multiply_by_fourth_root(subtract(y, z)));
        store(pa + lane, tighten(add(even, odd)));
        store(pb + lane, tighten(add(left, right)));
        store(pc + lane, tighten(subtract(even, odd)));
        store(pd + lane, tighten(subtract(left, right)));
    }
    for (; lane < rows.lanes; ++lane)
        portable::four_transposed(pa + lane, rows.apart, w);
}

[[gnu::target("avx2")]] void two(Goldilocks* a, Goldilocks* b, std::size_t lanes) {
    std::size_t lane = 0;
    for (; lane + 4 <= lanes; lane += 4) {
        const __m256i x = load(a + lane), y = load(b + lane);
        store(a + lane, tighten(add(x, y)));
        store(b + lane, tighten(subtract(x, y)));
    }
    for (; lane < lanes; ++lane)
        portable::two(a[lane], b[lane]);
}

[[gnu::target("avx2")]] void scale(const Goldilocks* from, Goldilocks factor, Goldilocks* to,
                                   std::size_t lanes) {
    const __m256i all = broadcast(factor.value());
    std::size_t lane = 0;
    for (; lane + 4 <= lanes; lane += 4)
        store(to + lane, tighten(multiply(load(from + lane), all)));
    for (; lane < lanes; ++lane)
        to[lane] = from[lane] * factor;
}

[[gnu::target("avx2")]] void add_scaled(const Goldilocks* from, Goldilocks factor, Goldilocks* to,
                                        std::size_t lanes) {
    const __m256i all = broadcast(factor.value());
    std::size_t lane = 0;
    for (; lane + 4 <= lanes; lane += 4)
        store(to + lane, tighten(add(multiply(load(from + lane), all), load(to + lane))));
    for (; lane < lanes; ++lane)
        to[lane] += from[lane] * factor;
}

}  // namespace

const ButterflySteps kAvx2Steps{four, four_untwisted, four_transposed, two, scale, add_scaled};

}  // namespace valence::zk

#endif
