// The field of the proofs: the integers modulo p = 2^64 − 2^32 + 1 ("Goldilocks"). Signed 16-bit activations,
// 8-bit weights and all sums of their products are far below p/2, so that an equation that holds in the field
// holds over the integers wherever docs/proof-system.md states the bound. 2^32 divides p − 1, so there are
// roots of unity for every Reed–Solomon code here.
//
// An element is always kept in canonical form, 0 ≤ value < p: equal elements are equal words. These are the
// scalar operations and the definition; the prover's vector kernels (zk/prover/kernels) are tested against
// them.
#pragma once

#include <cstdint>

#include "valence/base/bytes.hpp"

namespace valence::zk {

class Goldilocks {
public:
    static constexpr std::uint64_t kModulus = 0xffffffff00000001;
    /// 2^64 mod p, by which words are brought down.
    static constexpr std::uint64_t kEpsilon = 0xffffffff;
    /// Generates the multiplicative group.
    static constexpr std::uint64_t kGenerator = 7;
    /// log2 of the largest power of two that divides p − 1.
    static constexpr int kTwoAdicity = 32;

    constexpr Goldilocks() = default;
    /// Any word; those from p on are reduced.
    constexpr explicit Goldilocks(std::uint64_t word) : value_(word >= kModulus ? word - kModulus : word) {}
    /// A signed integer, −1 being p − 1.
    static constexpr Goldilocks of(std::int64_t integer) {
        return integer < 0 ? -Goldilocks(static_cast<std::uint64_t>(-(integer + 1)) + 1)
                           : Goldilocks(static_cast<std::uint64_t>(integer));
    }

    /// 0 … p − 1.
    constexpr std::uint64_t value() const { return value_; }

    constexpr bool operator==(const Goldilocks&) const = default;

    friend constexpr Goldilocks operator+(Goldilocks a, Goldilocks b) {
        return canonical(difference(a.value_, kModulus - b.value_));
    }
    friend constexpr Goldilocks operator-(Goldilocks a, Goldilocks b) {
        return canonical(difference(a.value_, b.value_));
    }
    constexpr Goldilocks operator-() const { return canonical(value_ == 0 ? 0 : kModulus - value_); }
    friend constexpr Goldilocks operator*(Goldilocks a, Goldilocks b) {
        return reduce(static_cast<base::UInt128>(a.value_) * b.value_);
    }
    constexpr Goldilocks& operator+=(Goldilocks other) { return *this = *this + other; }
    constexpr Goldilocks& operator-=(Goldilocks other) { return *this = *this - other; }
    constexpr Goldilocks& operator*=(Goldilocks other) { return *this = *this * other; }

    /// The remainder of a 128-bit number: with 2^64 ≡ 2^32 − 1 and 2^96 ≡ −1,
    /// low + 2^64·middle + 2^96·high ≡ low + ε·middle − high.
    static constexpr Goldilocks reduce(base::UInt128 wide) {
        const auto low = static_cast<std::uint64_t>(wide);
        const auto top = static_cast<std::uint64_t>(wide >> 64);
        const std::uint64_t high = top >> 32;
        const std::uint64_t middle = top & kEpsilon;
        std::uint64_t difference;
        if (__builtin_sub_overflow(low, high, &difference)) difference -= kEpsilon;
        std::uint64_t sum;
        const bool carry = __builtin_add_overflow(difference, middle * kEpsilon, &sum);
        return Goldilocks(sum + epsilon_if(carry));
    }
    /// a·b + c·times, and a·b + c·d, reduced once.
    static constexpr Goldilocks multiply_add(Goldilocks a, Goldilocks b, Goldilocks c,
                                             std::uint32_t times = 1) {
        // At most (p − 1)·(p − 1 + 2^32 − 1) < 2^128.
        return reduce(wide_product(a, b) + base::UInt128{c.value_} * times);
    }
    static constexpr Goldilocks sum_of_products(Goldilocks a, Goldilocks b, Goldilocks c, Goldilocks d) {
        const base::UInt128 first = wide_product(a, b);
        const base::UInt128 sum = first + wide_product(c, d);
        // A carry is 2^64·2^64 ≡ 2^64·ε; what is left is below 2·(p − 1)^2 − 2^128 and takes that.
        return reduce(sum + (base::UInt128{epsilon_if(sum < first)} << 64));
    }

    constexpr Goldilocks power(std::uint64_t exponent) const {
        Goldilocks result(1);
        for (Goldilocks base = *this; exponent != 0; exponent >>= 1, base *= base) {
            if (exponent & 1) result *= base;
        }
        return result;
    }
    /// 1/this; 0 of 0, which callers exclude.
    constexpr Goldilocks inverse() const { return power(kModulus - 2); }

    /// A primitive 2^log_size-th root of unity, log_size ≤ 32; each is the square of the next.
    static constexpr Goldilocks root_of_unity(int log_size) {
        return Goldilocks(kGenerator).power((kModulus - 1) >> log_size);
    }

private:
    // Of random elements, half of all sums and differences pass the modulus: a branch would be guessed wrong
    // as often, and cost five times as much as the arithmetic.
    static constexpr std::uint64_t epsilon_if(bool condition) {
        return static_cast<std::uint32_t>(-static_cast<std::int32_t>(condition));
    }
    /// a − b, and p more if that is below 0: −ε ≡ p mod 2^64.
    static constexpr std::uint64_t difference(std::uint64_t a, std::uint64_t b) {
        std::uint64_t result;
        const bool borrow = __builtin_sub_overflow(a, b, &result);
        return result - epsilon_if(borrow);
    }
    static constexpr base::UInt128 wide_product(Goldilocks a, Goldilocks b) {
        return base::UInt128{a.value_} * b.value_;
    }
    static constexpr Goldilocks canonical(std::uint64_t below_modulus) {
        Goldilocks element;
        element.value_ = below_modulus;
        return element;
    }

    std::uint64_t value_ = 0;
};

}  // namespace valence::zk
