#include "valence/zk/prover/table_functional.hpp"

#include <random>

#include <gtest/gtest.h>

namespace valence::zk {
namespace {

using E = Extension2;

E random_element(std::mt19937_64& random) {
    return E(E::Coefficients{Goldilocks(random()), Goldilocks(random())});
}

/// One factor for each axis.
Functional<E> random_functional(const ml::Shape& shape, std::mt19937_64& random) {
    Functional<E> functional{shape, {}};
    for (std::size_t axis = 0; axis < shape.rank(); ++axis) {
        functional.factors.push_back({{static_cast<Axis>(axis)}, {}});
        for (std::uint32_t i = 0; i < shape[axis]; ++i)
            functional.factors.back().values.own().push_back(random_element(random));
    }
    return functional;
}

/// Rows and columns of a matrix apart; a kernel's taps with its outputs.
AxisGroups groups_of(const ml::Shape& shape) {
    if (shape.rank() == 4) return {{0, 2, 3}, {1}};
    if (shape.rank() == 2) return {{0}, {1}};
    if (shape.rank() == 1) return {{0}};
    return {{}};
}

/// Tensors placed in a table of 2^variables, and random functionals on them.
struct Stored {
    Stored(const std::vector<ml::Shape>& shapes, int variables) : values(std::size_t{1} << variables) {
        std::mt19937_64 random(shapes.size());
        for (auto& value : values)
            value = static_cast<std::int8_t>(random());
        for (const ml::Shape& shape : shapes) {
            layouts.push_back({shape, groups_of(shape), 0});
            functionals.push_back(random_functional(shape, random));
        }
        std::vector<Layout*> pointers;
        for (Layout& layout : layouts)
            pointers.push_back(&layout);
        EXPECT_LE(place(pointers), values.size());
        dense.resize(values.size());
        for (std::size_t i = 0; i < layouts.size(); ++i) {
            add<E>(functionals[i], layouts[i], dense);
            parts.push_back({&functionals[i], &layouts[i]});
        }
    }

    std::vector<std::int8_t> values;
    std::vector<Layout> layouts;
    std::vector<Functional<E>> functionals;
    std::vector<StoredPart<E>> parts;
    LargeVector<E> dense;
};

LargeVector<E> expanded(const TableFunctional<E>& functional, const OracleShape& shape) {
    LargeVector<E> table(functional.dense.begin(), functional.dense.end());
    table.resize(shape.rows * shape.columns());
    for (const auto& product : functional.products) {
        for (std::size_t i = 0; i < product.factors.size(); ++i) {
            E* const at = table.data() + i / product.repeats * shape.columns() + product.first_column +
                          i % product.repeats * product.stride;
            for (std::size_t j = 0; j < product.columns.size(); ++j)
                at[j] += product.factors[i] * product.columns[j];
        }
    }
    return table;
}

TEST(TableFunctional, ProductsGiveTheWeightsOfTheTable) {
    // Matrices over several rows; a kernel; vectors within a row; a scalar.
    const Stored stored({{100, 60}, {40, 96}, {12, 3, 5, 5}, {60}, {10, 12}, {}}, 14);
    const TableShape shape{14, 5, 2};
    const std::span<const std::int8_t> values(stored.values);
    const auto functional = table_functional<E>(shape, values, stored.parts);
    EXPECT_TRUE(functional.dense.empty());
    EXPECT_EQ(expanded(functional, shape.oracle()), stored.dense);
}

TEST(TableFunctional, IsDenseWhereThatIsCheaper) {
    const Stored stored({{100, 60}, {40, 96}, {60}}, 14);
    const TableShape shape{14, 5, 2};
    std::vector<Goldilocks> elements(stored.values.size());
    std::vector<StoredPart<E>> many;
    for (int i = 0; i < 10; ++i)
        many.insert(many.end(), stored.parts.begin(), stored.parts.end());
    const auto functional = table_functional<E>(shape, std::span<const Goldilocks>(elements), many);
    EXPECT_TRUE(functional.products.empty());
    EXPECT_FALSE(functional.dense.empty());
}

TEST(TableFunctional, IsDenseWhereBlocksAreLongerThanRows) {
    const Stored stored({{20, 128}}, 12);
    const TableShape shape{12, 6, 2};
    const auto functional =
        table_functional<E>(shape, std::span<const std::int8_t>(stored.values), stored.parts);
    EXPECT_EQ(expanded(functional, shape.oracle()), stored.dense);
}

}  // namespace
}  // namespace valence::zk
