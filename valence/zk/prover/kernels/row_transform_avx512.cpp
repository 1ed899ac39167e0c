#include "valence/zk/prover/kernels/goldilocks_avx512.hpp"
#include "valence/zk/prover/kernels/row_transform_steps.hpp"

#if defined(__x86_64__)

// As for AVX2, with fewer instructions; the last lanes are masked ones.
namespace valence::zk {
namespace {

using namespace avx512;

/// The rows' elements at eight lanes, or as many as there are left.
struct Lanes {
    std::size_t lane;
    __mmask8 mask;

    VALENCE_AVX512 static Lanes at(std::size_t lane, std::size_t lanes) {
        const std::size_t left = lanes - lane;
        return {lane, static_cast<__mmask8>(left < 8 ? (1U << left) - 1 : 0xff)};
    }
    VALENCE_AVX512 __m512i load(const Goldilocks* row) const {
        return _mm512_maskz_loadu_epi64(mask, row + lane);
    }
    VALENCE_AVX512 void store(Goldilocks* row, __m512i loose) const {
        _mm512_mask_storeu_epi64(row + lane, mask, tighten(loose));
    }
};

VALENCE_AVX512_TARGET void four(const FourRows& rows, const Twiddles& w) {
    Goldilocks *pa = rows.first, *pb = pa + rows.apart, *pc = pb + rows.apart, *pd = pc + rows.apart;
    const __m512i w1 = broadcast(w[0].value()), w2 = broadcast(w[1].value()), w3 = broadcast(w[2].value());
    for (std::size_t lane = 0; lane < rows.lanes; lane += 8) {
        const Lanes at = Lanes::at(lane, rows.lanes);
        const __m512i a = at.load(pa), b = at.load(pb), c = at.load(pc), d = at.load(pd);
        const __m512i even = add(a, c), odd = tighten(add(b, d));
        const __m512i left = subtract(a, c);
        const __m512i right = tighten(multiply_by_fourth_root(subtract(b, d)));
        at.store(pa, add(even, odd));
        at.store(pb, multiply(subtract(even, odd), w2));
        at.store(pc, multiply(add(left, right), w1));
        at.store(pd, multiply(subtract(left, right), w3));
    }
}

VALENCE_AVX512_TARGET void four_untwisted(const FourRows& rows) {
    Goldilocks *pa = rows.first, *pb = pa + rows.apart, *pc = pb + rows.apart, *pd = pc + rows.apart;
    for (std::size_t lane = 0; lane < rows.lanes; lane += 8) {
        const Lanes at = Lanes::at(lane, rows.lanes);
        const __m512i a = at.load(pa), b = at.load(pb), c = at.load(pc), d = at.load(pd);
        const __m512i even = add(a, c), odd = tighten(add(b, d));
        const __m512i left = subtract(a, c);
        const __m512i right = tighten(multiply_by_fourth_root(subtract(b, d)));
        at.store(pa, add(even, odd));
        at.store(pb, subtract(even, odd));
        at.store(pc, add(left, right));
        at.store(pd, subtract(left, right));
    }
}

VALENCE_AVX512_TARGET void four_transposed(const FourRows& rows, const Twiddles& w) {
    Goldilocks *pa = rows.first, *pb = pa + rows.apart, *pc = pb + rows.apart, *pd = pc + rows.apart;
    const __m512i w1 = broadcast(w[0].value()), w2 = broadcast(w[1].value()), w3 = broadcast(w[2].value());
    for (std::size_t lane = 0; lane < rows.lanes; lane += 8) {
        const Lanes at = Lanes::at(lane, rows.lanes);
        const __m512i a = at.load(pa);
        const __m512i x = tighten(multiply(at.load(pb), w2));
        const __m512i y = multiply(at.load(pc), w1);
        const __m512i z = tighten(multiply(at.load(pd), w3));
        const __m512i even = add(a, x), odd = tighten(add(y, z));
        const __m512i left = subtract(a, x);
        const __m512i right = tighten(multiply_by_fourth_root(subtract(y, z)));
        at.store(pa, add(even, odd));
        at.store(pb, add(left, right));
        at.store(pc, subtract(even, odd));
        at.store(pd, subtract(left, right));
    }
}

VALENCE_AVX512_TARGET void two(Goldilocks* a, Goldilocks* b, std::size_t lanes) {
    for (std::size_t lane = 0; lane < lanes; lane += 8) {
        const Lanes at = Lanes::at(lane, lanes);
        const __m512i x = at.load(a), y = at.load(b);
        at.store(a, add(x, y));
        at.store(b, subtract(x, y));
    }
}

VALENCE_AVX512_TARGET void scale(const Goldilocks* from, Goldilocks factor, Goldilocks* to,
                                 std::size_t lanes) {
    const __m512i all = broadcast(factor.value());
    for (std::size_t lane = 0; lane < lanes; lane += 8) {
        const Lanes at = Lanes::at(lane, lanes);
        at.store(to, multiply(at.load(from), all));
    }
}

VALENCE_AVX512_TARGET void add_scaled(const Goldilocks* from, Goldilocks factor, Goldilocks* to,
                                      std::size_t lanes) {
    const __m512i all = broadcast(factor.value());
    for (std::size_t lane = 0; lane < lanes; lane += 8) {
        const Lanes at = Lanes::at(lane, lanes);
        at.store(to, add(multiply(at.load(from), all), at.load(to)));
    }
}

}  // namespace

const ButterflySteps kAvx512Steps{four, four_untwisted, four_transposed, two, scale, add_scaled};

}  // namespace valence::zk

#endif
