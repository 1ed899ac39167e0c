// What each absorbed item is for: prover and verifier leave it out, and a false proof is accepted; they take
// it in, and the same forgery is refused. late_message_test.cpp has the messages of sumchecks,
// late_root_test.cpp the opening's roots, late_flags_test.cpp the flags. Over both degrees.
#include <gtest/gtest.h>

#include "valence/ml/reference/evaluate.hpp"
#include "valence/zk/accountability/attribution.hpp"
#include "valence/zk/accountability/layers.hpp"
#include "valence/zk/accountability/transcript/short_relation.hpp"
#include "valence/zk/prover/commitment/testing/opening_session.hpp"
#include "valence/zk/verifier/argument.hpp"

namespace valence::zk {
namespace {

using testing::Attempt;
using testing::Attempted;
using testing::Conversation;
using testing::is_one_of;
using testing::Sample;
template <typename Degree>
class DroppedItem : public ::testing::Test {
protected:
    static constexpr const SecurityProfile& kProfile = kProfileOf<Degree>;

    static Attempt honest() { return testing::layers().honest(kProfile); }
    /// The number of the statement's item with this label; the tensors follow their number.
    static std::size_t number_of(std::string_view label, int occurrence = 0) {
        Conversation conversation;
        conversation.run(testing::layers().model, honest());
        return conversation.number(label, occurrence);
    }
};
using Extensions = ::testing::Types<Extension2, Extension3>;
TYPED_TEST_SUITE(DroppedItem, Extensions);

ml::Values changed_by(ml::Values values, std::span<const std::int64_t> difference) {
    for (std::size_t i = 0; i < difference.size(); ++i)
        values.data[i] += difference[i];
    return values;
}

TYPED_TEST(DroppedItem, WithoutTheContextProofsAreReplayed) {
    for (const bool drop : {true, false}) {
        Conversation prover;
        if (drop) prover.dropped = {this->number_of("context")};
        const Sample& sample = testing::layers();
        Attempted proved = prover.run(sample.model, this->honest());
        proved.context = {1, 2, 3, 4};
        EXPECT_EQ(verdict_without(prover, sample.model.provable(), proved),
                  drop ? std::error_code() : make_error_code(ProofError::sumcheck_mismatch));
    }
}

// The output point is known before the outputs: others have the same value there.
TYPED_TEST(DroppedItem, WithoutTheOutputsThereAreOthersWithTheSameProof) {
    using E = TypeParam;
    const Sample& sample = testing::layers();
    for (const bool drop : {true, false}) {
        Conversation prover;
        if (drop) prover.dropped = {this->number_of("outputs", 1)};
        std::vector<E> point;
        prover.template when_drawn<E>([&](std::string_view label, E& challenge) {
            if (label == "output point") point.push_back(challenge);
        });
        Attempted proved = prover.run(sample.model, this->honest());
        ASSERT_EQ(verdict_without(prover, sample.model.provable(), proved), std::error_code());
        const auto truth = proved.outputs;
        proved.outputs[0] =
            changed_by(truth[0], testing::short_relation(eq_range<E>(point, 0, truth[0].data.size())));
        ASSERT_NE(proved.outputs, truth);
        EXPECT_EQ(verdict_without(prover, sample.model.provable(), proved),
                  drop ? std::error_code() : make_error_code(ProofError::sumcheck_mismatch));
    }
}

/// What the verifier makes of a proof up to the claim that is opened.
template <typename E>
class ClaimSeen final : public testing::Tap {
public:
    explicit ClaimSeen(const Conversation& of) : of_(of) {}
    bool absorb(testing::Absorbed& item) override {
        if (item.label == "opening: claim") claim = item.element<E>(0);
        return !of_.dropped.contains(next_++);
    }
    E claim;

private:
    const Conversation& of_;
    std::size_t next_ = 0;
};

// What the inputs' elements count in the end is known before the inputs: others count the same.
TYPED_TEST(DroppedItem, WithoutTheInputsThereAreOthersWithTheSameProof) {
    using E = TypeParam;
    const Sample& sample = testing::layers();
    for (const bool drop : {true, false}) {
        Conversation prover;
        if (drop) prover.dropped = {this->number_of("inputs", 1)};
        Attempted proved = prover.run(sample.model, this->honest());
        ASSERT_EQ(verdict_without(prover, sample.model.provable(), proved), std::error_code());
        const auto claim_of = [&](const ml::Values& input) {
            Attempted other = proved;
            other.inputs[0] = input;
            ClaimSeen<E> verifier(prover);
            const testing::Tapped tapped(verifier);
            static_cast<void>(verdict(sample.model.provable(), other));
            return verifier.claim;
        };
        const E honest = claim_of(sample.inputs[0]);
        std::vector<E> coefficients;
        for (std::size_t i = 0; i < sample.inputs[0].data.size(); ++i) {
            ml::Values other = sample.inputs[0];
            ++other.data[i];
            coefficients.push_back(claim_of(other) - honest);
        }
        // With the inputs absorbed no claim comes to light: any other inputs, then.
        proved.inputs[0] = changed_by(sample.inputs[0], drop ? testing::short_relation(coefficients)
                                                             : std::vector<std::int64_t>{500, -500});
        ASSERT_NE(proved.inputs, sample.inputs);
        EXPECT_NE(ml::evaluate(sample.model.graph(), proved.inputs).value(), proved.outputs);
        EXPECT_EQ(verdict_without(prover, sample.model.provable(), proved),
                  drop ? std::error_code() : make_error_code(ProofError::sumcheck_mismatch));
    }
}

/// What the elements of a weight count in a proof's last claim.
template <typename E>
std::vector<E> coefficients_of(ml::WeightId weight, const Conversation& prover, const Attempted& proved) {
    const Sample& sample = testing::layers();
    ClaimSeen<E> forgetful(prover);
    const testing::Tapped tapped(forgetful);
    Assignment run(sample.model.graph(), proved.inputs);
    const Circuit circuit = compile(sample.model.graph(), run, proved.inputs).value();
    Transcript transcript =
        begin(kProfileOf<E>, {sample.model.provable().id, proved.inputs, proved.outputs, proved.context},
              run.saturations());
    ProofReader reader(proved.proof);
    VerifierChannel channel{transcript, reader};
    static_cast<void>(reader.take_bytes(2 + run.saturations().size()).value());
    static_cast<void>(channel.receive_digest("witness").value());
    const auto claim = verify_argument<E>(circuit, proved.inputs, proved.outputs, channel).value();
    std::vector<E> coefficients;
    for (const auto& [id, functional] : claim.weights) {
        if (id != weight) continue;
        const auto elements = functional.expand();
        coefficients.resize(elements.size());
        for (std::size_t i = 0; i < elements.size(); ++i)
            coefficients[i] += elements[i];
    }
    return coefficients;
}

// The weights' root is part of the model's id alone until all claims are made: a model is made to a proof.
TYPED_TEST(DroppedItem, WithoutTheModelAModelIsMadeToTheProof) {
    using E = TypeParam;
    const Sample& sample = testing::layers();
    for (const bool drop : {true, false}) {
        Conversation prover;
        if (drop) prover.dropped = {this->number_of("model")};
        const Attempted proved = prover.run(sample.model, this->honest());
        auto coefficients = coefficients_of<E>(0, prover, proved);
        coefficients.resize(20);
        const auto difference = testing::short_relation(coefficients);

        ml::Graph graph = sample.model.graph();
        graph.commitment.clear();
        for (std::size_t i = 0; i < difference.size(); ++i) {
            const auto element = static_cast<std::uint16_t>(graph.weights[0][i] + difference[i]);
            graph.weights[0].data[2 * i] = static_cast<std::uint8_t>(element);
            graph.weights[0].data[2 * i + 1] = static_cast<std::uint8_t>(element >> 8);
        }
        const Sample other{ProvingModel::commit(std::make_shared<const ml::Graph>(graph)).value(),
                           sample.inputs};
        Attempt as_before = other.honest(this->kProfile);
        as_before.graph = &sample.model.graph();
        const Attempted forged = prover.run(other.model, as_before);
        ASSERT_NE(ml::evaluate(graph, forged.inputs).value(), forged.outputs);
        EXPECT_EQ(verdict_without(prover, other.model.provable(), forged),
                  drop ? std::error_code() : make_error_code(ProofError::opening_mismatch));
    }
}

// α and γ are known before the multiplicities, which need only be elements of the field: a few of them
// make any fractions cancel.
TYPED_TEST(DroppedItem, WithoutTheWitnesssRootMultiplicitiesBalanceAnything) {
    using E = TypeParam;
    const Sample& sample = testing::layers();
    for (const bool drop : {true, false}) {
        Conversation prover;
        if (drop) prover.dropped = {this->number_of("witness")};
        std::vector<E> drawn;  // α, γ_0, γ_1 …
        prover.template when_drawn<E>([&](std::string_view label, E& challenge) {
            if (label == "alpha" || label == "gamma") drawn.push_back(challenge);
        });
        Attempt forged = this->honest();
        forged.forge = testing::one_more_in_the_last_result;
        EXPECT_EQ(verdict_without(prover, sample.model.provable(), prover.run(sample.model, forged)),
                  ProofError::lookup_mismatch);
        const auto& root = prover.items()[prover.number("fractions")].honest;
        const E p0 = root.element<E>(0), p1 = root.element<E>(1);
        const E q0 = root.element<E>(2), q1 = root.element<E>(3);
        const E sum = (p0 * q1 + p1 * q0) * (q0 * q1).inverse();
        // The range table's first rows, (0, 0), (1, 0), (1, 1): Σ of their fractions times x is the sum.
        const E fractions[] = {drawn[0].inverse(), (drawn[0] - drawn[2]).inverse(),
                               (drawn[0] - drawn[2] - drawn[3]).inverse()};
        const auto x = testing::in_coordinates<E>(std::span(fractions).first(E::kDegree), sum);
        forged.forge = [&](const Circuit& circuit, Assignment& assignment) {
            testing::one_more_in_the_last_result(circuit, assignment);
            const auto column =
                std::get<WitnessColumn>(circuit.quantities[circuit.tables[0].multiplicity].definition).column;
            std::vector<Goldilocks> multiplicities;
            for (std::size_t row = 0; row < x.size(); ++row)
                multiplicities.push_back(assignment.column(column)[row] + x[row]);
            for (std::size_t row = 0; row < x.size(); ++row)
                assignment.forge(circuit, column, row, multiplicities[row], Assignment::Others::stay);
        };
        const Attempted result = prover.run(sample.model, forged);
        ASSERT_NE(result.outputs, ml::evaluate(sample.model.graph(), sample.inputs).value());
        EXPECT_EQ(verdict_without(prover, sample.model.provable(), result),
                  drop ? std::error_code() : make_error_code(ProofError::lookup_mismatch));
    }
}

// An opening by itself: whoever knows the first challenge before the claim has a claim for any message.
TYPED_TEST(DroppedItem, WithoutItsClaimAnOpeningHasFalseOnes) {
    using E = TypeParam;
    const testing::Session<E> session({{{8, 3, 2}, testing::Kind::int8, testing::Form::dense}});
    for (const bool drop : {true, false}) {
        Conversation prover;
        if (drop) prover.dropped = {6};
        E error;
        bool first = true;
        prover.alter = [&](std::size_t, Conversation::Item& item) {
            if (item.honest.label == "opening: round" && item.occurrence == 0)
                item.said.set(0, item.honest.element<E>(0) + E(std::uint64_t{1}));
        };
        prover.template when_drawn<E>([&](std::string_view label, E& r) {
            if (label != "opening: challenge" || !std::exchange(first, false)) return;
            error = -(E(std::uint64_t{1}) - r - r) * r.inverse();
        });
        Bytes proof;
        {
            const testing::Tapped tapped(prover);
            Transcript transcript("opening test");
            ProverChannel channel{transcript, prover.writer};
            prove_opening<E>(session.parameters, session.inputs(), session.claim, channel);
            proof = prover.as_said(prover.writer.bytes());
        }
        ASSERT_EQ(prover.items()[6].honest.label, "opening: claim");
        testing::Session<E> lie({{{8, 3, 2}, testing::Kind::int8, testing::Form::dense}});
        lie.claim += error;
        ClaimSeen<E> forgetful(prover);
        const testing::Tapped tapped(forgetful);
        const auto found = lie.verdict(proof);
        if (drop)
            EXPECT_EQ(found, std::error_code());
        else
            EXPECT_TRUE(is_one_of(found, {ProofError::wrong_grinding, ProofError::merkle_mismatch}));
    }
}

// The positions are known before the work is done: it is done once, for positions that suit.
TEST(DroppedNonce, MakesWorkForNothing) {
    for (const bool drop : {true, false}) {
        Conversation both;
        both.drop_work = drop;
        const testing::Tapped tapped(both);
        Transcript worked("test"), idle("test");
        const std::uint64_t nonce = worked.grind("work", 6);
        static_cast<void>(idle.check_grinding("work", 6, nonce + 1));
        EXPECT_EQ(worked.positions("positions", 4, 32) == idle.positions("positions", 4, 32), drop);
    }
}

}  // namespace
}  // namespace valence::zk
