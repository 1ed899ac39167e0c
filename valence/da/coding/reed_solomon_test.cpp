#include "valence/da/coding/reed_solomon.hpp"

#include <gtest/gtest.h>

#include "valence/da/coding/kernels.hpp"
#include "valence/da/da_error.hpp"
#include "valence/da/testing/random_data.hpp"

namespace valence::da {
namespace {

using testing::Random;

template <typename Width>
typename Width::Element symbol(const std::uint8_t* piece, std::size_t i) {
    if constexpr (Width::kBits == 8) {
        return piece[i];
    } else {
        const auto* chunk = piece + i / 32 * 64;
        return static_cast<std::uint16_t>(chunk[i % 32] | chunk[32 + i % 32] << 8);
    }
}

/// The value at `position` of the polynomial through the data at positions k … 2k−1, by Lagrange's formula.
template <typename Width>
typename Width::Element interpolate(const Bytes& data, std::size_t k, std::size_t length, std::size_t at,
                                    std::size_t position) {
    using Element = typename Width::Element;
    const auto& field = CantorField<Width>::get();
    Element sum = 0;
    for (std::size_t i = 0; i < k; ++i) {
        auto term = symbol<Width>(data.data() + i * length, at);
        for (std::size_t j = 0; j < k; ++j) {
            if (j == i) continue;
            term = field.multiply(term, static_cast<Element>(position ^ (k + j)));
            term = field.multiply(term, field.inverse(static_cast<Element>((k + i) ^ (k + j))));
        }
        sum ^= term;
    }
    return sum;
}

Pieces<std::uint8_t> pieces(Bytes& bytes, std::size_t length) {
    return {bytes.data(), static_cast<std::ptrdiff_t>(length), length};
}

Bytes parity_of(const Bytes& data, std::size_t k, std::size_t length, InstructionSet set) {
    Bytes parity(k * length);
    encode(k, {data.data(), static_cast<std::ptrdiff_t>(length), length}, pieces(parity, length), set);
    return parity;
}

template <typename Width>
void compare_with_interpolation(std::size_t k) {
    Random random{k};
    constexpr std::size_t kLength = 64;
    const auto data = random.bytes(k * kLength);
    const auto parity = parity_of(data, k, kLength, InstructionSet::portable);
    for (std::size_t i = 0; i < std::min<std::size_t>(k, 16); ++i) {
        const auto position = random.below(k);
        const auto at = random.below(kLength * 8 / Width::kBits);
        EXPECT_EQ(symbol<Width>(parity.data() + position * kLength, at),
                  interpolate<Width>(data, k, kLength, at, position))
            << k << " pieces, piece " << position << ", symbol " << at;
    }
}

TEST(CantorField, IsAFieldInWhichXSquaredPlusXShifts) {
    const auto& small = CantorField<Bits8>::get();
    for (std::uint32_t a = 0; a < 256; ++a) {
        const auto x = static_cast<std::uint8_t>(a);
        EXPECT_EQ(small.multiply(x, x) ^ x, x >> 1);
        EXPECT_EQ(small.multiply(x, 1), x);
        EXPECT_EQ(a == 0 ? 1 : small.multiply(x, small.inverse(x)), 1);
        const auto b = static_cast<std::uint8_t>(a * 7 + 3);
        const auto c = static_cast<std::uint8_t>(a * 31 + 5);
        EXPECT_EQ(small.multiply(x, b ^ c), small.multiply(x, b) ^ small.multiply(x, c));
        EXPECT_EQ(small.multiply(small.multiply(x, b), c), small.multiply(x, small.multiply(b, c)));
    }
    const auto& large = CantorField<Bits16>::get();
    for (std::uint32_t a = 0; a < 65'536; ++a) {
        const auto x = static_cast<std::uint16_t>(a);
        ASSERT_EQ(large.multiply(x, x) ^ x, x >> 1);
        ASSERT_EQ(a == 0 ? 1 : large.multiply(x, large.inverse(x)), 1);
    }
}

TEST(ReedSolomon, ParityIsTheValuesOfThePolynomialThroughTheData) {
    for (std::size_t k : {1, 2, 4, 8, 16, 32, 64, 128})
        compare_with_interpolation<Bits8>(k);
    for (std::size_t k : {256, 512})
        compare_with_interpolation<Bits16>(k);
}

TEST(ReedSolomon, KernelsAgree) {
    Random random{3};
    for (std::size_t k : {1, 2, 3, 8, 31, 128, 129, 256, 512}) {
        for (std::size_t length : {64, 448, 512, 1088}) {
            const auto data = random.bytes(k * length);
            const auto portable = parity_of(data, k, length, InstructionSet::portable);
            ASSERT_EQ(parity_of(data, k, length, best_instruction_set()), portable) << k << ' ' << length;
        }
    }
}

/// Every pattern of unknown pieces that leaves half of them, of codes small enough to try all.
TEST(ReedSolomon, RepairsEveryPatternWithHalfThePieces) {
    Random random{4};
    for (std::size_t k : {1, 2, 3, 4}) {
        constexpr std::size_t kLength = 64;
        auto codeword = random.bytes(k * kLength);
        base::append(codeword, parity_of(codeword, k, kLength, InstructionSet::portable));
        for (std::size_t pattern = 0; pattern < std::size_t{1} << (2 * k); ++pattern) {
            std::vector<bool> known(2 * k);
            auto damaged = codeword;
            for (std::size_t i = 0; i < 2 * k; ++i) {
                known[i] = (pattern >> i & 1) != 0;
                if (!known[i]) std::fill_n(damaged.begin() + i * kLength, kLength, std::uint8_t{0xee});
            }
            const auto repaired = repair(k, pieces(damaged, kLength), known);
            ASSERT_EQ(repaired.has_value(), static_cast<std::size_t>(std::popcount(pattern)) >= k);
            if (!repaired) continue;
            ASSERT_EQ(damaged, codeword) << k << " pieces, pattern " << pattern;
        }
    }
}

TEST(ReedSolomon, RepairsRandomPatternsOfAllSizes) {
    Random random{5};
    for (std::size_t k : {5, 8, 32, 100, 128, 129, 200, 256, 512}) {
        const std::size_t length = k > 128 ? 128 : 576;
        auto codeword = random.bytes(k * length);
        base::append(codeword, parity_of(codeword, k, length, best_instruction_set()));
        for (int round = 0; round < 4; ++round) {
            std::vector<bool> known(2 * k, true);
            auto damaged = codeword;
            const auto erased = round == 0 ? k : random.below(k + 1);
            for (std::size_t i = 0; i < erased;) {
                const auto at = random.below(2 * k);
                if (!known[at]) continue;
                known[at] = false;
                std::fill_n(damaged.begin() + at * length, length, std::uint8_t{0xee});
                ++i;
            }
            const auto set = round % 2 == 0 ? best_instruction_set() : InstructionSet::portable;
            ASSERT_TRUE(repair(k, pieces(damaged, length), known, set));
            ASSERT_EQ(damaged, codeword) << k << " pieces, " << erased << " erased";
        }
    }
}

TEST(ReedSolomon, TakesPiecesThatLieApart) {
    Random random{6};
    constexpr std::size_t kLength = 64;
    constexpr std::size_t kStride = 200;
    auto memory = random.bytes(8 * kStride);
    Bytes together;
    for (std::size_t i = 0; i < 4; ++i)
        base::append(together, BytesView{memory}.subspan(i * kStride, kLength));
    encode(4, {memory.data(), kStride, kLength}, {memory.data() + 4 * kStride, kStride, kLength});
    const auto want = parity_of(together, 4, kLength, InstructionSet::portable);
    for (std::size_t i = 0; i < 4; ++i)
        EXPECT_TRUE(base::equal(BytesView{memory}.subspan((4 + i) * kStride, kLength),
                                BytesView{want}.subspan(i * kLength, kLength)));
}

}  // namespace
}  // namespace valence::da
