#include "valence/zk/prover/product_classes.hpp"

#include <random>

#include <gtest/gtest.h>

namespace valence::zk {
namespace {

using E = Extension2;

constexpr std::size_t kRows = 4, kColumns = 32;

std::vector<E> random_vector(std::size_t size, std::mt19937_64& random) {
    std::vector<E> values;
    for (std::size_t k = 0; k < size; ++k)
        values.push_back(E(E::Coefficients{Goldilocks(random()), Goldilocks(random())}));
    return values;
}

std::vector<E> tensor(const std::vector<E>& outer, const std::vector<E>& inner) {
    std::vector<E> values;
    for (const E& o : outer) {
        for (const E& i : inner)
            values.push_back(o * i);
    }
    return values;
}

RowProduct<E> over(const std::vector<E>& columns, std::mt19937_64& random) {
    RowProduct<E> product;
    product.columns = columns;
    product.stride = columns.size();
    product.repeats = kColumns / columns.size();
    product.factors = random_vector(kRows * product.repeats, random);
    product.factors[1] = E();
    return product;
}

std::vector<E> expanded(const std::vector<RowProduct<E>>& products) {
    std::vector<E> table(kRows * kColumns);
    for (const auto& product : products) {
        for (std::size_t at = 0; at < product.factors.size(); ++at) {
            const std::size_t start = at / product.repeats * kColumns + product.first_column +
                                      at % product.repeats * product.stride;
            for (std::size_t j = 0; j < product.columns.size(); ++j)
                table[start + j] += product.factors[at] * product.columns[j];
        }
    }
    return table;
}

TEST(ProductClasses, VectorsOfOneFamilyBecomeOneProduct) {
    std::mt19937_64 random(1);
    const auto base = random_vector(4, random);
    const std::vector<RowProduct<E>> products{over(tensor(random_vector(4, random), base), random),
                                              over(base, random),
                                              over(tensor(random_vector(2, random), base), random),
                                              over(tensor(random_vector(1, random), base), random)};
    const auto together = joined(products, kColumns);
    EXPECT_EQ(together.size(), 1U);
    EXPECT_EQ(expanded(together), expanded(products));
}

TEST(ProductClasses, OthersStayApart) {
    std::mt19937_64 random(2);
    auto unlike = tensor(random_vector(2, random), random_vector(4, random));
    std::vector<RowProduct<E>> products{over(random_vector(4, random), random), over(unlike, random)};
    unlike.back() += E(std::uint64_t{1});
    products.push_back(over(unlike, random));
    unlike.front() = E();
    products.push_back(over(unlike, random));
    RowProduct<E> within = over(random_vector(4, random), random);
    within.first_column = 4;
    within.repeats = 1;
    within.factors.resize(kRows);
    products.push_back(within);
    const auto together = joined(products, kColumns);
    EXPECT_EQ(together.size(), products.size());
    EXPECT_EQ(expanded(together), expanded(products));
}

}  // namespace
}  // namespace valence::zk
