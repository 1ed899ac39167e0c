#include "valence/crypto/blake2b.hpp"

#include <bit>
#include <random>

#include <gtest/gtest.h>

namespace valence::crypto {
namespace {

using base::to_hex;
using State = std::array<std::uint64_t, 8>;

std::string digest_of(const State& state) {
    Bytes digest(64);
    std::memcpy(digest.data(), state.data(), digest.size());
    return to_hex(digest);
}

/// BLAKE2b-512 of "abc": RFC 7693, appendix A.
Blake2bInput block_of_abc() {
    Blake2bInput input{};
    input.state = {0x6a09e667f2bdc948, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b, 0xa54ff53a5f1d36f1,
                   0x510e527fade682d1, 0x9b05688c2b3e6c1f, 0x1f83d9abfb41bd6b, 0x5be0cd19137e2179};
    input.message[0] = 0x636261;
    input.offset = {3, 0};
    input.block = Blake2bBlock::last;
    return input;
}

TEST(Blake2b, compresses_the_block_of_rfc_7693) {
    EXPECT_EQ(digest_of(blake2b_compress(block_of_abc(), 12)),
              "ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d1"
              "7d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923");
}

// EIP-152's vectors 4, 6 and 7.
TEST(Blake2b, compresses_as_eip_152_says_whatever_the_rounds_and_the_flag) {
    auto input = block_of_abc();
    EXPECT_EQ(digest_of(blake2b_compress(input, 0)),
              "08c9bcf367e6096a3ba7ca8485ae67bb2bf894fe72f36e3cf1361d5f3af54fa5"
              "d282e6ad7f520e511f6c3e2b8c68059b9442be0454267ce079217e1319cde05b");
    EXPECT_EQ(digest_of(blake2b_compress(input, 1)),
              "b63a380cb2897d521994a85234ee2c181b5f844d2c624c002677e9703449d2fb"
              "a551b3a8333bcdf5f2f7e08993d53923de3d64fcc68c034e717b9293fed7a421");
    input.block = Blake2bBlock::inner;
    EXPECT_EQ(digest_of(blake2b_compress(input, 12)),
              "75ab69d3190a562c51aef8d88f1c2775876944407270c42c9844252c26d28752"
              "98743e7f6d5ea2f2d3e8d226039cd31b4e426ac4f2d3d666a610c2116fde4735");
}

/// RFC 7693, section 3.2, as it is written there.
State compress_plainly(const Blake2bInput& input, std::uint32_t rounds) {
    constexpr std::array<std::uint64_t, 8> kInitial = {
        0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b, 0xa54ff53a5f1d36f1,
        0x510e527fade682d1, 0x9b05688c2b3e6c1f, 0x1f83d9abfb41bd6b, 0x5be0cd19137e2179};
    constexpr std::array<std::string_view, 10> kSigma = {
        "0123456789abcdef", "ea489fd61c02b753", "b8c052fdae367194", "7931dcbe265a40f8", "905724afe1bc683d",
        "2c6a0b834d75fe19", "c51fed4a0763928b", "db7ec13950f4862a", "6fe9b308c2d714a5", "a2847615fb9e3cd0"};
    std::array<std::uint64_t, 16> v;
    for (std::size_t i = 0; i < 8; ++i) {
        v[i] = input.state[i];
        v[i + 8] = kInitial[i];
    }
    v[12] ^= input.offset[0];
    v[13] ^= input.offset[1];
    if (input.block == Blake2bBlock::last) v[14] = ~v[14];
    for (std::uint32_t round = 0; round < rounds; ++round) {
        const auto word = [&](std::size_t i) {
            const auto digit = kSigma[round % 10][i];
            return input.message[static_cast<std::size_t>(digit <= '9' ? digit - '0' : digit - 'a' + 10)];
        };
        const auto mix = [&](std::size_t a, std::size_t b, std::size_t c, std::size_t d, std::size_t i) {
            v[a] += v[b] + word(i);
            v[d] = std::rotr(v[d] ^ v[a], 32);
            v[c] += v[d];
            v[b] = std::rotr(v[b] ^ v[c], 24);
            v[a] += v[b] + word(i + 1);
            v[d] = std::rotr(v[d] ^ v[a], 16);
            v[c] += v[d];
            v[b] = std::rotr(v[b] ^ v[c], 63);
        };
        mix(0, 4, 8, 12, 0);
        mix(1, 5, 9, 13, 2);
        mix(2, 6, 10, 14, 4);
        mix(3, 7, 11, 15, 6);
        mix(0, 5, 10, 15, 8);
        mix(1, 6, 11, 12, 10);
        mix(2, 7, 8, 13, 12);
        mix(3, 4, 9, 14, 14);
    }
    State out;
    for (std::size_t i = 0; i < 8; ++i)
        out[i] = input.state[i] ^ v[i] ^ v[i + 8];
    return out;
}

TEST(Blake2b, agrees_with_the_plain_form_at_every_phase_of_the_schedule) {
    std::mt19937_64 random{1};
    for (std::uint32_t rounds = 0; rounds < 64; ++rounds) {
        Blake2bInput input{};
        for (auto& word : input.state)
            word = random();
        for (auto& word : input.message)
            word = random();
        for (auto& word : input.offset)
            word = random();
        input.block = rounds % 3 == 0 ? Blake2bBlock::last : Blake2bBlock::inner;
        EXPECT_EQ(blake2b_compress(input, rounds), compress_plainly(input, rounds)) << rounds;
    }
}

}  // namespace
}  // namespace valence::crypto
