// How code is rewritten into fused code; included by fusion.hpp.
#pragma once

namespace valence::evm {

namespace detail {

/// Bytes of pairs by first and second opcode, of triples by first; 0 where there is none.
struct FusionLookup {
    std::array<std::uint8_t, 256> row{};
    std::array<std::array<std::uint8_t, 256>, 40> pairs{};
    std::array<std::uint8_t, 256> triples{};
};

constexpr FusionLookup make_fusion_lookup() {
    FusionLookup lookup;
    std::uint8_t rows = 0;
    for (std::size_t i = 0; i < kFusionCount; ++i) {
        const auto first = static_cast<std::uint8_t>(kFusions[i].first);
        if (kFusions[i].then_jumpi) {
            lookup.triples[first] = kFusionCodes[i];
            continue;
        }
        if (lookup.row[first] == 0) lookup.row[first] = ++rows;
        lookup.pairs[lookup.row[first]][static_cast<std::uint8_t>(kFusions[i].second)] = kFusionCodes[i];
    }
    return lookup;
}

inline constexpr FusionLookup kFusionLookup = make_fusion_lookup();

}  // namespace detail

template <typename IsDestination>
void fuse(std::uint8_t* code, std::size_t size, IsDestination is_destination) {
    const auto& lookup = detail::kFusionLookup;
    // Whether PUSH2 and JUMP or JUMPI stand there, with a destination that is one.
    const auto is_known_jump = [&](std::size_t at, Op jump) {
        return code[at] == static_cast<std::uint8_t>(kPush2) &&
               code[at + 3] == static_cast<std::uint8_t>(jump) &&
               is_destination(static_cast<std::uint64_t>(code[at + 1]) << 8 | code[at + 2]);
    };
    std::size_t i = 0;
    while (i < size) {
        const auto first = code[i];
        if (!kOpcodes[first].defined()) {
            code[i++] = kUndefinedInFusedCode;
            continue;
        }
        const auto next = i + 1 + kOpcodes[first].immediate;
        if (next >= size) return;
        std::uint8_t fused = 0;
        std::size_t after = next;
        if (lookup.triples[first] != 0 && next + 3 < size && is_known_jump(next, Op::jumpi)) {
            fused = lookup.triples[first];
            after = next + 4;
        } else if (const auto row = lookup.row[first]; row != 0) {
            const auto second = code[next];
            const bool jumps = second == static_cast<std::uint8_t>(Op::jump) ||
                               second == static_cast<std::uint8_t>(Op::jumpi);
            const bool known = !jumps || first != static_cast<std::uint8_t>(kPush2) ||
                               is_known_jump(i, static_cast<Op>(second));
            if (known) fused = lookup.pairs[row][second];
            if (fused != 0) after = next + 1 + kOpcodes[second].immediate;
        }
        if (fused != 0) code[i] = fused;
        i = after;
    }
}

}  // namespace valence::evm
