// Sums of products of tables of any sizes are proved and accepted; every alteration is refused.
#include "valence/zk/prover/bilinear_sum.hpp"

#include <random>

#include <gtest/gtest.h>
#include <oneapi/tbb/task_arena.h>

#include "valence/zk/prover/polynomial/multilinear.hpp"
#include "valence/zk/verifier/bilinear_sum.hpp"

namespace valence::zk {
namespace {

template <typename E>
class BilinearSum : public ::testing::Test {
protected:
    struct Term {
        std::vector<Goldilocks> base_left;
        std::vector<E> left;
        std::vector<E> right;

        BilinearTerm<E> view() const {
            return base_left.empty() ? BilinearTerm<E>(std::span<const E>(left), right)
                                     : BilinearTerm<E>(std::span<const Goldilocks>(base_left), right);
        }
        E left_at(std::size_t i) const { return base_left.empty() ? left[i] : E(base_left[i]); }
    };
    struct Statement {
        std::vector<Term> terms;
        std::vector<std::size_t> variables;
        E sum{};
    };
    struct Proved {
        Bytes proof;
        BilinearClaim<E> claim;
    };

    E random_element() {
        typename E::Coefficients c;
        for (Goldilocks& x : c)
            x = Goldilocks(random_());
        return E(c);
    }
    /// Every second term's left table is over the base field.
    Statement statement(std::vector<std::size_t> variables) {
        Statement s{{}, std::move(variables), {}};
        for (std::size_t t = 0; t < s.variables.size(); ++t) {
            Term term;
            for (std::size_t i = 0; i < std::size_t{1} << s.variables[t]; ++i) {
                if (t % 2 == 0) {
                    term.left.push_back(random_element());
                } else {
                    term.base_left.push_back(Goldilocks(random_()));
                }
                term.right.push_back(random_element());
                s.sum += term.left_at(i) * term.right[i];
            }
            s.terms.push_back(std::move(term));
        }
        return s;
    }
    static Proved prove(const Statement& s) {
        Transcript transcript("test");
        ProofWriter writer;
        ProverChannel channel{transcript, writer};
        std::vector<BilinearTerm<E>> terms;
        for (const auto& term : s.terms)
            terms.push_back(term.view());
        auto claim = prove_bilinear_sum<E>(terms, s.sum, channel);
        return {writer.take(), std::move(claim)};
    }
    static Result<BilinearClaim<E>> verify(const std::vector<std::size_t>& variables, const E& sum,
                                           BytesView proof) {
        Transcript transcript("test");
        ProofReader reader(proof);
        VerifierChannel channel{transcript, reader};
        BOOST_OUTCOME_TRY(auto claim, verify_bilinear_sum<E>(variables, sum, channel));
        BOOST_OUTCOME_TRY(reader.finish());
        return claim;
    }

    std::mt19937_64 random_{8};
};
using Extensions = ::testing::Types<Extension2, Extension3>;
TYPED_TEST_SUITE(BilinearSum, Extensions);

TYPED_TEST(BilinearSum, SumsOfAnySizesAreAcceptedWithTrueClaims) {
    for (const std::vector<std::size_t>& variables :
         std::vector<std::vector<std::size_t>>{{},
                                               {0},
                                               {0, 0},
                                               {1},
                                               {1, 1},
                                               {2, 0},
                                               {3, 3, 3},
                                               {0, 5, 2, 1},
                                               {4, 7},
                                               {11, 3, 0, 12, 12, 8, 1, 9}}) {
        SCOPED_TRACE(::testing::PrintToString(variables));
        const auto s = this->statement(variables);
        const auto proved = this->prove(s);
        const auto verified = this->verify(variables, s.sum, proved.proof);
        ASSERT_TRUE(verified) << verified.error().message();
        ASSERT_EQ(verified.value(), proved.claim);
        for (std::size_t t = 0; t < variables.size(); ++t) {
            const auto point = std::span<const TypeParam>(proved.claim.point).last(variables[t]);
            std::vector<TypeParam> left;
            for (std::size_t i = 0; i < s.terms[t].right.size(); ++i)
                left.push_back(s.terms[t].left_at(i));
            ASSERT_EQ(proved.claim.values[t].left,
                      evaluate<TypeParam>(std::span<const TypeParam>(left), point));
            ASSERT_EQ(proved.claim.values[t].right,
                      evaluate<TypeParam>(std::span<const TypeParam>(s.terms[t].right), point));
        }
    }
}

TYPED_TEST(BilinearSum, ProofsDoNotDependOnTheNumberOfThreads) {
    const auto s = this->statement({14, 15});
    const auto prove_with = [&](int threads) {
        return tbb::task_arena(threads).execute([&] { return this->prove(s).proof; });
    };
    EXPECT_EQ(prove_with(1), prove_with(2));
}

TYPED_TEST(BilinearSum, AnotherSumIsRefused) {
    for (const std::vector<std::size_t>& variables :
         std::vector<std::vector<std::size_t>>{{}, {0}, {3}, {2, 5}, {0, 4}}) {
        auto s = this->statement(variables);
        s.sum += TypeParam(std::uint64_t{1});
        EXPECT_EQ(this->verify(variables, s.sum, this->prove(s).proof).error(),
                  Error(ProofError::sumcheck_mismatch));
    }
}

TYPED_TEST(BilinearSum, EveryAlteredElementIsRefused) {
    const auto s = this->statement({3, 5, 0, 5});
    const auto proof = this->prove(s).proof;
    for (std::size_t at = 0; at < proof.size(); at += 8) {
        auto altered = proof;
        altered[at] ^= 1;
        ASSERT_EQ(this->verify(s.variables, s.sum, altered).error(), Error(ProofError::sumcheck_mismatch))
            << at;
    }
}

TYPED_TEST(BilinearSum, SizesAreBound) {
    const auto s = this->statement({3, 5});
    const auto proof = this->prove(s).proof;
    EXPECT_EQ(this->verify({5, 3}, s.sum, proof).error(), Error(ProofError::sumcheck_mismatch));
    EXPECT_EQ(this->verify({4, 5}, s.sum, proof).error(), Error(ProofError::sumcheck_mismatch));
    EXPECT_EQ(this->verify({3, 41}, s.sum, proof).error(), Error(ProofError::bad_parameters));
}

TYPED_TEST(BilinearSum, ProofsThatAreShortOrLongOrNotCanonicalAreRefused) {
    const auto s = this->statement({2, 3});
    const auto proof = this->prove(s).proof;
    for (std::size_t size = 0; size < proof.size(); ++size)
        ASSERT_EQ(this->verify(s.variables, s.sum, BytesView(proof).first(size)).error(),
                  Error(ProofError::truncated));
    auto longer = proof;
    longer.push_back(0);
    EXPECT_EQ(this->verify(s.variables, s.sum, longer).error(), Error(ProofError::trailing_bytes));
    for (std::size_t at = 0; at < proof.size(); at += 8) {
        auto altered = proof;
        std::fill_n(altered.begin() + static_cast<std::ptrdiff_t>(at), 8, std::uint8_t{0xff});
        ASSERT_EQ(this->verify(s.variables, s.sum, altered).error(), Error(ProofError::not_canonical)) << at;
    }
}

}  // namespace
}  // namespace valence::zk
