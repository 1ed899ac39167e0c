// Many products over the extension in less time: sums reduced once in the end, multiples of one. Portable:
// the prover's vector kernels (zk/prover/polynomial) are for more than the verifier has.
#pragma once

#include <span>

#include "valence/zk/protocol/field/extension.hpp"

namespace valence::zk {

/// Σ of up to 2^31 products of words, modulo p.
class WordProducts {
public:
    [[gnu::always_inline]] constexpr void add(Goldilocks a, Goldilocks b) {
        const base::UInt128 product = base::UInt128{a.value()} * b.value();
        sum_ += product;
        carries_ += static_cast<std::uint64_t>(sum_ < product);
    }
    /// 2^128 ≡ −2^32.
    constexpr Goldilocks reduced() const { return Goldilocks::reduce(sum_) - Goldilocks(carries_ << 32); }

private:
    base::UInt128 sum_ = 0;
    std::uint64_t carries_ = 0;
};

/// Multiplication of many elements by the same one: a reduction less for each.
template <ExtensionElement E>
class MultiplesOf {
public:
    explicit constexpr MultiplesOf(const E& by) : by_(by), seven_times_(Goldilocks(7) * by[1]) {}
    [[gnu::always_inline]] constexpr E operator()(const E& a) const {
        if constexpr (E::kDegree == 2)
            return E({Goldilocks::sum_of_products(a[0], by_[0], a[1], seven_times_),
                      Goldilocks::sum_of_products(a[0], by_[1], a[1], by_[0])});
        else
            return a * by_;
    }

private:
    E by_;
    Goldilocks seven_times_;  // u² = 7
};

/// Σ a[k]·b[k] of equally long lists. Its counters take all registers: not for inlining.
template <ExtensionElement E>
[[gnu::noinline]] E sum_of_products(std::span<const E> a, std::span<const E> b) {
    if constexpr (E::kDegree == 2) {
        WordProducts low, cross, high;  // of 1, u, u² = 7
        for (std::size_t k = 0; k < a.size(); ++k) {
            low.add(a[k][0], b[k][0]);
            cross.add(a[k][0], b[k][1]);
            cross.add(a[k][1], b[k][0]);
            high.add(a[k][1], b[k][1]);
        }
        return E({low.reduced() + Goldilocks(7) * high.reduced(), cross.reduced()});
    } else {
        E sum;
        for (std::size_t k = 0; k < a.size(); ++k)
            sum += a[k] * b[k];
        return sum;
    }
}

}  // namespace valence::zk
