// Instructions on words alone: arithmetic, comparison, bits, PUSH, DUP, SWAP. `top` is one past the top word;
// the result goes where the deepest input was.
#pragma once

#include "valence/evm/instructions/step.hpp"

namespace valence::evm {

/// SIGNEXTEND: the byte `index` (0 the lowest) of `value` becomes its sign.
constexpr U256 sign_extend(const U256& index, const U256& value) {
    if (!index.fits_u64() || index.low_u64() >= 31) return value;
    const auto shift = 8 * (31 - index.low_u64());
    return shift_right_arithmetic(value << shift, shift);
}

/// BYTE: counted from the most significant.
constexpr U256 byte_at(const U256& index, const U256& value) {
    if (!index.fits_u64() || index.low_u64() >= 32) return {};
    const auto from_low = 31 - index.low_u64();
    return value.limbs[from_low / 8] >> (8 * (from_low % 8)) & 0xff;
}

template <unsigned n>
VALENCE_INLINE U256 read_immediate(const std::uint8_t* at) {
    // Reads may pass the immediate but never the padding behind the code.
    const auto load = [](const std::uint8_t* from) {
        std::uint64_t limb = 0;
        std::memcpy(&limb, from, 8);
        return __builtin_bswap64(limb);
    };
    U256 word;
    constexpr auto kWhole = n / 8;
    constexpr auto kRest = n % 8;
    for (unsigned i = 0; i < kWhole; ++i)
        word.limbs[i] = load(at + n - 8 * (i + 1));
    if constexpr (kRest != 0) word.limbs[kWhole] = load(at) >> (64 - 8 * kRest);
    return word;
}

/// Copies through general registers: a word just written as four limbs cannot be forwarded to a wider load.
VALENCE_INLINE void put(U256& to, const U256& from) {
    auto l0 = from.limbs[0];
    auto l1 = from.limbs[1];
    auto l2 = from.limbs[2];
    auto l3 = from.limbs[3];
    asm("" : "+r"(l0), "+r"(l1), "+r"(l2), "+r"(l3));
    to.limbs[0] = l0;
    to.limbs[1] = l1;
    to.limbs[2] = l2;
    to.limbs[3] = l3;
}

/// A word that fits one limb.
VALENCE_INLINE void put(U256& to, std::uint64_t from) {
    to.limbs[0] = from;
    to.limbs[1] = 0;
    to.limbs[2] = 0;
    to.limbs[3] = 0;
}

VALENCE_INLINE void swap_words(U256& a, U256& b) {
    for (std::size_t i = 0; i < 4; ++i) {
        auto x = a.limbs[i];
        auto y = b.limbs[i];
        asm("" : "+r"(x), "+r"(y));
        a.limbs[i] = y;
        b.limbs[i] = x;
    }
}

template <Op op>
constexpr bool kIsPush = static_cast<std::uint8_t>(op) >= 0x5f && static_cast<std::uint8_t>(op) <= 0x7f;
template <Op op>
constexpr bool kIsDup = static_cast<std::uint8_t>(op) >= 0x80 && static_cast<std::uint8_t>(op) <= 0x8f;
template <Op op>
constexpr bool kIsSwap = static_cast<std::uint8_t>(op) >= 0x90 && static_cast<std::uint8_t>(op) <= 0x9f;
/// EXP is apart: its price depends on the exponent.
template <Op op>
constexpr bool kIsWord =
    (static_cast<std::uint8_t>(op) >= 0x01 && static_cast<std::uint8_t>(op) <= 0x1e && op != Op::exp) ||
    op == Op::pop || kIsPush<op> || kIsDup<op> || kIsSwap<op>;

/// The instructions that make one word of two; `a` is the top one. Comparisons answer a limb.
template <Op op>
VALENCE_INLINE auto binary(const U256& a, const U256& b) {
    if constexpr (op == Op::add) return a + b;
    if constexpr (op == Op::mul) return a * b;
    if constexpr (op == Op::sub) return a - b;
    if constexpr (op == Op::div) return a / b;
    if constexpr (op == Op::sdiv) return signed_div(a, b);
    if constexpr (op == Op::mod) return a % b;
    if constexpr (op == Op::smod) return signed_mod(a, b);
    if constexpr (op == Op::signextend) return sign_extend(a, b);
    if constexpr (op == Op::lt) return static_cast<std::uint64_t>(less(a, b));
    if constexpr (op == Op::gt) return static_cast<std::uint64_t>(less(b, a));
    if constexpr (op == Op::slt) return static_cast<std::uint64_t>(signed_less(a, b));
    if constexpr (op == Op::sgt) return static_cast<std::uint64_t>(signed_less(b, a));
    if constexpr (op == Op::eq) return static_cast<std::uint64_t>(a == b);
    if constexpr (op == Op::and_) return a & b;
    if constexpr (op == Op::or_) return a | b;
    if constexpr (op == Op::xor_) return a ^ b;
    if constexpr (op == Op::byte) return byte_at(a, b);
    if constexpr (op == Op::shl) return b << a.saturated_u64();
    if constexpr (op == Op::shr) return b >> a.saturated_u64();
    if constexpr (op == Op::sar) return shift_right_arithmetic(b, a.saturated_u64());
}

template <Op op>
constexpr bool kIsBinary = kIsWord<op> && info(op).in == 2 && info(op).out == 1;

template <Op op>
VALENCE_INLINE void run_word(const std::uint8_t* pc, U256* top) {
    constexpr auto kCode = static_cast<std::uint8_t>(op);
    const U256& a = top[-1];
    if constexpr (kIsPush<op> && kCode <= 0x5f + 8) {
        put(*top, read_immediate<kCode - 0x5f>(pc + 1).limbs[0]);
    } else if constexpr (kIsPush<op>) {
        put(*top, read_immediate<kCode - 0x5f>(pc + 1));
    } else if constexpr (kIsDup<op>) {
        put(*top, top[-(kCode - 0x7f)]);
    } else if constexpr (kIsSwap<op>) {
        swap_words(top[-1], top[-(kCode - 0x8f) - 1]);
    } else if constexpr (op == Op::iszero) {
        put(top[-1], static_cast<std::uint64_t>(a.is_zero()));
    } else if constexpr (op == Op::not_) {
        put(top[-1], ~a);
    } else if constexpr (op == Op::clz) {
        put(top[-1], 256U - a.bit_width());
    } else if constexpr (op == Op::addmod) {
        put(top[-3], add_mod(a, top[-2], top[-3]));
    } else if constexpr (op == Op::mulmod) {
        put(top[-3], mul_mod(a, top[-2], top[-3]));
    } else if constexpr (op != Op::pop) {
        put(top[-2], binary<op>(a, top[-2]));
    }
}

}  // namespace valence::evm
