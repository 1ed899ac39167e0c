#include "valence/ml/functions/table.hpp"

#include <random>
#include <thread>

#include <gtest/gtest.h>

#include "valence/ml/functions/families.hpp"

namespace valence::ml {
namespace {

/// A table, its entries at kPlaces and the FNV-1a digest of all its entries (x ascending, 2 bytes each,
/// little endian), computed with mpmath at 420 bits.
struct Case {
    Table table;
    std::array<std::int16_t, 9> samples;
    std::uint64_t digest;
};
constexpr std::array<std::int32_t, 9> kPlaces{-32768, -4097, -1000, -1, 0, 1, 777, 9999, 32767};

const Case kCases[] = {
#include "valence/ml/functions/table_cases.inc"
};

std::uint64_t fnv(const TableEntries& entries) {
    std::uint64_t hash = 0xcbf29ce484222325ULL;
    for (std::int32_t x = -32768; x < 32768; ++x) {
        const auto y = static_cast<std::uint16_t>(entries.at(static_cast<std::int16_t>(x)));
        for (int byte = 0; byte < 2; ++byte)
            hash = (hash ^ ((y >> (8 * byte)) & 0xff)) * 0x100000001b3ULL;
    }
    return hash;
}

std::string name(const Table& t) {
    return "function " + std::to_string(static_cast<int>(t.function)) + " in " + std::to_string(t.in) +
           " out " + std::to_string(t.out) + " a " + std::to_string(t.a) + " b " + std::to_string(t.b);
}

TEST(Tables, HaveTheCorrectlyRoundedEntries) {
    for (const auto& [table, samples, digest] : kCases) {
        const auto entries = tabulate(table);
        for (std::size_t i = 0; i < kPlaces.size(); ++i)
            EXPECT_EQ(entries->at(static_cast<std::int16_t>(kPlaces[i])), samples[i])
                << name(table) << " at " << kPlaces[i];
        EXPECT_EQ(fnv(*entries), digest) << name(table);
    }
}

TEST(Tables, EveryFunctionHasACase) {
    for (int function = 0; function <= static_cast<int>(Function::cosine); ++function)
        EXPECT_TRUE(std::any_of(std::begin(kCases), std::end(kCases), [&](const Case& c) {
            return static_cast<int>(c.table.function) == function;
        })) << function;
}

/// Between knots nothing lies outside what the knots span.
TEST(Tables, InterpolationStaysBetweenItsKnots) {
    for (const auto& [table, samples, digest] : kCases) {
        const auto entries = tabulate(table);
        const auto k = knots(table);
        const std::int32_t radius = exact_radius(table.function);
        for (std::int32_t x = -32768; x < 32768; ++x) {
            if (x >= -radius && x < radius) continue;
            const auto j = static_cast<std::size_t>((x + 32768) / 64);
            const auto y = entries->at(static_cast<std::int16_t>(x));
            ASSERT_GE(y, std::min(k[j], k[j + 1])) << name(table) << " at " << x;
            ASSERT_LE(y, std::max(k[j], k[j + 1])) << name(table) << " at " << x;
        }
    }
}

TEST(Tables, AtPolesTakeTheDocumentedValue) {
    EXPECT_EQ(tabulate({Function::reciprocal, 12, 8, 0, 0})->at(0), 32767);
    EXPECT_EQ(tabulate({Function::reciprocal, 0, 0, 0, 0})->at(-1), -1);
    EXPECT_EQ(tabulate({Function::reciprocal_square_root, 12, 8, 0, 0})->at(0), 32767);
    EXPECT_EQ(tabulate({Function::reciprocal_square_root, 12, 8, 0, 0})->at(-5), 32767);
    EXPECT_EQ(tabulate({Function::logarithm, 12, 8, 0, 0})->at(0), -32768);
    EXPECT_EQ(tabulate({Function::logarithm, 12, 8, 0, 0})->at(-9), -32768);
    EXPECT_EQ(tabulate({Function::power, 12, 8, -(1 << 19), 0})->at(0), 32767);
    EXPECT_EQ(tabulate({Function::power, 12, 8, 1 << 19, 0})->at(0), 0);
    EXPECT_EQ(tabulate({Function::power, 12, 8, 1 << 19, 0})->at(-5), 0);
    EXPECT_EQ(tabulate({Function::power, 0, 0, 3 << 20, 0})->at(-5), -125);
    EXPECT_EQ(tabulate({Function::power, 0, 0, 2 << 20, 0})->at(-5), 25);
}

/// Ties of values that are exact round up, however the value was computed.
TEST(Tables, RoundTiesUp) {
    const auto root = tabulate({Function::square_root, 0, -1, 0, 0});
    EXPECT_EQ(root->at(9), 2);   // 3/2
    EXPECT_EQ(root->at(25), 3);  // 5/2
    const auto power = tabulate({Function::power, 0, -1, 1 << 19, 0});
    EXPECT_EQ(power->at(9), 2);
    EXPECT_EQ(power->at(25), 3);
    const auto identity = tabulate({Function::round, 1, 0, 0, 0});
    EXPECT_EQ(identity->at(1), 0);  // 1/2 to even
    EXPECT_EQ(identity->at(3), 2);
    EXPECT_EQ(tabulate({Function::identity, 1, -6, 0, 0})->at(64), 1);     // 1/2
    EXPECT_EQ(tabulate({Function::identity, 1, -6, 0, 0})->at(-64), 0);    // −1/2
    EXPECT_EQ(tabulate({Function::identity, 1, -6, 0, 0})->at(-192), -1);  // −3/2
}

/// What machine words give of functions with steps, against the same in 2^−256, also at bounds and at ties.
TEST(Tables, OfStepsAreWhatExactArithmeticGives) {
    std::mt19937_64 random(1);
    const auto exponent = [&] { return static_cast<std::int8_t>(static_cast<int>(random() % 65) - 32); };
    const auto parameter = [&] {
        const std::int32_t special[] = {0, 1, -1, 1 << 20, 1 << 19, INT32_MAX, INT32_MIN, 209'715};
        return random() % 2 == 0 ? special[random() % 8]
                                 : static_cast<std::int32_t>(random()) >> random() % 31;
    };
    for (const Function function : {Function::sign, Function::floor, Function::ceiling, Function::round,
                                    Function::hard_sigmoid, Function::hard_swish}) {
        for (int round = 0; round < 400; ++round) {
            Table table{function, exponent(), exponent(), 0, 0};
            if (round % 2 == 0) table.out = static_cast<std::int8_t>(std::max(-32, table.in - 1 - round % 3));
            if (parameters(function) == 2) table.a = parameter(), table.b = parameter();
            for (int place = 0; place < 60; ++place) {
                const std::int32_t near = 1 << random() % 15;
                const std::int32_t x =
                    place < 4    ? std::array{-32768, 32767, 0, -1}[place]
                    : place < 30 ? static_cast<std::int16_t>(random())
                                 : (place % 2 == 0 ? near : -near) + static_cast<int>(random() % 3) - 1;
                ASSERT_EQ(families::in_words(table, x),
                          fixed::round_to_16_bits(*families::algebraic(table, x), table.out))
                    << name(table) << " at " << x;
            }
        }
    }
    EXPECT_FALSE(families::in_words({Function::identity, 0, 0, 0, 0}, 1));
}

TEST(Tables, KeepKnotsOfFunctionsWithoutParameters) {
    std::size_t kept = 0;
    for (int function = 0; function <= static_cast<int>(Function::cosine); ++function)
        kept += keeps_knots(static_cast<Function>(function)) ? 1 : 0;
    EXPECT_EQ(kept, 14U);
    EXPECT_FALSE(keeps_knots(Function::silu));
    EXPECT_FALSE(keeps_knots(Function::square_root));
    const Table table{Function::gelu, 12, 12, 0, 0};
    const auto first = knots(table);
    for (std::int8_t in = -32; in <= 32; ++in) {
        for (std::int8_t out = -3; out < 3; ++out)
            (void)knots({Function::identity, in, out, 0, 0});
    }
    EXPECT_EQ(knots(table), first);
}

TEST(Tables, RefuseParametersThatMeanNothing) {
    EXPECT_TRUE(is_valid({Function::tanh, 32, -32, 0, 0}));
    EXPECT_FALSE(is_valid({Function::tanh, 33, 0, 0, 0}));
    EXPECT_FALSE(is_valid({Function::tanh, 0, -33, 0, 0}));
    EXPECT_FALSE(is_valid({Function::tanh, 0, 0, 1, 0}));
    EXPECT_FALSE(is_valid({Function::leaky_relu, 0, 0, 1, 1}));
    EXPECT_TRUE(is_valid({Function::selu, 0, 0, 1, 1}));
    EXPECT_FALSE(is_valid({static_cast<Function>(29), 0, 0, 0, 0}));
}

TEST(Tables, AreSharedBetweenThreads) {
    const Table table{Function::sigmoid, 7, 13, 0, 0};
    std::array<std::shared_ptr<const TableEntries>, 4> found;
    {
        std::vector<std::jthread> threads;
        for (auto& place : found)
            threads.emplace_back([&] { place = tabulate(table); });
    }
    for (const auto& entries : found)
        EXPECT_EQ(entries, found[0]);
}

TEST(Tables, InUseOutliveTheirPlaceInTheCache) {
    const Table table{Function::identity, 3, 3, 0, 0};
    const auto held = tabulate(table);
    const auto first = held->at(100);
    for (std::int32_t a = 0; a < 300; ++a)
        (void)tabulate({Function::leaky_relu, 3, 3, a, 0});
    EXPECT_EQ(held->at(100), first);
    EXPECT_NE(tabulate(table), held);  // built anew
    EXPECT_EQ(tabulate(table)->data, held->data);
}

TEST(Tables, DigestsDifferWhereTablesDo) {
    EXPECT_NE(digest({Function::sigmoid, 12, 15, 0, 0}), digest({Function::sigmoid, 12, 14, 0, 0}));
    // The same entries under another name.
    EXPECT_NE(digest({Function::identity, 12, 12, 0, 0}), digest({Function::leaky_relu, 12, 12, 1 << 20, 0}));
    EXPECT_EQ(digest({Function::erf, 12, 15, 0, 0}), digest({Function::erf, 12, 15, 0, 0}));
}

}  // namespace
}  // namespace valence::ml
