// Fractions that cancel are proved and accepted, for all shapes; every alteration of the proof, and every sum
// that is not zero, is refused by the check meant to.
#include "valence/zk/prover/fractional_sum.hpp"

#include <random>

#include <gtest/gtest.h>
#include <oneapi/tbb/task_arena.h>

#include "valence/zk/prover/polynomial/multilinear.hpp"
#include "valence/zk/verifier/fractional_sum.hpp"

namespace valence::zk {
namespace {

template <typename E>
class FractionalSum : public ::testing::Test {
protected:
    struct Fractions {
        std::size_t ones = 0;
        std::vector<Goldilocks> rest;
        std::vector<E> denominators;

        Numerators numerators() const { return {ones, rest}; }
    };

    E random_element() {
        typename E::Coefficients c;
        for (Goldilocks& x : c)
            x = Goldilocks(random_());
        return E(c);
    }
    /// `ones` lookups into `others` rows of a table and their multiplicities; without rows the first lookup
    /// cancels all others.
    Fractions balanced(std::size_t ones, std::size_t others) {
        Fractions f{ones, std::vector<Goldilocks>(others), {}};
        std::vector<E> rows;
        for (std::size_t i = 0; i < others; ++i)
            rows.push_back(random_element());
        if (others == 0) {
            E sum;
            for (std::size_t i = 1; i < ones; ++i) {
                f.denominators.push_back(random_element());
                sum += f.denominators.back().inverse();
            }
            f.denominators.push_back((-sum).inverse());
            return f;
        }
        for (std::size_t i = 0; i < ones; ++i) {
            const std::size_t row = random_() % others;
            f.denominators.push_back(rows[row]);
            f.rest[row] -= Goldilocks(1);
        }
        f.denominators.insert(f.denominators.end(), rows.begin(), rows.end());
        return f;
    }

    struct Proved {
        Bytes proof;
        FractionalClaim<E> claim;
    };
    static Proved prove(const Fractions& f) {
        Transcript transcript("test");
        ProofWriter writer;
        ProverChannel channel{transcript, writer};
        auto claim = prove_fractional_sum<E>(f.numerators(), f.denominators, channel);
        return {writer.take(), std::move(claim)};
    }
    static Result<FractionalClaim<E>> verify(std::size_t leaves, BytesView proof) {
        Transcript transcript("test");
        ProofReader reader(proof);
        VerifierChannel channel{transcript, reader};
        BOOST_OUTCOME_TRY(auto claim, verify_fractional_sum<E>(leaves, channel));
        BOOST_OUTCOME_TRY(reader.finish());
        return claim;
    }
    /// What the claim should say of these fractions.
    static FractionalClaim<E> truth(const Fractions& f, const std::vector<E>& point) {
        const std::size_t size = std::size_t{1} << point.size();
        std::vector<Goldilocks> numerators(size);
        std::vector<E> denominators(size, E(std::uint64_t{1}));
        std::fill_n(numerators.begin(), f.ones, Goldilocks(1));
        std::ranges::copy(f.rest, numerators.begin() + static_cast<std::ptrdiff_t>(f.ones));
        std::ranges::copy(f.denominators, denominators.begin());
        return {point, evaluate<E>(std::span<const Goldilocks>(numerators), point),
                evaluate<E>(std::span<const E>(denominators), point)};
    }

    std::mt19937_64 random_{7};
};
using Extensions = ::testing::Types<Extension2, Extension3>;
TYPED_TEST_SUITE(FractionalSum, Extensions);

// Both forms of the leaves (first half all ones, or not), with and without padding, on both sides of the
// vector kernels' shortest blocks.
TYPED_TEST(FractionalSum, CancellingFractionsAreAcceptedWithTrueClaims) {
    const std::pair<std::size_t, std::size_t> shapes[] = {
        {0, 1},   {1, 1},     {2, 0},     {2, 1},     {3, 0},    {3, 1},       {1, 3},     {5, 0},
        {4, 4},   {9, 7},     {16, 0},    {8, 24},    {33, 1},   {40, 9},      {3, 125},   {200, 56},
        {513, 0}, {700, 300}, {1000, 24}, {700, 900}, {2048, 0}, {4000, 1000}, {5000, 256}};
    for (const auto& [ones, others] : shapes) {
        SCOPED_TRACE(std::to_string(ones) + " + " + std::to_string(others));
        const auto fractions = this->balanced(ones, others);
        const auto proved = this->prove(fractions);
        const auto verified = this->verify(ones + others, proved.proof);
        ASSERT_TRUE(verified) << verified.error().message();
        ASSERT_EQ(verified.value(), proved.claim);
        ASSERT_EQ(verified.value(), this->truth(fractions, proved.claim.point));
    }
}

TYPED_TEST(FractionalSum, ProofsDoNotDependOnTheNumberOfThreads) {
    const auto fractions = this->balanced(40'000, 10'000);
    const auto prove_with = [&](int threads) {
        return tbb::task_arena(threads).execute([&] { return this->prove(fractions).proof; });
    };
    EXPECT_EQ(prove_with(1), prove_with(2));
}

TYPED_TEST(FractionalSum, ASumThatIsNotZeroIsRefused) {
    for (const std::size_t others : {1, 3, 30}) {
        auto fractions = this->balanced(20, others);
        fractions.rest[0] += Goldilocks(1);
        EXPECT_EQ(this->verify(20 + others, this->prove(fractions).proof).error(),
                  Error(ProofError::lookup_mismatch));
    }
}

TYPED_TEST(FractionalSum, ALeafOfItsOwnNeedsADenominator) {
    auto fractions = this->balanced(0, 1);
    fractions.denominators[0] = TypeParam();
    EXPECT_EQ(this->verify(1, this->prove(fractions).proof).error(), Error(ProofError::lookup_mismatch));
}

// 0/0 among the fractions makes numerator and denominator of the root 0.
TYPED_TEST(FractionalSum, AZeroDenominatorIsRefused) {
    for (const std::size_t at : {0, 11, 12, 15}) {
        auto fractions = this->balanced(12, 4);
        fractions.denominators[at] = TypeParam();
        EXPECT_EQ(this->verify(16, this->prove(fractions).proof).error(), Error(ProofError::lookup_mismatch))
            << at;
    }
    auto fractions = this->balanced(12, 4);
    fractions.denominators[12] = fractions.denominators[13] = TypeParam();
    EXPECT_EQ(this->verify(16, this->prove(fractions).proof).error(), Error(ProofError::lookup_mismatch));
}

// The root's four values are caught at the root, all others by the sumcheck of their layer or of the next.
TYPED_TEST(FractionalSum, EveryAlteredElementIsRefusedByItsCheck) {
    const auto fractions = this->balanced(21, 7);
    const auto proof = this->prove(fractions).proof;
    const std::size_t root_bytes = 4 * TypeParam::kBytes;
    for (std::size_t at = 0; at < proof.size(); at += 8) {
        auto altered = proof;
        altered[at] ^= 1;
        const auto verified = this->verify(28, altered);
        ASSERT_FALSE(verified) << at;
        EXPECT_EQ(verified.error(),
                  Error(at < root_bytes ? ProofError::lookup_mismatch : ProofError::sumcheck_mismatch))
            << at;
    }
}

// p0·q1 + p1·q0 + λ·q0·q1 can be kept while p0 and p1 are both altered: what stays is a claim that is not
// true, which the commitment's opening refuses.
TYPED_TEST(FractionalSum, ConsistentlyAlteredLeavesMakeAFalseClaim) {
    const auto fractions = this->balanced(12, 4);
    auto proof = this->prove(fractions).proof;
    const std::size_t at = proof.size() - 4 * TypeParam::kBytes;
    ProofReader reader(BytesView(proof).subspan(at));
    const auto values = reader.template take_all<TypeParam>(4).value();
    ProofWriter writer;
    writer.put(values[0] + values[2]);
    writer.put(values[1] - values[3]);
    std::ranges::copy(writer.bytes(), proof.begin() + static_cast<std::ptrdiff_t>(at));
    const auto verified = this->verify(16, proof);
    ASSERT_TRUE(verified);
    EXPECT_NE(verified.value(), this->truth(fractions, verified.value().point));
}

TYPED_TEST(FractionalSum, TheNumberOfLeavesIsBound) {
    const auto proof = this->prove(this->balanced(12, 4)).proof;
    EXPECT_FALSE(this->verify(15, proof));
    EXPECT_EQ(this->verify(0, proof).error(), Error(ProofError::bad_parameters));
    EXPECT_EQ(this->verify(kMaxFractions + 1, proof).error(), Error(ProofError::bad_parameters));
    EXPECT_EQ(this->verify(std::size_t{1} << 20, proof).error(), Error(ProofError::sumcheck_mismatch));
}

TYPED_TEST(FractionalSum, ProofsThatAreShortOrLongOrNotCanonicalAreRefused) {
    const auto proof = this->prove(this->balanced(12, 4)).proof;
    for (std::size_t size = 0; size < proof.size(); ++size)
        ASSERT_EQ(this->verify(16, BytesView(proof).first(size)).error(), Error(ProofError::truncated))
            << size;
    auto longer = proof;
    longer.push_back(0);
    EXPECT_EQ(this->verify(16, longer).error(), Error(ProofError::trailing_bytes));
    for (std::size_t at = 0; at < proof.size(); at += 8) {
        auto altered = proof;
        std::fill_n(altered.begin() + static_cast<std::ptrdiff_t>(at), 8, std::uint8_t{0xff});
        ASSERT_EQ(this->verify(16, altered).error(), Error(ProofError::not_canonical)) << at;
    }
}

TEST(FractionalSumError, IsTheSumOverAllChallenges) {
    EXPECT_EQ(fractional_sum_error(0), 0U);
    EXPECT_EQ(fractional_sum_error(1), 1U);  // τ
    EXPECT_EQ(fractional_sum_error(2), 5U);  // τ; λ, one round, τ
    EXPECT_EQ(fractional_sum_error(3), 11U);
}

}  // namespace
}  // namespace valence::zk
