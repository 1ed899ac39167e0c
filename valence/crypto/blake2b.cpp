// The four mixings of half a round work on the four columns, then the four diagonals, of a 4×4 matrix of
// words: here on two words at a time, in vector registers of the width that every supported CPU has. A round
// then takes as long as its chain of dependent operations, so that wider registers gain nothing.
#include "valence/crypto/blake2b.hpp"

#include <algorithm>

namespace valence::crypto {
namespace {

constexpr std::array<std::uint64_t, 8> kInitial = {0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b,
                                                   0xa54ff53a5f1d36f1, 0x510e527fade682d1, 0x9b05688c2b3e6c1f,
                                                   0x1f83d9abfb41bd6b, 0x5be0cd19137e2179};

/// Which message word goes where in a round; the schedule repeats after ten.
constexpr std::array<std::array<std::uint8_t, 16>, 10> kSchedule = {{
    {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
    {14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3},
    {11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4},
    {7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8},
    {9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13},
    {2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9},
    {12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11},
    {13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10},
    {6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5},
    {10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0},
}};

/// Two words of a row.
using Pair = std::uint64_t __attribute__((vector_size(16)));
using PairBytes = std::uint8_t __attribute__((vector_size(16)));

/// A row of the matrix: words 0 and 1, words 2 and 3.
struct Row {
    Pair left, right;
};

/// Rotations to the right; by whole bytes, they are shuffles. (Words are little-endian.)
[[gnu::always_inline]] inline Pair rotate_32(Pair x) {
    const auto bytes = reinterpret_cast<PairBytes>(x);
    return reinterpret_cast<Pair>(
        __builtin_shufflevector(bytes, bytes, 4, 5, 6, 7, 0, 1, 2, 3, 12, 13, 14, 15, 8, 9, 10, 11));
}
[[gnu::always_inline]] inline Pair rotate_24(Pair x) {
    const auto bytes = reinterpret_cast<PairBytes>(x);
    return reinterpret_cast<Pair>(
        __builtin_shufflevector(bytes, bytes, 3, 4, 5, 6, 7, 0, 1, 2, 11, 12, 13, 14, 15, 8, 9, 10));
}
[[gnu::always_inline]] inline Pair rotate_16(Pair x) {
    const auto bytes = reinterpret_cast<PairBytes>(x);
    return reinterpret_cast<Pair>(
        __builtin_shufflevector(bytes, bytes, 2, 3, 4, 5, 6, 7, 0, 1, 10, 11, 12, 13, 14, 15, 8, 9));
}
[[gnu::always_inline]] inline Pair rotate_63(Pair x) { return (x + x) | (x >> 63); }

/// The function G (RFC 7693, section 3.1) on all four columns.
[[gnu::always_inline]] inline void mix(Row& a, Row& b, Row& c, Row& d, const Pair* message) {
    a = {a.left + message[0] + b.left, a.right + message[1] + b.right};
    d = {rotate_32(d.left ^ a.left), rotate_32(d.right ^ a.right)};
    c = {c.left + d.left, c.right + d.right};
    b = {rotate_24(b.left ^ c.left), rotate_24(b.right ^ c.right)};
    a = {a.left + message[2] + b.left, a.right + message[3] + b.right};
    d = {rotate_16(d.left ^ a.left), rotate_16(d.right ^ a.right)};
    c = {c.left + d.left, c.right + d.right};
    b = {rotate_63(b.left ^ c.left), rotate_63(b.right ^ c.right)};
}

/// The second word of x and the first of y.
[[gnu::always_inline]] inline Pair middle(Pair x, Pair y) { return __builtin_shufflevector(x, y, 1, 2); }

/// The row moved cyclically by one word.
[[gnu::always_inline]] inline Row to_left(const Row& r) {
    return {middle(r.left, r.right), middle(r.right, r.left)};
}
[[gnu::always_inline]] inline Row to_right(const Row& r) {
    return {middle(r.right, r.left), middle(r.left, r.right)};
}
/// By two words.
[[gnu::always_inline]] inline Row across(const Row& r) { return {r.right, r.left}; }

/// The message's words in the order in which `mix` takes them, round by round.
struct OrderedMessage {
    static constexpr std::size_t kPairsPerRound = 8;
    std::array<Pair, kPairsPerRound * kSchedule.size()> pairs;

    /// For so many rounds, or any number once the schedule repeats.
    OrderedMessage(const std::array<std::uint64_t, 16>& message, std::uint32_t rounds) {
        // Diagonals are made columns by moving all rows but b, the last to be ready: the column under v4 is
        // then the diagonal that the schedule names last.
        constexpr std::array<std::uint8_t, 16> kOrder{0, 2, 4, 6, 1, 3, 5, 7, 14, 8, 10, 12, 15, 9, 11, 13};
        const auto rows = std::min<std::size_t>(rounds, kSchedule.size());
        for (std::size_t row = 0; row < rows; ++row) {
            for (std::size_t i = 0; i < kPairsPerRound; ++i) {
                pairs[row * kPairsPerRound + i] =
                    Pair{message[kSchedule[row][kOrder[2 * i]]], message[kSchedule[row][kOrder[2 * i + 1]]]};
            }
        }
    }
};

}  // namespace

std::array<std::uint64_t, 8> blake2b_compress(const Blake2bInput& input, std::uint32_t rounds) {
    const auto& h = input.state;
    const auto last = input.block == Blake2bBlock::last ? ~std::uint64_t{0} : 0;
    Row a{{h[0], h[1]}, {h[2], h[3]}};
    Row b{{h[4], h[5]}, {h[6], h[7]}};
    Row c{{kInitial[0], kInitial[1]}, {kInitial[2], kInitial[3]}};
    Row d{{kInitial[4] ^ input.offset[0], kInitial[5] ^ input.offset[1]}, {kInitial[6] ^ last, kInitial[7]}};

    const OrderedMessage message{input.message, rounds};
    const auto* const end = message.pairs.data() + message.pairs.size();
    const auto* next = message.pairs.data();
    for (std::uint32_t round = 0; round < rounds; ++round) {
        mix(a, b, c, d, next);
        a = to_right(a);
        c = to_left(c);
        d = across(d);
        mix(a, b, c, d, next + OrderedMessage::kPairsPerRound / 2);
        a = to_left(a);
        c = to_right(c);
        d = across(d);
        next += OrderedMessage::kPairsPerRound;
        if (next == end) next = message.pairs.data();
    }

    const std::array<Pair, 4> v{a.left ^ c.left, a.right ^ c.right, b.left ^ d.left, b.right ^ d.right};
    std::array<std::uint64_t, 8> out;
    for (std::size_t i = 0; i < 8; ++i)
        out[i] = h[i] ^ v[i / 2][i % 2];
    return out;
}

}  // namespace valence::crypto
