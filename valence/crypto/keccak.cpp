#include "valence/crypto/keccak.hpp"

#include <bit>

namespace valence::crypto {
namespace {

using Lane = std::uint64_t;
using State = std::array<Lane, 25>;

constexpr std::size_t kRateBytes = 136;
constexpr std::size_t kRateLanes = kRateBytes / 8;

constexpr std::array<Lane, 24> kRoundConstants = {
    0x0000000000000001, 0x0000000000008082, 0x800000000000808a, 0x8000000080008000, 0x000000000000808b,
    0x0000000080000001, 0x8000000080008081, 0x8000000000008009, 0x000000000000008a, 0x0000000000000088,
    0x0000000080008009, 0x000000008000000a, 0x000000008000808b, 0x800000000000008b, 0x8000000000008089,
    0x8000000000008003, 0x8000000000008002, 0x8000000000000080, 0x000000000000800a, 0x800000008000000a,
    0x8000000080008081, 0x8000000000008080, 0x0000000080000001, 0x8000000080008008};

/// One plane of chi, with iota's constant on its first lane.
[[gnu::always_inline]] inline void chi(Lane* to, Lane b0, Lane b1, Lane b2, Lane b3, Lane b4, Lane constant) {
    to[0] = b0 ^ (~b1 & b2) ^ constant;
    to[1] = b1 ^ (~b2 & b3);
    to[2] = b2 ^ (~b3 & b4);
    to[3] = b3 ^ (~b4 & b0);
    to[4] = b4 ^ (~b0 & b1);
}

/// One round of Keccak-f[1600] (FIPS 202, section 3.2) from `a` to `e`: theta, rho and pi are folded into the
/// operands of chi, plane by plane, so that five lanes at a time live in registers.
[[gnu::always_inline]] inline void round(const Lane* a, Lane* e, Lane constant) {
    const Lane c0 = a[0] ^ a[5] ^ a[10] ^ a[15] ^ a[20];
    const Lane c1 = a[1] ^ a[6] ^ a[11] ^ a[16] ^ a[21];
    const Lane c2 = a[2] ^ a[7] ^ a[12] ^ a[17] ^ a[22];
    const Lane c3 = a[3] ^ a[8] ^ a[13] ^ a[18] ^ a[23];
    const Lane c4 = a[4] ^ a[9] ^ a[14] ^ a[19] ^ a[24];
    const Lane d0 = c4 ^ std::rotl(c1, 1);
    const Lane d1 = c0 ^ std::rotl(c2, 1);
    const Lane d2 = c1 ^ std::rotl(c3, 1);
    const Lane d3 = c2 ^ std::rotl(c4, 1);
    const Lane d4 = c3 ^ std::rotl(c0, 1);
    chi(e + 0, a[0] ^ d0, std::rotl(a[6] ^ d1, 44), std::rotl(a[12] ^ d2, 43), std::rotl(a[18] ^ d3, 21),
        std::rotl(a[24] ^ d4, 14), constant);
    chi(e + 5, std::rotl(a[3] ^ d3, 28), std::rotl(a[9] ^ d4, 20), std::rotl(a[10] ^ d0, 3),
        std::rotl(a[16] ^ d1, 45), std::rotl(a[22] ^ d2, 61), 0);
    chi(e + 10, std::rotl(a[1] ^ d1, 1), std::rotl(a[7] ^ d2, 6), std::rotl(a[13] ^ d3, 25),
        std::rotl(a[19] ^ d4, 8), std::rotl(a[20] ^ d0, 18), 0);
    chi(e + 15, std::rotl(a[4] ^ d4, 27), std::rotl(a[5] ^ d0, 36), std::rotl(a[11] ^ d1, 10),
        std::rotl(a[17] ^ d2, 15), std::rotl(a[23] ^ d3, 56), 0);
    chi(e + 20, std::rotl(a[2] ^ d2, 62), std::rotl(a[8] ^ d3, 55), std::rotl(a[14] ^ d4, 39),
        std::rotl(a[15] ^ d0, 41), std::rotl(a[21] ^ d1, 2), 0);
}

[[gnu::always_inline]] inline void permute_rounds(Lane* state) {
    Lane other[25];
    for (std::size_t i = 0; i < 24; i += 2) {
        round(state, other, kRoundConstants[i]);
        round(other, state, kRoundConstants[i + 1]);
    }
}

void permute_portable(Lane* state) { permute_rounds(state); }

#if defined(__x86_64__)
/// With andn and rorx a round needs a fifth fewer instructions.
[[gnu::target("bmi,bmi2")]] void permute_bmi(Lane* state) { permute_rounds(state); }

inline void permute(Lane* state) {
    if (__builtin_cpu_supports("bmi2")) [[likely]] {
        permute_bmi(state);
    } else {
        permute_portable(state);
    }
}
#else
inline void permute(Lane* state) { permute_portable(state); }
#endif

static_assert(std::endian::native == std::endian::little, "lanes are loaded as they lie in memory");

inline Lane load(const std::uint8_t* from) {
    Lane lane = 0;
    std::memcpy(&lane, from, 8);
    return lane;
}

inline void absorb_block(Lane* state, const std::uint8_t* block) {
    for (std::size_t i = 0; i < kRateLanes; ++i)
        state[i] ^= load(block + 8 * i);
    permute(state);
}

/// Absorbs the last, incomplete block with its padding and answers the digest.
inline Hash squeeze(Lane* state, const std::uint8_t* tail, std::size_t size) {
    std::size_t i = 0;
    for (; 8 * (i + 1) <= size; ++i)
        state[i] ^= load(tail + 8 * i);
    Lane last = 0;
    if (size % 8 != 0) std::memcpy(&last, tail + 8 * i, size % 8);
    state[i] ^= last ^ (Lane{0x01} << (8 * (size % 8)));
    state[kRateLanes - 1] ^= Lane{0x80} << 56;
    permute(state);
    Hash digest;
    std::memcpy(digest.data(), state, Hash::kSize);
    return digest;
}

}  // namespace

Hash keccak256(BytesView input) {
    State state{};
    const auto* at = input.data();
    auto size = input.size();
    for (; size >= kRateBytes; at += kRateBytes, size -= kRateBytes)
        absorb_block(state.data(), at);
    return squeeze(state.data(), at, size);
}

Keccak256& Keccak256::update(BytesView piece) {
    if (piece.empty()) return *this;
    if (buffered_ != 0) {
        const auto taken = std::min(kRate - buffered_, piece.size());
        std::memcpy(buffer_.data() + buffered_, piece.data(), taken);
        buffered_ += taken;
        piece = piece.subspan(taken);
        if (buffered_ < kRate) return *this;
        absorb_block(state_.data(), buffer_.data());
        buffered_ = 0;
    }
    for (; piece.size() >= kRate; piece = piece.subspan(kRate))
        absorb_block(state_.data(), piece.data());
    if (!piece.empty()) std::memcpy(buffer_.data(), piece.data(), piece.size());
    buffered_ = piece.size();
    return *this;
}

Hash Keccak256::finish() { return squeeze(state_.data(), buffer_.data(), buffered_); }

}  // namespace valence::crypto
