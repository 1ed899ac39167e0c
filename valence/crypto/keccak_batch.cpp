#include "valence/crypto/keccak_batch.hpp"

#include <algorithm>
#include <numeric>
#include <vector>

#include "valence/crypto/keccak.hpp"

namespace valence::crypto {

#if defined(__x86_64__)
namespace {

constexpr std::size_t kRate = 136;
constexpr std::size_t kWays = 4;

/// The same 64-bit lane of four Keccak states.
using Lane = std::uint64_t __attribute__((vector_size(32)));

/// FIPS 202, section 3.2.5.
constexpr std::array<std::uint64_t, 24> kRoundConstants{
    0x0000000000000001, 0x0000000000008082, 0x800000000000808a, 0x8000000080008000, 0x000000000000808b,
    0x0000000080000001, 0x8000000080008081, 0x8000000000008009, 0x000000000000008a, 0x0000000000000088,
    0x0000000080008009, 0x000000008000000a, 0x000000008000808b, 0x800000000000008b, 0x8000000000008089,
    0x8000000000008003, 0x8000000000008002, 0x8000000000000080, 0x000000000000800a, 0x800000008000000a,
    0x8000000080008081, 0x8000000000008080, 0x0000000080000001, 0x8000000080008008};

// The helpers take references: vectors passed by value would have another calling convention without AVX.

[[gnu::target("avx2"), gnu::always_inline]] inline void rotate(Lane& lane, int bits) {
    lane = (lane << bits) | (lane >> (64 - bits));
}

/// One row of the new state: lanes moved and rotated (ρ, π), then mixed (χ).
[[gnu::target("avx2"), gnu::always_inline]] inline void mix_row(Lane* row, Lane b0, Lane b1, Lane b2, Lane b3,
                                                                Lane b4, const std::array<int, 5>& bits) {
    if (bits[0] != 0) rotate(b0, bits[0]);
    rotate(b1, bits[1]);
    rotate(b2, bits[2]);
    rotate(b3, bits[3]);
    rotate(b4, bits[4]);
    row[0] = b0 ^ (~b1 & b2);
    row[1] = b1 ^ (~b2 & b3);
    row[2] = b2 ^ (~b3 & b4);
    row[3] = b3 ^ (~b4 & b0);
    row[4] = b4 ^ (~b0 & b1);
}

[[gnu::target("avx2"), gnu::always_inline]] inline void round(const Lane* a, Lane* e,
                                                              std::uint64_t constant) {
    const Lane c0 = a[0] ^ a[5] ^ a[10] ^ a[15] ^ a[20];
    const Lane c1 = a[1] ^ a[6] ^ a[11] ^ a[16] ^ a[21];
    const Lane c2 = a[2] ^ a[7] ^ a[12] ^ a[17] ^ a[22];
    const Lane c3 = a[3] ^ a[8] ^ a[13] ^ a[18] ^ a[23];
    const Lane c4 = a[4] ^ a[9] ^ a[14] ^ a[19] ^ a[24];
    Lane d0 = c1;
    Lane d1 = c2;
    Lane d2 = c3;
    Lane d3 = c4;
    Lane d4 = c0;
    rotate(d0, 1);
    rotate(d1, 1);
    rotate(d2, 1);
    rotate(d3, 1);
    rotate(d4, 1);
    d0 ^= c4;
    d1 ^= c0;
    d2 ^= c1;
    d3 ^= c2;
    d4 ^= c3;
    mix_row(e, a[0] ^ d0, a[6] ^ d1, a[12] ^ d2, a[18] ^ d3, a[24] ^ d4, {0, 44, 43, 21, 14});
    mix_row(e + 5, a[3] ^ d3, a[9] ^ d4, a[10] ^ d0, a[16] ^ d1, a[22] ^ d2, {28, 20, 3, 45, 61});
    mix_row(e + 10, a[1] ^ d1, a[7] ^ d2, a[13] ^ d3, a[19] ^ d4, a[20] ^ d0, {1, 6, 25, 8, 18});
    mix_row(e + 15, a[4] ^ d4, a[5] ^ d0, a[11] ^ d1, a[17] ^ d2, a[23] ^ d3, {27, 36, 10, 15, 56});
    mix_row(e + 20, a[2] ^ d2, a[8] ^ d3, a[14] ^ d4, a[15] ^ d0, a[21] ^ d1, {62, 55, 39, 41, 2});
    e[0] ^= Lane{constant, constant, constant, constant};
}

[[gnu::target("avx2")]] void permute(Lane* state) {
    std::array<Lane, 25> other;
    for (std::size_t i = 0; i < kRoundConstants.size(); i += 2) {
        round(state, other.data(), kRoundConstants[i]);
        round(other.data(), state, kRoundConstants[i + 1]);
    }
}

std::size_t block_count(BytesView input) { return input.size() / kRate + 1; }

using Block = std::array<std::uint8_t, kRate>;
constexpr Block kNoBlock{};

/// Where the bytes of an input's block are: in the input, or in `room`, padded, when it is the last; zeros
/// after that.
const std::uint8_t* block_of(BytesView input, std::size_t block, Block& room) {
    const auto start = block * kRate;
    if (start > input.size()) return kNoBlock.data();
    const auto rest = input.size() - start;
    if (rest >= kRate) return input.data() + start;
    room.fill(0);
    if (rest != 0) std::memcpy(room.data(), input.data() + start, rest);
    room[rest] = 0x01;
    room[kRate - 1] |= 0x80;
    return room.data();
}

std::uint64_t load_word(const std::uint8_t* from) {
    std::uint64_t word = 0;
    std::memcpy(&word, from, 8);
    return word;
}

/// Inputs whose numbers of blocks do not ascend, at most four.
[[gnu::target("avx2")]] void hash_group(std::span<const BytesView> inputs, std::span<const std::size_t> group,
                                        std::span<Hash> digests) {
    std::array<Lane, 25> state{};
    std::array<Block, kWays> room;
    std::array<const std::uint8_t*, kWays> from;
    const auto blocks = block_count(inputs[group[0]]);
    for (std::size_t block = 0; block < blocks; ++block) {
        for (std::size_t way = 0; way < kWays; ++way) {
            from[way] = way < group.size() ? block_of(inputs[group[way]], block, room[way]) : kNoBlock.data();
        }
        for (std::size_t i = 0; i < kRate / 8; ++i) {
            state[i] ^= Lane{load_word(from[0] + 8 * i), load_word(from[1] + 8 * i),
                             load_word(from[2] + 8 * i), load_word(from[3] + 8 * i)};
        }
        permute(state.data());
        for (std::size_t way = 0; way < group.size(); ++way) {
            if (block + 1 != block_count(inputs[group[way]])) continue;
            for (std::size_t i = 0; i < 4; ++i) {
                const std::uint64_t word = state[i][way];
                std::memcpy(digests[group[way]].data() + 8 * i, &word, 8);
            }
        }
    }
}

void hash_in_groups(std::span<const BytesView> inputs, std::span<Hash> digests) {
    std::vector<std::size_t> order(inputs.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::sort(order.begin(), order.end(),
              [&](std::size_t a, std::size_t b) { return block_count(inputs[a]) > block_count(inputs[b]); });
    const std::span<const std::size_t> rest(order);
    for (std::size_t first = 0; first < rest.size(); first += kWays) {
        const auto group = rest.subspan(first, std::min(kWays, rest.size() - first));
        if (group.size() == 1) {
            digests[group[0]] = keccak256(inputs[group[0]]);
        } else {
            hash_group(inputs, group, digests);
        }
    }
}

}  // namespace

void keccak256_batch(std::span<const BytesView> inputs, std::span<Hash> digests) {
    VALENCE_CHECK(inputs.size() == digests.size());
    if (inputs.size() > 1 && __builtin_cpu_supports("avx2")) return hash_in_groups(inputs, digests);
    for (std::size_t i = 0; i < inputs.size(); ++i)
        digests[i] = keccak256(inputs[i]);
}

#else

void keccak256_batch(std::span<const BytesView> inputs, std::span<Hash> digests) {
    VALENCE_CHECK(inputs.size() == digests.size());
    for (std::size_t i = 0; i < inputs.size(); ++i)
        digests[i] = keccak256(inputs[i]);
}

#endif

}  // namespace valence::crypto
