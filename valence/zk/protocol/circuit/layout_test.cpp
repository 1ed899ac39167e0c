#include "valence/zk/protocol/circuit/layout.hpp"

#include <random>

#include <gtest/gtest.h>

#include "valence/zk/protocol/circuit/work_meter.hpp"

namespace valence::zk {
namespace {

using E = Extension2;

class WeightsAtAPoint : public ::testing::Test {
protected:
    E random_element() { return E({Goldilocks(random_()), Goldilocks(random_())}); }
    std::vector<E> elements(std::size_t count) {
        std::vector<E> list(count);
        std::ranges::generate(list, [&] { return random_element(); });
        return list;
    }
    /// One factor for each list of axes.
    Functional<E> functional(const ml::Shape& shape, const std::vector<std::vector<Axis>>& factors) {
        Functional<E> result{shape, {}};
        for (const auto& axes : factors)
            result.factors.push_back({axes, elements(extent_of(shape, axes))});
        return result;
    }
    /// Σ over the elements of their weights times eq(point, position), each by itself.
    static E naively(const Functional<E>& functional, const Layout& layout, std::span<const E> point) {
        const auto eq = eq_range(point, 0, std::uint64_t{1} << point.size());
        const auto weights = functional.expand();
        E sum;
        layout.for_each(
            [&](std::uint64_t element, std::uint64_t position) { sum += weights[element] * eq[position]; });
        return sum;
    }

    std::mt19937_64 random_{3};
};

TEST_F(WeightsAtAPoint, GiveTheSumOverAllElementsWhereverALayoutLies) {
    const auto point = elements(14);
    PointWeights<E> at_point(point);
    struct Case {
        Layout layout;
        std::vector<std::vector<Axis>> factors;
    };
    std::vector<Case> cases;
    for (const std::uint64_t base : {0, 8, 24, 1000, 8192}) {
        cases.push_back({{ml::Shape({37, 8}), {{0}, {1}}, base}, {{0}, {1}}});
        cases.push_back({{ml::Shape({768, 5}), {{0}, {1}}, base}, {{0}, {1}}});
        cases.push_back({{ml::Shape({3, 100, 8}), {{0, 1}, {2}}, base}, {{0, 1}, {2}}});
        cases.push_back({{ml::Shape({3, 100, 8}), {{0, 1}, {2}}, base}, {{0}, {1}, {2}}});
        cases.push_back({{ml::Shape({3, 100, 8}), {{0, 1}, {2}}, base}, {{0, 1, 2}}});
        cases.push_back({{ml::Shape({2100}), {{0}}, base}, {{0}}});
        cases.push_back({{ml::Shape({1, 4}), {{0}, {1}}, base}, {{}, {0}, {1}}});
    }
    for (const Case& c : cases) {
        const auto on = functional(c.layout.shape, c.factors);
        const E expected = naively(on, c.layout, point);
        EXPECT_EQ(at_point.product(on, c.layout), expected);
        EXPECT_EQ(evaluate<E>(on, c.layout, point), expected);
    }
}

/// Fees rest on these counts.
TEST_F(WeightsAtAPoint, CountWhatIsTouchedHoweverTheyAreMultiplied) {
    const auto point = elements(14);
    const Layout layout{ml::Shape({768, 8}), {{0}, {1}}, 24};
    const auto on = functional(layout.shape, {{0}, {1}});
    const WorkMeter meter(1 << 20);
    PointWeights<E> first(point);
    inner_product(on, first.of(layout));
    const auto written_down = meter.spent();
    PointWeights<E> second(point);
    second.product(on, layout);
    EXPECT_EQ(meter.spent(), 2 * written_down);
}

}  // namespace
}  // namespace valence::zk
