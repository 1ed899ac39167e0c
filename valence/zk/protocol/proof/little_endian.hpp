// Words as the 8 bytes, lowest first, that proofs and the transcript hold. Spelt out as shifts for any
// machine; compilers make one load or store of them.
#pragma once

#include <array>
#include <cstdint>

namespace valence::zk {

constexpr std::array<std::uint8_t, 8> little_endian(std::uint64_t word) {
    const auto byte = [word](int i) { return static_cast<std::uint8_t>(word >> (8 * i)); };
    return {byte(0), byte(1), byte(2), byte(3), byte(4), byte(5), byte(6), byte(7)};
}

/// Of the first 8 bytes there.
constexpr std::uint64_t load_little_endian(const std::uint8_t* from) {
    const auto byte = [from](int i) { return std::uint64_t{from[i]} << (8 * i); };
    return byte(0) | byte(1) | byte(2) | byte(3) | byte(4) | byte(5) | byte(6) | byte(7);
}

}  // namespace valence::zk
