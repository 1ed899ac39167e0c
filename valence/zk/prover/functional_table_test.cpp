// Rows give the table that the definition, element by element, gives.
#include "valence/zk/prover/functional_table.hpp"

#include <random>

#include <gtest/gtest.h>
#include <oneapi/tbb/task_arena.h>

namespace valence::zk {
namespace {

struct Case {
    ml::Shape shape;
    AxisGroups groups;
    std::vector<std::vector<Axis>> factors;
};

const std::vector<Case>& cases() {
    static const std::vector<Case> all{
        {{}, {{}}, {}},
        {{7}, {{0}}, {{0}}},
        {{5, 1, 64}, {{0}, {1}, {2}}, {{0}, {1}, {2}}},
        {{3, 70}, {{1}, {0}}, {{0}, {1}}},
        {{4, 5, 6}, {{0}, {1, 2}}, {{0, 2}, {1}}},
        {{4, 5, 6}, {{2}, {0}, {1}}, {{0, 1, 2}}},
        {{2, 6, 28, 28}, {{0}, {1}, {2, 3}}, {{0}, {1}, {2}, {3}}},
        {{2, 6, 14, 14}, {{1}, {0}, {2}, {3}}, {{0}, {1, 3}, {2}}},
        {{8, 16, 32}, {{0, 1, 2}}, {{0}, {1}, {2}}},
        {{2, 2, 2, 2, 3}, {{4}, {0, 1}, {2, 3}}, {{0, 3}, {1, 2}, {4}}},
        {{1, 1}, {{0}, {1}}, {{0}, {1}}},
        // Enough for several threads: one long row; rows by two axes outside of them.
        {{20'000}, {{0}}, {{0}}},
        {{50, 30, 20}, {{1}, {0}, {2}}, {{0}, {1}, {2}}},
    };
    return all;
}

template <typename E>
class FunctionalTable : public ::testing::Test {};
using Extensions = ::testing::Types<Extension2, Extension3>;
TYPED_TEST_SUITE(FunctionalTable, Extensions);

TYPED_TEST(FunctionalTable, IsTheDefinitions) {
    using E = TypeParam;
    std::mt19937_64 random(7);
    const auto random_element = [&] {
        typename E::Coefficients c;
        for (Goldilocks& coefficient : c)
            coefficient = Goldilocks(random());
        return E(c);
    };
    for (std::size_t number = 0; number < cases().size(); ++number) {
        const Case& each = cases()[number];
        Functional<E> functional{each.shape, {}};
        for (const auto& axes : each.factors) {
            std::size_t size = 1;
            for (const Axis axis : axes)
                size *= each.shape[axis];
            functional.factors.push_back({axes, {}});
            for (std::size_t k = 0; k < size; ++k)
                functional.factors.back().values.own().push_back(random_element());
        }
        Layout layout{each.shape, each.groups, 0};
        layout.base = std::uint64_t{3} << layout.inner_bits();
        std::vector<E> expected(layout.base + layout.size());
        for (E& element : expected)
            element = random_element();
        const std::vector<E> before = expected;
        add<E>(functional, layout, expected);
        for (const int threads : {1, 4}) {
            std::vector<E> table = before;
            tbb::task_arena(threads).execute([&] { add_weights<E>(functional, layout, table); });
            ASSERT_EQ(table, expected) << "case " << number << " on " << threads << " threads";
        }
    }
}

}  // namespace
}  // namespace valence::zk
