// One thing changed at a time, of witness, messages and statement, for a model of every operator: refused, by
// the check meant to catch it.
#include <map>
#include <random>

#include <gtest/gtest.h>

#include "valence/ml/reference/evaluate.hpp"
#include "valence/zk/accountability/attribution.hpp"
#include "valence/zk/accountability/samples.hpp"
#include "valence/zk/verifier/verify.hpp"

namespace valence::zk {
namespace {

using testing::attempt;
using testing::Attempt;
using testing::Attempted;
using testing::Conversation;
using testing::is_one_of;
using testing::Part;
using testing::Sample;

/// An operator, and a profile's bits.
class MutationOf : public ::testing::TestWithParam<std::tuple<int, int>> {
protected:
    Attempt honest_attempt() const { return sample_.honest(profile_); }
    const int kind_ = std::get<0>(GetParam());
    const SecurityProfile profile_ = std::get<1>(GetParam()) == 100 ? kProfile100 : kProfile128;
    std::mt19937_64 random_{static_cast<std::uint64_t>(kind_) * 1000 + 17};
    const Sample& sample_ = testing::sample_of(kind_);
};

TEST_P(MutationOf, TheHonestProverIsProveItselfAndIsAccepted) {
    const Attempted honest = attempt(sample_.model, honest_attempt()).value();
    const Proved proved = prove(sample_.model, sample_.inputs, honest.context, profile_).value();
    EXPECT_EQ(honest.proof, proved.proof);
    EXPECT_EQ(honest.outputs, proved.outputs);
    EXPECT_EQ(honest.outputs, ml::evaluate(sample_.model.graph(), sample_.inputs).value());
    EXPECT_FALSE(honest.violation);
    EXPECT_EQ(verdict(sample_.model.provable(), honest), std::error_code());
}

/// Whether every element is an activation or an index: other outputs are no statement.
bool can_be_said(const Attempted& attempted) {
    for (const ml::Values& values : attempted.outputs) {
        const std::int64_t bound = std::int64_t{1} << (values.type == ml::ElementType::activation ? 15 : 31);
        for (const std::int64_t element : values.data) {
            if (element < -bound || element >= bound) return false;
        }
    }
    return true;
}

// A lookup that is in no table leaves fractions that do not cancel; what should vanish and does not, a false
// claim for the opening. What violates neither must be an honest answer too.
TEST_P(MutationOf, EveryColumnOfTheWitness) {
    const Attempted honest = attempt(sample_.model, honest_attempt()).value();
    for (ColumnId column = 0; column < honest.circuit.columns.size(); ++column) {
        const bool multiplicity = std::holds_alternative<Multiplicity>(honest.circuit.columns[column].rule);
        for (std::uint64_t round = 0; round < testing::rounds(); ++round) {
            const auto others = random_() % 2 == 0 ? Assignment::Others::stay : Assignment::Others::follow;
            const Goldilocks changes[] = {Goldilocks(1), Goldilocks::of(-1), Goldilocks(1 << 16),
                                          Goldilocks(random_()), Goldilocks(2).inverse()};
            const Goldilocks change = changes[random_() % std::size(changes)];
            Attempt forged = honest_attempt();
            std::size_t position = 0;
            forged.forge = [&](const Circuit& circuit, Assignment& assignment) {
                const auto elements = assignment.column(column);
                position = random_() % elements.size();
                assignment.forge(circuit, column, position, elements[position] + change, others);
            };
            const Attempted result = attempt(sample_.model, forged).value();
            const auto found = verdict(sample_.model.provable(), result);
            SCOPED_TRACE(::testing::Message()
                         << "column " << column << "[" << position << "]: " << found.message());
            if (!can_be_said(result))
                ASSERT_EQ(found, ProofError::wrong_statement);
            else if (multiplicity || (result.violation && result.violation->kind == Violation::Kind::lookup))
                ASSERT_EQ(found, ProofError::lookup_mismatch);
            else if (result.violation)
                ASSERT_EQ(found, ProofError::opening_mismatch);
            else {
                ASSERT_EQ(found, std::error_code());
                ASSERT_EQ(result.outputs, honest.outputs);
            }
        }
    }
}

/// Elements of a message, or the one digest.
std::size_t fields_of(const testing::Absorbed& item) { return std::max<std::size_t>(item.elements(), 1); }

void change_field(testing::Absorbed& item, std::size_t field, std::uint64_t by) {
    if (item.kind == testing::Absorbed::Kind::bytes) {
        item.bytes[by % item.bytes.size()] ^= static_cast<std::uint8_t>(1 + by % 255);
    } else {
        for (std::size_t k = 0; k < item.degree; ++k) {
            std::uint64_t& word = item.words[field * item.degree + k];
            word = (Goldilocks(word) + Goldilocks(k == 0 ? by % 3 : by)).value();
        }
    }
}

/// Every field of every message that is sent, or some of them.
struct Field {
    std::size_t item = 0, field = 0;
};
std::vector<Field> fields_of(const std::vector<Conversation::Item>& items) {
    std::vector<Field> fields;
    for (std::size_t number = 0; number < items.size(); ++number) {
        if (!items[number].sent) continue;
        for (std::size_t field = 0; field < fields_of(items[number].honest); ++field)
            fields.push_back({number, field});
    }
    return fields;
}

/// What may refuse it. A factor of a product whose other one is 0 can be anything there: it is caught by what
/// depends on it next.
std::vector<ProofError> refusals(const Conversation& honest, const Field& field, bool followed) {
    const Part part = part_of(honest, field.item);
    const auto& message = honest.items()[field.item].honest;
    if (part == Part::product_values && message.is_zero(field.field ^ 1))
        return {ProofError::wrong_grinding, ProofError::merkle_mismatch};
    if (part == Part::first_fractions && field.field >= 2 && message.is_zero(3 - field.field))
        return {ProofError::sumcheck_mismatch};
    const auto& row = testing::attribution(part);
    return followed ? row.followed : row.alone;
}

// A prover that says one thing falsely and goes on in earnest.
TEST_P(MutationOf, MessagesThatEverythingFollows) {
    Conversation honest;
    honest.run(sample_.model, honest_attempt());
    std::vector<Field> fields = fields_of(honest.items());
    std::shuffle(fields.begin(), fields.end(), random_);
    // All kinds of messages, however seldom.
    std::map<Part, int> tried;
    for (const Field& field : fields) {
        const Part part = part_of(honest, field.item);
        if (tried[part]++ >= static_cast<int>(2 * testing::rounds())) continue;
        const std::uint64_t by = 1 + random_() % 1000;
        Conversation lying;
        lying.alter = [&](std::size_t number, Conversation::Item& item) {
            // The witness's root is absorbed again where it is opened.
            const bool again =
                part == Part::witness_root && item.honest.label == "opening: root" && item.occurrence == 0;
            if (number == field.item || again) change_field(item.said, field.field, by);
        };
        const Attempted result = lying.run(sample_.model, honest_attempt());
        const auto found = verdict(sample_.model.provable(), result);
        EXPECT_TRUE(is_one_of(found, refusals(honest, field, true)))
            << testing::name(part) << " (" << field.item << ", " << field.field << "): " << found.message();
    }
}

// Someone who changes a proof on its way.
TEST_P(MutationOf, MessagesThatNothingFollows) {
    Conversation honest;
    const Attempted proved = honest.run(sample_.model, honest_attempt());
    std::vector<Field> fields = fields_of(honest.items());
    std::shuffle(fields.begin(), fields.end(), random_);
    fields.resize(std::min<std::size_t>(fields.size(), 40 * testing::rounds()));
    for (const Field& field : fields) {
        const Part part = part_of(honest, field.item);
        auto& item = honest.items()[field.item];
        change_field(item.said, field.field, 1 + random_() % 1000);
        Attempted altered = proved;
        altered.proof = honest.as_said(proved.proof);
        item.said = item.honest;
        const auto found = verdict(sample_.model.provable(), altered);
        EXPECT_TRUE(is_one_of(found, refusals(honest, field, false)))
            << testing::name(part) << " (" << field.item << ", " << field.field << "): " << found.message();
    }
}

// Head and flags; nonces, leaves and siblings.
TEST_P(MutationOf, BytesThatAreNoMessages) {
    Conversation honest;
    const Attempted proved = honest.run(sample_.model, honest_attempt());
    std::vector<bool> of_message(proved.proof.size());
    std::size_t first = proved.proof.size();
    for (const auto& item : honest.items()) {
        if (!item.sent) continue;
        first = std::min(first, item.offset);
        std::fill_n(of_message.begin() + static_cast<std::ptrdiff_t>(item.offset),
                    item.honest.encoded().size(), true);
    }
    const auto verdict_on = [&](std::size_t at, std::uint8_t byte) {
        Attempted altered = proved;
        altered.proof[at] = byte;
        return verdict(sample_.model.provable(), altered);
    };
    EXPECT_EQ(verdict_on(0, 0), ProofError::bad_parameters);
    EXPECT_EQ(verdict_on(0, 2), ProofError::bad_parameters);
    EXPECT_EQ(verdict_on(1, 101), ProofError::bad_parameters);
    EXPECT_TRUE(verdict_on(1, profile_ == kProfile100 ? 128 : 100));
    for (std::size_t flag = 2; flag < first; ++flag) {
        EXPECT_EQ(verdict_on(flag, 9), ProofError::not_canonical);
        for (std::uint8_t other = 0; other < 9; ++other) {
            if (other == proved.proof[flag]) continue;
            EXPECT_TRUE(verdict_on(flag, other)) << flag;
        }
    }
    std::vector<std::size_t> rest;
    for (std::size_t at = first; at < proved.proof.size(); ++at) {
        if (!of_message[at]) rest.push_back(at);
    }
    ASSERT_FALSE(rest.empty());
    for (std::uint64_t round = 0; round < 20 * testing::rounds(); ++round) {
        const std::size_t at = rest[random_() % rest.size()];
        const auto found = verdict_on(at, static_cast<std::uint8_t>(proved.proof[at] ^ 1));
        // A nonce lacks work; one that has it by chance leads to other leaves.
        EXPECT_TRUE(is_one_of(found, {ProofError::merkle_mismatch, ProofError::wrong_grinding}))
            << at << ": " << found.message();
    }
}

// Everything else in order: only that the statement is another one.
TEST_P(MutationOf, StatementsThatAreFalse) {
    const Attempted honest = attempt(sample_.model, honest_attempt()).value();
    const auto is_true = [&](const Attempt& what) {
        return what.said_outputs.value_or(honest.outputs) ==
               ml::evaluate(sample_.model.graph(), what.said_inputs.value_or(sample_.inputs)).value();
    };
    const auto change_element = [&](std::vector<ml::Values>& tensors) {
        auto& data = tensors[random_() % tensors.size()].data;
        data[random_() % data.size()] ^= std::int64_t{1} << random_() % 8;
    };
    for (std::uint64_t round = 0; round < 2 * testing::rounds(); ++round) {
        for (const bool outputs : {true, false}) {
            Attempt lie = honest_attempt();
            auto& said = outputs ? lie.said_outputs : lie.said_inputs;
            said = outputs ? honest.outputs : sample_.inputs;
            change_element(*said);
            if (!outputs) lie.said_outputs = honest.outputs;
            if (is_true(lie)) continue;
            const auto result = attempt(sample_.model, lie);
            // Other indices may be of another circuit, which this witness does not have.
            if (!result) continue;
            const auto found = verdict(sample_.model.provable(), result.value());
            EXPECT_TRUE(is_one_of(found, {ProofError::opening_mismatch}) ||
                        (!outputs && result.value().violation && found == ProofError::lookup_mismatch))
                << (outputs ? "outputs: " : "inputs: ") << found.message();

            // The same of the proof of the true statement.
            Attempted replayed = honest;
            (outputs ? replayed.outputs : replayed.inputs) = *said;
            EXPECT_TRUE(verdict(sample_.model.provable(), replayed));
        }
    }
    Attempted elsewhere = honest;
    elsewhere.context = {8};
    EXPECT_EQ(verdict(sample_.model.provable(), elsewhere), ProofError::sumcheck_mismatch);
    elsewhere.context = {};
    EXPECT_EQ(verdict(sample_.model.provable(), elsewhere), ProofError::sumcheck_mismatch);
}

INSTANTIATE_TEST_SUITE_P(Zk, MutationOf,
                         ::testing::Combine(::testing::Range(0, testing::operator_count()),
                                            ::testing::Values(100, 128)),
                         [](const auto& of) {
                             return testing::operator_name(std::get<0>(of.param)) + "_" +
                                    std::to_string(std::get<1>(of.param));
                         });

// What a verifier checks before the proof: that the statement is one of this model.
TEST(Statements, OfOtherSizesRangesAndModelsAreNone) {
    const Sample& sample = testing::sample_of(0);
    const Attempted honest = attempt(sample.model, sample.honest()).value();
    const auto refused = [&](auto change) {
        Attempted other = honest;
        change(other);
        return verdict(sample.model.provable(), other);
    };
    for (const auto list : {&Attempted::inputs, &Attempted::outputs}) {
        const std::function<void(std::vector<ml::Values>&)> changes[] = {
            [](auto& tensors) { tensors.clear(); },
            [](auto& tensors) { tensors.push_back(tensors[0]); },
            [](auto& tensors) { tensors[0].data.pop_back(); },
            [](auto& tensors) { tensors[0].data.push_back(0); },
            [](auto& tensors) { tensors[0].data[0] = 32768; },
            [](auto& tensors) { tensors[0].data[0] = -32769; },
            [](auto& tensors) { tensors[0].type = ml::ElementType::index; },
            [](auto& tensors) { tensors[0].shape = ml::Shape{1, 1, 1, 1, 1}; },
        };
        for (const auto& change : changes)
            EXPECT_EQ(refused([&](Attempted& other) { change(other.*list); }), ProofError::wrong_statement);
    }
    ProvableModel renamed = sample.model.provable();
    renamed.id.bytes[0] ^= 1;
    EXPECT_EQ(verify(sample.model.provable(), {renamed.id, honest.inputs, honest.outputs, honest.context},
                     honest.proof)
                  .error()
                  .code,
              ProofError::other_model);
    EXPECT_EQ(verdict(renamed, honest), ProofError::sumcheck_mismatch);
}

TEST(Statements, OfOtherCommitmentsAreRefused) {
    const Sample& sample = testing::sample_of(0);
    const Attempted honest = attempt(sample.model, sample.honest()).value();
    ProvableModel other = sample.model.provable();
    const auto table = other.tables[0] ? 0U : 1U;
    other.tables[table]->root.bytes[5] ^= 1;
    EXPECT_TRUE(is_one_of(verdict(other, honest), {ProofError::wrong_grinding, ProofError::merkle_mismatch}));
    other = sample.model.provable();
    ++other.tables[table]->variables;
    EXPECT_EQ(verdict(other, honest), ProofError::wrong_statement);
    other.tables[table].reset();
    EXPECT_EQ(verdict(other, honest), ProofError::wrong_statement);
}

}  // namespace
}  // namespace valence::zk
