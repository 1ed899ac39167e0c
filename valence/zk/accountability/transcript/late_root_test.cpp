// The opening's roots, left out of the transcript: a table or a level that is committed after its rows'
// challenges is chosen so that a false claim comes out true. Absorbed, the same is too late. An opening by
// itself; in a whole proof the tables' roots are the witness's and, in the model's id, the weights'
// (dropped_item_test.cpp).
#include <gtest/gtest.h>

#include "valence/zk/accountability/attempt.hpp"
#include "valence/zk/accountability/attribution.hpp"
#include "valence/zk/accountability/transcript/short_relation.hpp"
#include "valence/zk/protocol/merkle/merkle_opening.hpp"
#include "valence/zk/prover/commitment/query_table.hpp"
#include "valence/zk/prover/commitment/running_product.hpp"
#include "valence/zk/prover/commitment/testing/opening_session.hpp"

namespace valence::zk {
namespace {

using testing::Conversation;
using testing::is_one_of;
using testing::Session;

enum class Late { table, level };

/// Proves a claim that is false by 1 on one table, with one level of recursion. `late` is committed when the
/// challenges of its rows are known, as something else than what it was until then.
template <typename E>
class LateRoot {
public:
    LateRoot(Session<E>& session, Late late, ProverChannel& channel)
        : session_(session), late_(late), channel_(channel), error_(std::uint64_t{1}) {
        session_.claim += error_;
    }

    void prove() {
        const OpeningParameters& p = session_.parameters;
        absorb_opening_statement<E>(channel_.transcript, p, session_.roots, session_.claim);
        for (const Goldilocks element : session_.opened[0]->elements)
            vector_.push_back(element);
        functional_ = session_.tables_of_functionals[0];

        const auto of_table = rounds(p.first_rounds);
        if (late_ == Late::table) commit_another_table(of_table);
        const Oracle before(std::span<const E>(vector_), p.levels[0].shape);
        level_at_ = channel_.proof.bytes().size();
        channel_.send(opening_label::kRoot, before.root());
        query(session_.tables[0]->oracle(), p.tables[0].queries);

        std::vector<E> committed = vector_;
        const auto of_level = rounds(p.levels[0].shape.log_rows());
        // The vector's first element takes up the error, and the level's first with it.
        if (late_ == Late::level) committed[0] += take_up_error() * eq_weight<E>(of_level, 0).inverse();
        const Oracle level(std::span<const E>(committed), p.levels[0].shape);
        level_root_ = level.root();
        channel_.send_all(opening_label::kVector, std::span<const E>(vector_).first(p.clear_size));
        query(level, p.levels[0].queries);
        rounds(p.clear_variables());
    }

    /// With the roots of what was committed.
    Bytes proof() const {
        Bytes proof = channel_.proof.bytes();
        std::ranges::copy(level_root_.bytes, proof.begin() + static_cast<std::ptrdiff_t>(level_at_));
        return proof;
    }

private:
    std::vector<E> rounds(int count) {
        std::vector<E> challenges;
        RunningProduct<E> product{std::span<const E>(vector_), std::span<const E>(functional_)};
        for (int round = 0; round < count; ++round) {
            const RoundSums<E> sums = product.message();
            channel_.send(opening_label::kRound, sums.zero);
            channel_.send(opening_label::kRound, sums.infinity);
            challenges.push_back(channel_.template challenge<E>(opening_label::kChallenge));
            product.bind(challenges.back());
            error_ *= challenges.back();
        }
        Table<E> left = product.left(), right = product.right();
        vector_.assign(left.span().begin(), left.span().end());
        functional_.assign(right.span().begin(), right.span().end());
        return challenges;
    }
    void query(const Oracle& oracle, int queries) {
        const auto positions = opening_order(channel_.positions(
            opening_label::kPositions, static_cast<std::size_t>(queries), oracle.shape().log_length()));
        oracle.open(positions, channel_.proof);
        const E join = channel_.template challenge<E>(opening_label::kJoin);
        std::vector<E> powers{join};
        while (powers.size() < positions.size())
            powers.push_back(powers.back() * join);
        add_query_functionals<E>(oracle.shape(), positions, powers, std::span<E>(functional_));
    }
    /// What the vector's first element grows by, so that the false claim is true of it.
    E take_up_error() {
        const E growth = error_ * functional_[0].inverse();
        vector_[0] += growth;
        error_ = E();
        return growth;
    }
    /// A table over the base field that folds to the vector with its first element grown: the first places of
    /// as many rows as the degree change.
    void commit_another_table(std::span<const E> challenges) {
        const TableShape shape = session_.tables[0]->shape();
        const auto weights = eq_weights<E>(challenges);
        const auto growth =
            testing::in_coordinates<E>(std::span<const E>(weights).first(E::kDegree), take_up_error());
        auto& elements = session_.opened[0]->elements;
        for (std::size_t row = 0; row < growth.size(); ++row)
            elements[row << shape.matrix().log_columns] += growth[row];
        session_.tables[0] = std::make_unique<CommittedTable>(shape, std::span<const Goldilocks>(elements));
        session_.roots[0] = session_.tables[0]->root();
    }

    Session<E>& session_;
    Late late_;
    ProverChannel& channel_;
    /// By which the running claim is more than it is of the vector and the functional at hand.
    E error_;
    std::vector<E> vector_, functional_;
    std::size_t level_at_ = 0;
    Hash level_root_;
};

template <typename Degree>
class DroppedRoot : public ::testing::Test {
protected:
    using E = Degree;

    /// On a false claim.
    static std::error_code verdict_on(Late late, bool drop) {
        Session<E> session({{{15, 3, 2}, testing::Kind::field, testing::Form::dense}});
        EXPECT_EQ(session.parameters.levels.size(), 1U);
        session.parameters.grinding_bits = 0;
        const E truth = session.claim;
        Conversation prover;
        Bytes proof;
        if (drop) prover.dropped = {root_number(session, late)};
        {
            const testing::Tapped tapped(prover);
            Transcript transcript("opening test");
            ProverChannel channel{transcript, prover.writer};
            LateRoot<E> cheat(session, late, channel);
            cheat.prove();
            proof = cheat.proof();
        }
        // Of the table that is committed in the end, too, the claim is false.
        const auto& elements = session.opened[0]->elements;
        E sum;
        for (std::size_t i = 0; i < elements.size(); ++i)
            sum += session.tables_of_functionals[0][i] * elements[i];
        EXPECT_NE(sum, session.claim);
        EXPECT_EQ(sum == truth, late == Late::level);

        class Forgetful final : public testing::Tap {
        public:
            explicit Forgetful(const Conversation& of) : of_(of) {}
            bool absorb(testing::Absorbed&) override { return !of_.dropped.contains(next_++); }

        private:
            const Conversation& of_;
            std::size_t next_ = 0;
        } forgetful(prover);
        const testing::Tapped tapped(forgetful);
        return session.verdict(proof);
    }

private:
    /// Of the statement's roots, or of the first level's.
    static std::size_t root_number(const Session<E>& session, Late late) {
        Conversation honest;
        const testing::Tapped tapped(honest);
        Transcript transcript("opening test");
        ProverChannel channel{transcript, honest.writer};
        prove_opening<E>(session.parameters, session.inputs(), session.claim, channel);
        return honest.number(opening_label::kRoot, late == Late::table ? 0 : 1);
    }
};
using Extensions = ::testing::Types<Extension2, Extension3>;
TYPED_TEST_SUITE(DroppedRoot, Extensions);

TYPED_TEST(DroppedRoot, OfATableMakesAFalseClaimProvable) {
    EXPECT_EQ(this->verdict_on(Late::table, true), std::error_code());
    EXPECT_TRUE(is_one_of(this->verdict_on(Late::table, false),
                          {ProofError::merkle_mismatch, ProofError::truncated}));
}

TYPED_TEST(DroppedRoot, OfALevelMakesAFalseClaimProvable) {
    EXPECT_EQ(this->verdict_on(Late::level, true), std::error_code());
    EXPECT_TRUE(is_one_of(this->verdict_on(Late::level, false),
                          {ProofError::merkle_mismatch, ProofError::truncated}));
}

}  // namespace
}  // namespace valence::zk
