// Each message of the sumchecks, left out of the transcript: told after its challenge, it makes a false
// statement provable. Absorbed, it is too late: the same cheat is refused.
#include "valence/zk/accountability/transcript/late_message.hpp"

#include <gtest/gtest.h>

#include "valence/ml/reference/evaluate.hpp"
#include "valence/zk/accountability/attribution.hpp"
#include "valence/zk/accountability/layers.hpp"
#include "valence/zk/protocol/argument/account.hpp"

namespace valence::zk {
namespace {

using testing::Attempt;
using testing::Attempted;
using testing::Conversation;
using testing::is_one_of;
using testing::LateMessage;
using testing::Lie;
using testing::Part;
using testing::Sample;

Attempt false_statement(Lie lie, const SecurityProfile& profile) {
    const Sample& sample = testing::layers();
    Attempt what = sample.honest(profile);
    if (lie == Lie::fractions) {
        what.forge = testing::one_more_in_the_last_result;
    } else {
        what.said_outputs = ml::evaluate(sample.model.graph(), sample.inputs).value();
        ++(*what.said_outputs)[0].data[0];
        what.claims_as_said = lie == Lie::opening;
    }
    return what;
}

template <typename E>
void expect_a_false_statement_provable(Part part) {
    const Sample& sample = testing::layers();
    const SecurityProfile profile = kProfileOf<E>;
    const auto lie = part <= Part::layer_fractions  ? Lie::fractions
                     : part <= Part::product_values ? Lie::products
                                                    : Lie::opening;
    const Attempt what = false_statement(lie, profile);
    Conversation honest;
    const Attempted first = honest.run(sample.model, sample.honest(profile));
    const std::size_t zeros = first.circuit.zeros.size();
    const int clear_variables = secure_parameters(first.circuit, profile).value().clear_variables();

    std::size_t tried = 0;
    for (std::size_t number = 0; number < honest.items().size(); ++number) {
        if (!honest.items()[number].sent || testing::part_of(honest, number) != part) continue;
        // Of the layers' many rounds some.
        if (tried++ %
                (part == Part::fraction_round ? 7 / std::min<std::uint64_t>(testing::rounds(), 7) : 1) !=
            0)
            continue;
        SCOPED_TRACE(::testing::Message() << testing::name(part) << ", item " << number);
        for (const bool drop : {true, false}) {
            LateMessage<E> cheat(lie, number, zeros, drop);
            Attempted forged = cheat.run(sample.model, what);
            cheat.finish(clear_variables);
            forged.proof = cheat.as_said(std::move(forged.proof));
            ASSERT_NE(forged.outputs, ml::evaluate(sample.model.graph(), forged.inputs).value());
            const auto found = verdict_without(cheat, sample.model.provable(), forged);
            if (drop)
                EXPECT_EQ(found, std::error_code()) << found.message();
            else if (part == Part::first_fractions)  // which cancel
                EXPECT_EQ(found, ProofError::sumcheck_mismatch);
            else if (part == Part::product_values)  // which have the product
                EXPECT_TRUE(is_one_of(found, {ProofError::wrong_grinding, ProofError::merkle_mismatch}))
                    << found.message();
            else
                EXPECT_TRUE(is_one_of(found, testing::attribution(part).alone)) << found.message();
        }
    }
    EXPECT_GT(tried, 0U);
}

class LateMessageOf : public ::testing::TestWithParam<std::tuple<Part, int>> {};

TEST_P(LateMessageOf, MakesAFalseStatementProvable) {
    const auto [part, bits] = GetParam();
    if (bits == 100)
        expect_a_false_statement_provable<Extension2>(part);
    else
        expect_a_false_statement_provable<Extension3>(part);
}

INSTANTIATE_TEST_SUITE_P(Zk, LateMessageOf,
                         ::testing::Combine(::testing::Values(Part::first_fractions, Part::fraction_round,
                                                              Part::layer_fractions, Part::product_round,
                                                              Part::product_values, Part::opening_round,
                                                              Part::clear_vector, Part::last_round),
                                            ::testing::Values(100, 128)),
                         [](const auto& of) {
                             std::string name = testing::name(std::get<0>(of.param)) + std::string(" ");
                             std::ranges::replace(name, ' ', '_');
                             return name + std::to_string(std::get<1>(of.param));
                         });

}  // namespace
}  // namespace valence::zk
