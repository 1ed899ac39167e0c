// The vector kernels do, word for word, what the portable ones do.
#include "valence/zk/prover/polynomial/round_kernels.hpp"

#include <numeric>
#include <random>

#include <gtest/gtest.h>

namespace valence::zk {
namespace {

#if defined(VALENCE_ZK_VECTORS)

constexpr std::size_t kPairs = 24;
constexpr Block kBlock{4, 16};

template <typename Degree, InstructionSet Set>
struct Kernels {
    using E = Degree;
    static constexpr InstructionSet kSet = Set;
};

template <typename Kernels>
class RoundKernelsDiffer : public ::testing::Test {
protected:
    using E = typename Kernels::E;
    static constexpr InstructionSet kSet = Kernels::kSet;

    void SetUp() override {
        if (best_instruction_set() < Kernels::kSet) GTEST_SKIP() << "this machine has no such instructions";
    }

    // Edges of words and of limbs, often.
    Goldilocks random_word() {
        static constexpr std::uint64_t kEdges[] = {0,
                                                   1,
                                                   0xffffffff,
                                                   0x100000000,
                                                   0x3fffff,
                                                   0x7ffffffffff,
                                                   0x7fffffffffffffff,
                                                   0x8000000000000000,
                                                   Goldilocks::kModulus - 1,
                                                   Goldilocks::kModulus - 2,
                                                   0xfffffffe00000001};
        const auto word = random_();
        return word % 3 == 0 ? Goldilocks(kEdges[(word >> 8) % std::size(kEdges)]) : Goldilocks(random_());
    }
    E random_element() {
        typename E::Coefficients c;
        for (Goldilocks& x : c)
            x = random_word();
        return E(c);
    }
    std::vector<E> elements(std::size_t count) {
        std::vector<E> list(count);
        for (E& e : list)
            e = random_element();
        return list;
    }
    std::vector<Goldilocks> base(std::size_t count) {
        std::vector<Goldilocks> list(count);
        for (Goldilocks& e : list)
            e = random_word();
        return list;
    }

    /// Everything a kernel may read and write.
    struct Tables {
        std::vector<E> a, b, c, d, eq, to_a, to_b, to_c;
        std::vector<Goldilocks> base;
        LaneSums<E> sums;

        FractionTables<E> fractions() { return {a.data(), b.data(), c.data(), d.data()}; }
        LeafTables<E> leaves() const { return {c.data(), d.data(), base.data()}; }
        FoldedLeafTables<E> folded() { return {to_a.data(), to_b.data(), to_c.data()}; }
        FoldedLeafTables<E> folding() { return {a.data(), b.data(), c.data()}; }
    };
    /// Runs both on equal tables and compares every word of all of them.
    template <typename Run>
    void compare(const Run& run) {
        for (int repetition = 0; repetition < 20; ++repetition) {
            Tables portable{elements(4 * kPairs), elements(4 * kPairs),
                            elements(4 * kPairs), elements(4 * kPairs),
                            elements(kPairs),     elements(4 * kPairs),
                            elements(4 * kPairs), elements(4 * kPairs),
                            base(4 * kPairs),     {}};
            Tables vector = portable;
            const Multiplier<E> r(random_element()), lambda(random_element());
            run(portable_round_kernels<E>(), portable, r, lambda);
            run(round_kernels<E>(kBlock.count, Kernels::kSet), vector, r, lambda);
            ASSERT_EQ(portable.a, vector.a);
            ASSERT_EQ(portable.b, vector.b);
            ASSERT_EQ(portable.c, vector.c);
            ASSERT_EQ(portable.d, vector.d);
            ASSERT_EQ(portable.to_a, vector.to_a);
            ASSERT_EQ(portable.to_b, vector.to_b);
            ASSERT_EQ(portable.to_c, vector.to_c);
            ASSERT_EQ(total(portable.sums.zero), total(vector.sums.zero));
            ASSERT_EQ(total(portable.sums.infinity), total(vector.sums.infinity));
        }
    }
    static E total(const std::array<E, kKernelLanes>& lanes) {
        return std::accumulate(lanes.begin(), lanes.end(), E());
    }

    std::mt19937_64 random_{10};
};
using VectorKernels =
    ::testing::Types<Kernels<Extension2, InstructionSet::avx2>, Kernels<Extension3, InstructionSet::avx2>,
                     Kernels<Extension2, InstructionSet::avx512>,
                     Kernels<Extension3, InstructionSet::avx512>>;
TYPED_TEST_SUITE(RoundKernelsDiffer, VectorKernels);

TYPED_TEST(RoundKernelsDiffer, NotInFoldsAndProducts) {
    this->compare([](const auto& k, auto& t, const auto& r, const auto&) {
        k.fold(t.a.data(), t.a.data(), kPairs, kBlock, r);
        k.fold(t.b.data(), t.to_b.data(), kPairs, kBlock, r);
        k.fold_base(t.base.data(), t.to_a.data(), kPairs, kBlock, r);
        k.expand(t.c.data(), t.c.data(), t.to_c.data(), kBlock, r);
    });
    this->compare([](const auto& k, auto& t, const auto&, const auto&) {
        k.inner_product(t.a.data(), t.b.data(), kBlock, t.sums);
    });
    this->compare([](const auto& k, auto& t, const auto&, const auto&) {
        k.inner_product_base(t.base.data(), t.b.data(), kBlock, t.sums);
    });
    this->compare([](const auto& k, auto& t, const auto& r, const auto&) {
        k.add_multiple(t.a.data(), r.value, t.to_a.data(), kBlock);
        k.add_multiple_base(t.base.data(), r.value, t.to_b.data(), kBlock);
    });
}

TYPED_TEST(RoundKernelsDiffer, NotInTheLongestSumsOfTheLargestWords) {
    using Element = typename TestFixture::E;
    typename Element::Coefficients c;
    for (const std::uint64_t word : {Goldilocks::kModulus - 1, std::uint64_t{0xffefffffffffffff}}) {
        c.fill(Goldilocks(word));
        const std::vector<Element> largest(4 * kMostSummed, Element(c));
        const auto sums_of = [&](const RoundKernels<Element>& kernels) {
            LaneSums<Element> product, sums;
            kernels.inner_product(largest.data(), largest.data(), {0, kMostSummed}, product);
            auto a = largest, b = largest;
            const Multiplier<Element> one(Element(std::uint64_t{1}));
            kernels.bilinear_next(largest.data(), largest.data(), a.data(), b.data(), kMostSummed,
                                  {0, kMostSummed}, one, sums);
            return std::array{this->total(product.zero), this->total(sums.zero), this->total(sums.infinity)};
        };
        ASSERT_EQ(sums_of(portable_round_kernels<Element>()),
                  sums_of(round_kernels<Element>(kMostSummed, TestFixture::kSet)));
    }
}

TYPED_TEST(RoundKernelsDiffer, NotInTrees) {
    this->compare([](const auto& k, auto& t, const auto&, const auto&) {
        k.join(t.fractions(), t.to_a.data(), t.to_b.data(), kBlock);
    });
    this->compare([](const auto& k, auto& t, const auto&, const auto&) {
        k.join_leaves(t.leaves(), t.to_a.data(), t.to_b.data(), kBlock);
    });
    this->compare([](const auto& k, auto& t, const auto&, const auto&) {
        k.join_ones(t.leaves(), t.to_a.data(), t.to_b.data(), kBlock);
    });
}

TYPED_TEST(RoundKernelsDiffer, NotInRoundsOfFractions) {
    this->compare([](const auto& k, auto& t, const auto&, const auto& lambda) {
        k.fraction_first(t.fractions(), kPairs, kBlock, t.eq.data(), lambda, t.sums);
    });
    this->compare([](const auto& k, auto& t, const auto& r, const auto&) {
        k.fraction_next(t.fractions(), kPairs, kBlock, t.eq.data(), r, t.sums);
    });
}

TYPED_TEST(RoundKernelsDiffer, NotInRoundsOfLeaves) {
    this->compare([](const auto& k, auto& t, const auto&, const auto& lambda) {
        k.leaf_first(t.leaves(), kPairs, kBlock, t.eq.data(), lambda, t.sums);
    });
    this->compare([](const auto& k, auto& t, const auto& r, const auto& lambda) {
        k.leaf_second(t.leaves(), t.folded(), kPairs, kBlock, t.eq.data(), lambda, r, t.sums);
    });
    this->compare([](const auto& k, auto& t, const auto& r, const auto&) {
        k.leaf_next(t.folding(), kPairs, kBlock, t.eq.data(), r, t.sums);
    });
}

TYPED_TEST(RoundKernelsDiffer, NotInRoundsOfProducts) {
    this->compare([](const auto& k, auto& t, const auto&, const auto&) {
        k.bilinear_first(t.a.data(), t.b.data(), kPairs, kBlock, t.sums);
    });
    this->compare([](const auto& k, auto& t, const auto&, const auto&) {
        k.bilinear_first_base(t.base.data(), t.b.data(), kPairs, kBlock, t.sums);
    });
    this->compare([](const auto& k, auto& t, const auto& r, const auto&) {
        k.bilinear_next(t.a.data(), t.b.data(), t.a.data(), t.to_b.data(), kPairs, kBlock, r, t.sums);
    });
    this->compare([](const auto& k, auto& t, const auto& r, const auto&) {
        k.bilinear_next_base(t.base.data(), t.b.data(), t.to_a.data(), t.b.data(), kPairs, kBlock, r, t.sums);
    });
}

#endif

}  // namespace
}  // namespace valence::zk
