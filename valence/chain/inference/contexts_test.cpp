// Where an inference can happen within a transaction: deep in the call stack, in init code, in calls that may
// not write; and that being abandoned leaves nothing of any of it.
#include "valence/chain/inference/testing/inference_fixture.hpp"

namespace valence::chain::testing {
namespace {

/// Input: a depth, then a call. Marks the slot of its depth, calls itself with one less, and at depth 0 hands
/// the call to the precompile; reverts where a call below it failed.
constexpr auto kDescender = base::address_from_number(0xdeed);
constexpr std::string_view kDescenderCode =
    "0x5f3560018155"            // sstore(depth, 1)
    "365f5f378015602257"        // copy the input; at depth 0 go on below
    "600190035f52"              // one less
    "5f5f365f5f305af115603557"  // call this contract
    "005b5f5f6020360360205f60f45af115603557005b5f5ffd";

class InferenceContexts : public Inference {
protected:
    InferenceContexts() { install(kDescender, code(kDescenderCode)); }
    void install(const Address& at, Bytes what) {
        state.begin_transaction();
        state.set_code(at, std::move(what));
        state.set_nonce(at, 1);
        state.finish_transaction(state::EmptyAccounts::removed);
    }

    Bytes descend(std::uint64_t depth) const {
        auto data = base::to_bytes(U256{depth}.to_hash());
        base::append(data, infer_call(tiny, Mode::replay, wads({3, 1})));
        return data;
    }
    /// A transaction that creates a contract; its init code asks, and the contract's code is the answer's
    /// first word.
    Transaction creation() {
        const auto call = infer_call(tiny, Mode::replay, wads({3, 1}));
        char start[80];
        std::snprintf(start, sizeof start, "61%04zx601f5f3960205f61%04zx5f5f60f45af115601b5760205ff35b5f5ffd",
                      call.size(), call.size());
        auto init = code(start);
        EXPECT_EQ(init.size(), 0x1fu);
        base::append(init, call);
        auto t = transaction({}, std::move(init));
        t.to.reset();
        return t;
    }
};

TEST_F(InferenceContexts, AbandoningUnwindsEveryFrame) {
    const auto before = state.balance(sender);
    EXPECT_EQ(execute(kDescender, descend(100), 16'000'000).error(),
              Error{ChainError::transaction_abandoned});
    for (std::uint64_t depth = 0; depth <= 100; ++depth)
        ASSERT_TRUE(state.storage(kDescender, depth).is_zero()) << depth;
    EXPECT_EQ(state.balance(sender), before);
    EXPECT_EQ(state.nonce(sender), 0u);
    ASSERT_EQ(block.abandoned().needed.size(), 1u);

    know(3, 1);
    const auto result = execute(kDescender, descend(100), 16'000'000);
    ASSERT_TRUE(result.value().succeeded());
    EXPECT_EQ(state.storage(kDescender, 100), U256{1});
    EXPECT_EQ(state.storage(kDescender, 0), U256{1});
}

/// 1,024 calls cannot be reached with the gas that a transaction has: each keeps a 64th (EIP-150). What ends
/// them is running out of gas, and then nothing is asked.
TEST_F(InferenceContexts, TheDeepestCallRunsOutOfGasAndAsksNothing) {
    const auto result = execute(kDescender, descend(1'023), kTransactionGasCap);
    ASSERT_TRUE(result.has_value());
    EXPECT_FALSE(result.value().succeeded());
    EXPECT_TRUE(block.abandoned().needed.empty());
    EXPECT_TRUE(result.value().inference.used.empty());
}

TEST_F(InferenceContexts, InitCodeMayAsk) {
    const auto made = creation_address(sender, 0);
    EXPECT_EQ(execute(creation()).error(), Error{ChainError::transaction_abandoned});
    EXPECT_EQ(state.nonce(made), 0u);
    EXPECT_TRUE(state.code(made)->empty());

    know(3, 1);
    const auto result = execute(creation());
    ASSERT_TRUE(result.value().succeeded());
    EXPECT_EQ(result.value().created, made);
    EXPECT_EQ(state.code(made)->size(), 32u);
    EXPECT_EQ(result.value().inference.used.size(), 1u);
}

TEST_F(InferenceContexts, InitCodeThatFailsAfterAskingPaysForIt) {
    auto t = creation();
    auto& init = t.data;
    const auto returns = code("0x60205ff3");
    const auto at = std::search(init.begin(), init.end(), returns.begin(), returns.end());
    ASSERT_NE(at, init.end());
    // In place of the return: a revert.
    const auto reverts = code("0x5f5ffd00");
    std::copy(reverts.begin(), reverts.end(), at);
    know(3, 1);
    const auto result = execute(t);
    EXPECT_FALSE(result.value().succeeded());
    EXPECT_EQ(result.value().compute_gas, tiny_gas().compute);
    EXPECT_FALSE(state.balance(kPayee).is_zero());
}

TEST_F(InferenceContexts, CallcodeIsRefusedAsDelegatecallIs) {
    const auto by_callcode = base::address_from_number(0xf5f5);
    install(by_callcode, returning("5f5f365f5f60f45af2", "3d5ff3"));
    EXPECT_EQ(revert_data(by_callcode, infer_call(tiny, Mode::replay, wads({3, 1}))),
              encode_error(CallError::delegate_call_refused));
}

TEST_F(InferenceContexts, WhatWritesIsRefusedInStaticCalls) {
    const auto key = ml::encode_verifying_key(ml::verifying_key(outcome::testing::tiny_graph(9)));
    install(kModelRegistry, returning("5f5f365f60f45afa", "3d5ff3"));
    EXPECT_EQ(revert_data(kModelRegistry, encode_call("registerModel(bytes)", Items{key})),
              encode_error(CallError::static_call_refused));
    EXPECT_TRUE(state.code(model_account(ml::model_id(key)))->empty());
}

TEST_F(InferenceContexts, ADelegatedAccountMayAsk) {
    auto delegation = code("0xef0100");
    base::append(delegation, kForwarder);
    const auto delegated = base::address_from_number(0xd1d1);
    install(delegated, delegation);
    EXPECT_EQ(execute(delegated, infer_call(tiny, Mode::replay, wads({3, 1}))).error(),
              Error{ChainError::transaction_abandoned});
    know(3, 1);
    EXPECT_TRUE(execute(delegated, infer_call(tiny, Mode::replay, wads({3, 1}))).value().succeeded());
}

/// A frame that catches the failure of the one below cannot catch this.
TEST_F(InferenceContexts, NobodyCatchesAbandoning) {
    EXPECT_EQ(execute(kIgnorer, infer_call(tiny, Mode::replay, wads({3, 1}))).error(),
              Error{ChainError::transaction_abandoned});
    EXPECT_EQ(block.abandoned().needed.size(), 1u);
}

}  // namespace
}  // namespace valence::chain::testing
