// Fusion: instruction sequences that compilers of contracts emit all the time, run as one. A byte that no
// fork defines stands for each; it replaces the first opcode of the sequence in a copy of the code, and
// everything behind it stays as it was. So an instruction that cannot be run fused (operands or gas are
// missing) runs plainly from there, and every failure is the one the plain code has.
//
// Measured on the mix of ../shared/data/evm-benchmarks: most of an instruction's time is the jump to it.
#pragma once

#include <array>
#include <cstdint>
#include <iterator>

#include "valence/evm/opcodes.hpp"

namespace valence::evm {

/// A sequence of two instructions; with a jump, PUSH2 and JUMPI to a known destination follow `first`
/// instead.
struct Fusion {
    Op first;
    Op second;
    bool then_jumpi = false;
};

// clang-format off
inline constexpr Fusion kFusions[] = {
    // Jumps whose destination is checked beforehand.
    {kPush2, Op::jump}, {kPush2, Op::jumpi},
    {Op::iszero, Op::jumpi, true}, {Op::lt, Op::jumpi, true}, {Op::gt, Op::jumpi, true}, {Op::eq, Op::jumpi, true},
    {Op::slt, Op::jumpi, true}, {Op::sgt, Op::jumpi, true},
    // A small constant and what uses it.
    {kPush1, Op::add}, {kPush1, Op::sub}, {kPush1, Op::mul}, {kPush1, Op::and_}, {kPush1, Op::shl}, {kPush1, Op::shr},
    {kPush1, Op::lt}, {kPush1, Op::eq}, {kPush1, Op::mload}, {kPush1, Op::mstore},
    {kPush2, Op::add}, {kPush2, Op::and_}, {kPush2, Op::mload}, {kPush2, Op::mstore},
    {kPush1, dup(1)}, {kPush1, dup(2)}, {kPush1, kPush1}, {kPush1, swap(1)},
    // Copies and what uses them.
    {dup(1), Op::add}, {dup(1), Op::iszero}, {dup(1), dup(1)}, {dup(1), Op::mulmod},
    {dup(2), Op::add}, {dup(2), Op::sub}, {dup(2), Op::and_}, {dup(2), Op::lt}, {dup(2), Op::slt}, {dup(2), Op::eq},
    {dup(2), Op::mstore}, {dup(2), dup(1)}, {dup(2), dup(2)},
    {dup(3), Op::add}, {dup(3), Op::and_}, {dup(4), Op::and_}, {dup(5), Op::and_}, {dup(6), Op::and_}, {dup(7), Op::and_},
    {dup(6), Op::div}, {dup(7), Op::div}, {dup(8), Op::div}, {dup(7), Op::add}, {dup(7), Op::mul}, {dup(10), Op::shr},
    // Dropping.
    {swap(1), Op::pop}, {swap(2), Op::pop}, {swap(3), Op::pop}, {swap(4), Op::pop}, {swap(5), Op::pop},
    {Op::pop, Op::pop}, {Op::pop, Op::jump},
    // Arithmetic on arithmetic's result.
    {Op::add, Op::add}, {Op::mul, Op::add}, {Op::or_, Op::add}, {Op::and_, Op::or_}, {Op::shr, Op::and_},
    {Op::div, Op::and_}, {Op::shl, Op::sub}, {Op::sub, Op::and_}, {Op::mload, Op::or_},
    {Op::add, Op::mload}, {Op::add, swap(1)}, {Op::mload, swap(1)}, {swap(1), swap(3)}, {swap(3), swap(1)}, {Op::mload, dup(2)},
};
// clang-format on

inline constexpr std::size_t kFusionCount = std::size(kFusions);

namespace detail {

/// The byte of each fusion: those no fork defines, in order.
constexpr std::array<std::uint8_t, kFusionCount> make_fusion_codes() {
    std::array<std::uint8_t, kFusionCount> codes{};
    std::size_t n = 0;
    for (std::size_t byte = 0; byte < 256 && n < kFusionCount; ++byte) {
        if (!kOpcodes[byte].defined()) codes[n++] = static_cast<std::uint8_t>(byte);
    }
    if (n != kFusionCount) throw "more fusions than undefined bytes";
    return codes;
}

inline constexpr auto kFusionCodes = make_fusion_codes();

/// By byte: one more than the index of the fusion, or 0.
constexpr std::array<std::uint8_t, 256> make_fusion_indexes() {
    std::array<std::uint8_t, 256> indexes{};
    for (std::size_t i = 0; i < kFusionCount; ++i)
        indexes[kFusionCodes[i]] = static_cast<std::uint8_t>(i + 1);
    return indexes;
}

inline constexpr auto kFusionIndexes = make_fusion_indexes();

}  // namespace detail

/// In fused code this stands for every byte that no fork defines and that the code used as an instruction.
inline constexpr std::uint8_t kUndefinedInFusedCode = 0xfc;
static_assert(!kOpcodes[kUndefinedInFusedCode].defined() &&
              detail::kFusionIndexes[kUndefinedInFusedCode] == 0);

/// Whether a byte stands for a fusion in fused code.
constexpr bool is_fusion(std::uint8_t byte) { return detail::kFusionIndexes[byte] != 0; }

/// The fusion a byte stands for in fused code; the byte must be one (is_fusion).
constexpr const Fusion& fusion_of(std::uint8_t byte) { return kFusions[detail::kFusionIndexes[byte] - 1]; }

/// Rewrites `code` (padded as AnalysedCode pads it, `size` bytes before the padding) into fused code.
/// `is_destination` tells jump destinations.
template <typename IsDestination>
void fuse(std::uint8_t* code, std::size_t size, IsDestination is_destination);

}  // namespace valence::evm

#include "valence/evm/fusion_rewrite.hpp"
