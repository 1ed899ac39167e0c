// How the precompile can be called, and what it says of wrong calls.
#include "valence/chain/inference/testing/inference_fixture.hpp"

namespace valence::chain::testing {
namespace {

TEST_F(Inference, StaticCallsMayAsk) {
    know(3, 1);
    EXPECT_TRUE(execute(kStaticForwarder, infer_call(tiny, Mode::replay, wads({3, 1}))).value().succeeded());
}

TEST_F(Inference, DelegateCallsAndValuesAreRefused) {
    const auto call = infer_call(tiny, Mode::replay, wads({3, 1}));
    EXPECT_EQ(revert_data(kDelegateForwarder, call), encode_error(CallError::delegate_call_refused));
    auto paying = transaction(kInferenceAddress, call);
    paying.value = U256{1};
    const auto result = execute(paying);
    EXPECT_EQ(result.value().output, encode_error(CallError::not_payable));
    EXPECT_EQ(state.balance(kInferenceAddress), U256{});
}

TEST_F(Inference, ATransactionMayCallItDirectly) {
    know(3, 1);
    EXPECT_TRUE(execute(kInferenceAddress, infer_call(tiny, Mode::replay, wads({3, 1}))).value().succeeded());
}

TEST_F(Inference, WhatACallerGetsWrongIsSaidInATypedError) {
    const auto error = [](CallError e, Items a) { return encode_error(e, std::move(a)); };
    auto unknown = tiny;
    unknown.bytes[0] ^= 1;
    const auto unopened = publish(outcome::testing::tiny_graph(1), bit(Mode::replay), 0);
    const auto later = publish(outcome::testing::tiny_graph(2), bit(Mode::replay), 11);
    const auto only_signed = publish(outcome::testing::tiny_graph(3), bit(Mode::operator_signed));
    const auto in = wads({3, 1});
    EXPECT_EQ(revert_data(kForwarder, infer_call(unknown, Mode::replay, in)),
              error(CallError::unknown_model, {id_value(unknown)}));
    EXPECT_EQ(revert_data(kForwarder, infer_call(unopened, Mode::replay, in)),
              error(CallError::model_not_open, {id_value(unopened), U256{0}}));
    EXPECT_EQ(revert_data(kForwarder, infer_call(later, Mode::replay, in)),
              error(CallError::model_not_open, {id_value(later), U256{11}}));
    EXPECT_EQ(revert_data(kForwarder, infer_call(only_signed, Mode::replay, in)),
              error(CallError::mode_not_allowed, {id_value(only_signed), U256{1}}));
    EXPECT_EQ(revert_data(kForwarder, infer_call(only_signed, Mode::automatic, in)),
              error(CallError::no_mode_fits, {U256{0xffff}}));
    EXPECT_EQ(revert_data(kForwarder, infer_call(tiny, static_cast<Mode>(9), in)),
              error(CallError::unknown_mode, {U256{9}}));
    EXPECT_EQ(revert_data(kForwarder, infer_call(tiny, Mode::zk, in)),
              error(CallError::mode_unsupported, {U256{2}}));
    EXPECT_EQ(revert_data(kForwarder, infer_call(tiny, Mode::replay, wads({1, 2, 3}))),
              error(CallError::wrong_input_length, {U256{2}, U256{3}}));
    EXPECT_EQ(revert_data(kForwarder, Bytes{1, 2, 3}), error(CallError::malformed_call, {}));
    EXPECT_EQ(revert_data(kForwarder, Bytes{1, 2, 3, 4}), error(CallError::malformed_call, {}));
    auto cut = infer_call(tiny, Mode::replay, in);
    cut.resize(cut.size() - 1);
    EXPECT_EQ(revert_data(kForwarder, cut), error(CallError::malformed_call, {}));
    EXPECT_EQ(revert_data(kForwarder, encode_call("registerModel(bytes)", Items{Bytes{1}})),
              error(CallError::only_registry, {}));
    EXPECT_EQ(revert_data(kForwarder, encode_call("inferAuto(bytes32,uint16,uint256,int256[])",
                                                  Items{id_value(tiny), U256{4}, U256{0}, in})),
              error(CallError::no_mode_fits, {U256{4}}));
}

TEST_F(Inference, TensorsGoByName) {
    know(3, 1);
    const auto call = [&](std::string_view name, Items shape, const AbiValue& data) {
        return encode_call("infer(bytes32,uint8,(string,uint32[],int256[])[])",
                           Items{id_value(tiny), U256{1}, Items{Items{text(name), std::move(shape), data}}});
    };
    const auto good = execute(kForwarder, call("x", Items{U256{1}, U256{2}}, wads({3, 1})));
    ASSERT_TRUE(good.value().succeeded());
    const auto output =
        codec::abi_decode(AbiType::parse("((string,uint32[],int256[])[])").value(), good.value().output);
    EXPECT_EQ(output.value().items()[0].items()[0],
              AbiValue(Items{text("y"), Items{U256{1}, U256{1}}, wads({3})}));
    EXPECT_TRUE(execute(kForwarder, call("x", Items{U256{2}}, wads({3, 1}))).value().succeeded());
    EXPECT_EQ(revert_data(kForwarder, call("z", Items{U256{2}}, wads({3, 1}))),
              encode_error(CallError::unknown_input, Items{text("z")}));
    EXPECT_EQ(
        revert_data(kForwarder, call("x", Items{U256{3}}, wads({3, 1}))),
        encode_error(CallError::wrong_shape, Items{text("x"), Items{U256{1}, U256{2}}, Items{U256{3}}}));
    EXPECT_EQ(revert_data(kForwarder, encode_call("infer(bytes32,uint8,(string,uint32[],int256[])[])",
                                                  Items{id_value(tiny), U256{1}, Items{}})),
              encode_error(CallError::missing_input, Items{text("x")}));
}

TEST_F(Inference, ContractsOfOpenGradientRunUnchanged) {
    know(3, 1);
    const auto number = [](std::uint64_t value, std::uint64_t decimals) {
        return Items{U256{value}, U256{decimals}};
    };
    std::string hex = base::to_hex_prefixed(tiny.bytes);
    const auto call = [&](std::string_view model) {
        return encode_call(
            "runModelInference((uint8,string,((string,(int128,int128)[],uint32[])[],(string,string[])[])))",
            Items{Items{U256{0}, text(model),
                        Items{Items{Items{text("x"), Items{number(30, 1), number(1, 0)}, Items{U256{2}}}},
                              Items{}}}});
    };
    EXPECT_EQ(call(hex)[0], 0x72);
    EXPECT_EQ(call(hex)[3], 0xc2);
    const auto result = execute(kForwarder, call(hex));
    ASSERT_TRUE(result.value().succeeded());
    const auto output = codec::abi_decode(
        AbiType::parse("(((string,(int128,int128)[],uint32[])[],(string,string[])[],bool))").value(),
        result.value().output);
    const auto& tensor = output.value().items()[0].items()[0].items()[0].items();
    EXPECT_EQ(tensor[1].items()[0], AbiValue(Items{U256{3} * U256{kWad}, U256{18}}));
    EXPECT_EQ(revert_data(kForwarder, call("nobody")).size(), 36u);
}

TEST_F(Inference, EthereumsRulesHaveNoPrecompileThere) {
    auto ethereum = ethereum_mainnet();
    ethereum.chain_id = rules.chain_id;
    EXPECT_FALSE(ethereum.inference.has_value());
    BlockExecution other{rules, header, state, hashes};
    const auto t = transaction(kInferenceAddress, infer_call(tiny, Mode::replay, wads({3, 1})));
    EXPECT_TRUE(other.execute(t, sender).value().output.empty());
}

/// Were it to fail before all are there, whether another transaction brings the missing one to the block
/// would decide what it had used.
TEST_F(Inference, SeveralAreWaitedForEvenWhereOneIsNotAvailable) {
    const auto unavailable = [&](std::int32_t a, std::int32_t b) {
        known.outcomes[outcome::job_id(tiny_job(a, b))] = {
            {}, {}, outcome::Unavailable{outcome::UnavailableReason::timed_out}};
    };
    const auto one = [&](std::int64_t a, std::int64_t b) {
        return Items{id_value(tiny), U256{1}, wads({a, b})};
    };
    unavailable(4, 0);
    for (const bool is_first : {false, true}) {
        const auto call =
            is_first
                ? encode_call("inferMany((bytes32,uint8,int256[])[])", Items{Items{one(3, 1), one(4, 0)}})
                : encode_call("inferMany((bytes32,uint8,int256[])[])", Items{Items{one(4, 0), one(3, 1)}});
        known.outcomes.erase(outcome::job_id(tiny_job(3, 1)));
        EXPECT_EQ(execute(kForwarder, call).error(), Error{ChainError::transaction_abandoned}) << is_first;
        ASSERT_EQ(block.abandoned().needed.size(), 1u);
        know(3, 1);
        const auto result = execute(kForwarder, call);
        ASSERT_TRUE(result);
        EXPECT_EQ(result.value().inference.used.size(), 2u);
    }
}

}  // namespace
}  // namespace valence::chain::testing
