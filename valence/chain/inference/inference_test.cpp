// The tape: what a transaction that calls models asks for and gets.
#include "valence/chain/inference/testing/inference_fixture.hpp"

namespace valence::chain::testing {
namespace {

TEST_F(Inference, AnUnknownOutcomeAbandonsTheTransaction) {
    const auto before = state.balance(sender);
    const auto result = execute(kForwarder, infer_call(tiny, Mode::replay, wads({3, 1})));
    ASSERT_TRUE(result.has_error());
    EXPECT_EQ(result.error(), Error{ChainError::transaction_abandoned});
    ASSERT_EQ(block.abandoned().needed.size(), 1u);
    EXPECT_EQ(block.abandoned().needed[0].job, tiny_job(3, 1));
    EXPECT_EQ(block.abandoned().needed[0].id, outcome::job_id(tiny_job(3, 1)));
    EXPECT_EQ(state.balance(sender), before);
    EXPECT_EQ(state.nonce(sender), 0u);
    EXPECT_TRUE(block.used_jobs().empty());
}

TEST_F(Inference, AKnownOutcomeIsTheAnswer) {
    know(3, 1);
    const auto result = execute(kForwarder, infer_call(tiny, Mode::replay, wads({3, 1})));
    ASSERT_TRUE(result.has_value());
    ASSERT_TRUE(result.value().succeeded());
    EXPECT_EQ(decoded_words(result.value().output), std::vector<U256>{U256{3} * U256{kWad}});
    EXPECT_EQ(state.storage(kForwarder, U256{0}), U256{3} * U256{kWad});
    EXPECT_EQ(block.used_jobs(), std::vector{outcome::job_id(tiny_job(3, 1))});
}

TEST_F(Inference, NegativeNumbersAndSaturationAtTheBorder) {
    know(-3, 1);
    EXPECT_EQ(
        decoded_words(execute(kForwarder, infer_call(tiny, Mode::replay, wads({-3, 1}))).value().output),
        std::vector<U256>{-(U256{9} * U256{kWad})});
    ASSERT_TRUE(execute(kForwarder, infer_call(tiny, Mode::replay, wads({1'000, -1'000}))).has_error());
    EXPECT_EQ(block.abandoned().needed[0].job.input, (outcome::Integers{32'767, -32'768}));
}

TEST_F(Inference, IndependentOnesAreAskedForTogether) {
    const auto call = encode_call("inferMany((bytes32,uint8,int256[])[])",
                                  Items{Items{Items{id_value(tiny), U256{1}, wads({1, 0})},
                                              Items{id_value(tiny), U256{1}, wads({2, 0})},
                                              Items{id_value(tiny), U256{0}, wads({3, 0})}}});
    know(2, 0);
    ASSERT_TRUE(execute(kForwarder, call).has_error());
    ASSERT_EQ(block.abandoned().needed.size(), 2u);
    EXPECT_EQ(block.abandoned().needed[0].job, tiny_job(1, 0));
    EXPECT_EQ(block.abandoned().needed[1].job, tiny_job(3, 0));
    know(1, 0);
    know(3, 0);
    const auto result = execute(kForwarder, call);
    ASSERT_TRUE(result.value().succeeded());
    EXPECT_EQ(block.used_jobs().size(), 3u);
}

TEST_F(Inference, AtMostSixtyFourInATransaction) {
    know(1, 0);
    Items calls(65, Items{id_value(tiny), U256{1}, wads({1, 0})});
    const auto signature = "inferMany((bytes32,uint8,int256[])[])";
    EXPECT_EQ(revert_data(kForwarder, encode_call(signature, Items{calls})),
              encode_error(CallError::too_many_inferences, Items{U256{64}}));
    calls.pop_back();
    EXPECT_TRUE(execute(kForwarder, encode_call(signature, Items{calls})).value().succeeded());
}

TEST_F(Inference, SignedJobsNameTheirOperatorAndAreNeverShared) {
    const auto call = encode_call("inferSigned(bytes32,address,int256[])",
                                  Items{id_value(tiny), U256::from_address(kPayee), wads({3, 1})});
    ASSERT_TRUE(execute(kForwarder, call).has_error());
    const auto first = block.abandoned().needed[0].job;
    EXPECT_EQ(first.mode, Mode::operator_signed);
    EXPECT_EQ(first.operator_address, kPayee);
    ASSERT_TRUE(execute(kForwarder, call).has_error());
    EXPECT_EQ(block.abandoned().needed[0].job, first) << "the same run asks for the same job";
    ++nonce;
    state.begin_transaction();
    state.set_nonce(sender, 1);
    state.finish_transaction(state::EmptyAccounts::removed);
    ASSERT_TRUE(execute(kForwarder, call).has_error());
    EXPECT_NE(block.abandoned().needed[0].job.salt, first.salt);
    EXPECT_EQ(revert_data(kForwarder, infer_call(tiny, Mode::operator_signed, wads({3, 1}))),
              encode_error(CallError::operator_required));
}

TEST_F(Inference, AnUnavailableOutcomeReverts) {
    const auto call = encode_call("inferSigned(bytes32,address,int256[])",
                                  Items{id_value(tiny), U256::from_address(kPayee), wads({3, 1})});
    ASSERT_TRUE(execute(kForwarder, call).has_error());
    const auto needed = block.abandoned().needed[0];
    known.outcomes[needed.id] = {{}, {}, outcome::Unavailable{outcome::UnavailableReason::timed_out}};
    const auto result = execute(kForwarder, call);
    EXPECT_EQ(result.value().output, encode_error(CallError::inference_unavailable,
                                                  Items{Bytes(needed.id.begin(), needed.id.end()), U256{1}}));
    EXPECT_EQ(result.value().compute_gas, 0u) << "nobody computed it, nobody is paid";
    EXPECT_EQ(block.used_jobs().size(), 1u);
}

TEST_F(Inference, AnOutcomeThatIsNoneOfItsModelMakesTheBlockInvalid) {
    known.add(tiny_job(3, 1), {1, 2});
    EXPECT_EQ(execute(kForwarder, infer_call(tiny, Mode::replay, wads({3, 1}))).error(),
              Error{outcome::OutcomeError::wrong_output});
    known.add(tiny_job(3, 1), {40'000});
    EXPECT_EQ(execute(kForwarder, infer_call(tiny, Mode::replay, wads({3, 1}))).error(),
              Error{outcome::OutcomeError::wrong_output});
}

TEST(BlockOutcomes, MustBeWhatTheBlockUsedInOrder) {
    const auto id = [](std::uint8_t n) {
        outcome::JobId made;
        made.bytes[0] = n;
        return made;
    };
    const std::vector used{id(1), id(2), id(3)};
    EXPECT_TRUE(validate_use(used, used).has_value());
    EXPECT_EQ(validate_use(std::vector{id(1), id(2)}, used).error(), Error{ChainError::outcome_missing});
    EXPECT_EQ(validate_use(std::vector{id(1), id(2), id(3), id(4)}, used).error(),
              Error{ChainError::outcome_unused});
    EXPECT_EQ(validate_use(std::vector{id(2), id(1), id(3)}, used).error(),
              Error{ChainError::outcome_unused});
    EXPECT_EQ(validate_use(std::vector{id(1), id(1), id(2), id(3)}, used).error(),
              Error{ChainError::outcome_unused});
}

}  // namespace
}  // namespace valence::chain::testing
