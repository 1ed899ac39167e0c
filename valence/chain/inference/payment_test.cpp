// What inferences cost, and who gets it.
#include "valence/chain/inference/testing/inference_fixture.hpp"
#include "valence/chain/system_contracts.hpp"

namespace valence::chain::testing {
namespace {

TEST_F(Inference, GasIsPaidBeforeTheJobIsAskedFor) {
    const auto call = infer_call(tiny, Mode::replay, wads({3, 1}));
    const auto intrinsic = intrinsic_gas(transaction(kInferenceAddress, call), evm::Revision::osaka).cost;
    const auto result = execute(kInferenceAddress, call, intrinsic + tiny_gas().total());
    ASSERT_TRUE(result.has_value()) << "too little gas: no job";
    EXPECT_EQ(result.value().status, evm::Status::out_of_gas);
    EXPECT_TRUE(block.abandoned().needed.empty());
}

TEST_F(Inference, TheQuoteIsThePrice) {
    const auto quoted =
        execute(kForwarder, encode_call("quote(bytes32,uint8)", Items{id_value(tiny), U256{0}}));
    const auto total = U256::from_be(BytesView{quoted.value().output}.first(32)).low_u64();
    const auto compute = U256::from_be(BytesView{quoted.value().output}.subspan(32)).low_u64();
    EXPECT_EQ(total, tiny_gas().total());
    EXPECT_EQ(compute, tiny_gas().compute);
    know(3, 1);
    EXPECT_EQ(execute(kForwarder, infer_call(tiny, Mode::replay, wads({3, 1}))).value().compute_gas, compute);
}

TEST_F(Inference, AModelsKeyIsPaidForOnceInATransaction) {
    const auto size = catalogue.find(state, tiny)->key_size;
    know(3, 1);
    know(4, 0);
    const auto twice = encode_call("inferMany((bytes32,uint8,int256[])[])",
                                   Items{Items{Items{id_value(tiny), U256{1}, wads({3, 1})},
                                               Items{id_value(tiny), U256{1}, wads({4, 0})}}});
    // That their outcomes are in the block already.
    ASSERT_TRUE(execute(kForwarder, twice).value().succeeded());
    const auto before = execute(kForwarder, twice).value().gas_used;
    EXPECT_EQ(tiny_gas().reading, fees().key_byte_read * size);
    rules.inference->fees.key_byte_read += 100;
    EXPECT_EQ(execute(kForwarder, twice).value().gas_used, before + 100 * size);
    EXPECT_EQ(tiny_gas().total(), tiny_gas().reading + tiny_gas().execution + tiny_gas().compute);
    // Before it is read.
    rules.inference->fees.key_byte_read = std::uint64_t{1} << 40;
    EXPECT_EQ(execute(kInferenceAddress, twice).value().status, evm::Status::out_of_gas);
}

TEST_F(Inference, TheComputePartIsCreditedAndNotBurned) {
    know(3, 1);
    const auto before = state.balance(sender);
    const auto result = execute(kForwarder, infer_call(tiny, Mode::replay, wads({3, 1})));
    const auto amount = U256{tiny_gas().compute} * U256{10};
    EXPECT_EQ(result.value().compute_gas, tiny_gas().compute);
    EXPECT_EQ(state.balance(rules.inference->treasury), amount * U256{500} / U256{10'000});
    EXPECT_EQ(state.balance(kOwner), amount * U256{1'000} / U256{10'000});
    EXPECT_EQ(state.balance(kPayee),
              amount - state.balance(rules.inference->treasury) - state.balance(kOwner));
    EXPECT_EQ(before - state.balance(sender), U256{result.value().gas_used} * U256{10});
}

TEST_F(Inference, BlocksCountExecutionReceiptsAll) {
    know(3, 1);
    const auto result = execute(kForwarder, infer_call(tiny, Mode::replay, wads({3, 1})));
    EXPECT_EQ(block.gas_used(), result.value().gas_used - tiny_gas().compute);
    EXPECT_EQ(block.receipts().back().cumulative_gas_used, result.value().gas_used);
}

TEST_F(Inference, WhoUsesAnOutcomeAgainPaysNoComputePart) {
    know(3, 1);
    const auto call = infer_call(tiny, Mode::replay, wads({3, 1}));
    const auto first = execute(kReverter, call);
    const auto paid = state.balance(kPayee);
    const auto second = execute(kReverter, call);
    EXPECT_EQ(first.value().gas_used - second.value().gas_used, tiny_gas().compute);
    EXPECT_EQ(second.value().compute_gas, 0u);
    EXPECT_EQ(state.balance(kPayee), paid);
    EXPECT_EQ(block.used_jobs().size(), 1u);
    // Within one transaction too.
    know(4, 0);
    const auto twice = encode_call("inferMany((bytes32,uint8,int256[])[])",
                                   Items{Items{Items{id_value(tiny), U256{1}, wads({4, 0})},
                                               Items{id_value(tiny), U256{1}, wads({4, 0})}}});
    EXPECT_EQ(execute(kForwarder, twice).value().compute_gas, tiny_gas().compute);
}

TEST_F(Inference, RevertingTakesNoPayBack) {
    know(3, 1);
    const auto call = infer_call(tiny, Mode::replay, wads({3, 1}));
    const auto result = execute(kIgnorer, call);
    ASSERT_TRUE(result.value().succeeded());
    EXPECT_EQ(result.value().compute_gas, tiny_gas().compute);
    EXPECT_GT(state.balance(kPayee), U256{});
    EXPECT_EQ(block.used_jobs().size(), 1u);
    know(5, 1);
    const auto whole = execute(kReverter, infer_call(tiny, Mode::replay, wads({5, 1})));
    EXPECT_EQ(whole.value().status, evm::Status::revert);
    EXPECT_EQ(whole.value().compute_gas, tiny_gas().compute);
    EXPECT_EQ(block.used_jobs().size(), 2u);
}

TEST_F(Inference, OnlyTheContractOfASystemTransactionSettles) {
    const auto settle = encode_call("settle(uint64)", Items{U256{1}});
    const auto refused = encode_error(CallError::only_scheduler);
    EXPECT_EQ(revert_data(kForwarder, settle), refused);

    constexpr auto outer = base::address_from_number(0x0e7);
    state.begin_transaction();
    state.set_code(outer, returning("5f5f365f5f73" + base::to_hex(kForwarder) + "5af1", "3d5ff3"));
    state.finish_transaction(state::EmptyAccounts::removed);
    SystemTransaction system;
    system.transaction.type = TransactionType::system;
    system.transaction.from = kSystemAddress;
    system.transaction.to = kForwarder;
    system.transaction.data = settle;
    system.transaction.gas_limit = system.execution_gas = 100'000;
    EXPECT_EQ(block.execute_system(system).value().output, Bytes(64, 0)) << "nothing was computed";
    system.transaction.to = outer;
    const auto nested = block.execute_system(system);
    EXPECT_FALSE(nested.value().succeeded());
    EXPECT_EQ(nested.value().output, refused);
}

TEST_F(Inference, WhatIsAboveTheExecutionCapPaysForComputeOnly) {
    know(3, 1);
    const auto call = infer_call(tiny, Mode::replay, wads({3, 1}));
    const auto small = execute(kForwarder, call);
    know(6, 1);
    const auto large =
        execute(kForwarder, infer_call(tiny, Mode::replay, wads({6, 1})), kTransactionGasCap + 1'000'000);
    ASSERT_TRUE(large.value().succeeded());
    EXPECT_EQ(large.value().compute_gas, tiny_gas().compute);
    EXPECT_LT(large.value().gas_used, small.value().gas_used + 5'000);
    // An endless loop cannot use it.
    state.begin_transaction();
    const auto looper = base::address_from_number(0x1009);
    state.set_code(looper, code("0x5b5f56"));
    state.finish_transaction(state::EmptyAccounts::removed);
    const auto loop = execute(looper, {}, kTransactionGasCap + 1'000'000);
    EXPECT_EQ(loop.value().status, evm::Status::out_of_gas);
    EXPECT_EQ(loop.value().gas_used, kTransactionGasCap);
    // Run again to be traced, without the checks on its signature, it has the same gas.
    const auto again = block.execute(transaction(looper, {}, kTransactionGasCap + 1'000'000), sender, nullptr,
                                     Checks::simulation);
    EXPECT_EQ(again.value().gas_used, kTransactionGasCap);
}

TEST_F(Inference, CalldatasFloorAndComputePartsAreBothPaid) {
    know(3, 1);
    auto data = infer_call(tiny, Mode::replay, wads({3, 1}));
    data.resize(data.size() + 10'000, 0xff);
    auto t = transaction(kInferenceAddress, data);
    const auto gas = intrinsic_gas(t, evm::Revision::osaka);
    ASSERT_GT(gas.floor, gas.cost + tiny_gas().total() + 10'000) << "else the floor says nothing";
    const auto before = state.balance(sender);
    t.gas_limit = gas.floor + tiny_gas().compute - 1;
    const auto poor = execute(t);
    EXPECT_EQ(poor.value().status, evm::Status::out_of_gas);
    EXPECT_LE(poor.value().gas_used, t.gas_limit);
    EXPECT_EQ(before - state.balance(sender), U256{poor.value().gas_used} * U256{10});
    t.nonce = nonce;
    t.gas_limit = gas.floor + tiny_gas().compute;
    const auto enough = execute(t);
    ASSERT_TRUE(enough.value().succeeded());
    EXPECT_EQ(enough.value().gas_used, t.gas_limit);
    EXPECT_EQ(enough.value().compute_gas, tiny_gas().compute);
}

TEST_F(Inference, WhatComesBeforeExecutionIsPaidWithinItsCap) {
    auto t = transaction(kInferenceAddress, {}, 2 * kTransactionGasCap);
    t.type = TransactionType::set_code;
    t.authorizations.resize(kTransactionGasCap / 25'000 + 1);
    EXPECT_EQ(execute(t).error(), Error{ChainError::intrinsic_gas_too_low});
    EXPECT_EQ(block.gas_used(), 0u);
    t.authorizations.resize(10);
    EXPECT_TRUE(execute(t).has_value());
}

TEST_F(Inference, NoWeiIsMadeOrLost) {
    std::uint64_t seed = 1;
    const auto random = [&seed](std::uint64_t below) {
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        return (seed >> 33) % below;
    };
    const std::array targets{kForwarder, kReverter, kIgnorer, kInferenceAddress, kDelegateForwarder};
    const auto held = [&] {
        U256 sum;
        for (const auto& a : {sender, kCoinbase, rules.inference->treasury, kOwner, kPayee})
            sum += state.balance(a);
        return sum;
    };
    for (int i = 0; i < 300; ++i) {
        const auto a = static_cast<std::int32_t>(random(20));
        know(a, 1);
        auto data = infer_call(tiny, Mode::replay, wads({a, 1}));
        data.resize(data.size() + random(3) * 1'000, 0xff);
        auto t = transaction(targets[random(targets.size())], std::move(data));
        const auto gas = intrinsic_gas(t, evm::Revision::osaka);
        const auto spare = random(2) == 0 ? random(40'000) : kTransactionGasCap + random(20'000);
        t.gas_limit = std::max(gas.cost, gas.floor) + spare;
        t.max_fee_per_gas = 13;
        t.max_priority_fee_per_gas = 3;
        // Each in a block of its own, so that each outcome is paid.
        BlockExecution own{rules, header, state, hashes};
        own.serve_inference(environment);
        own.begin();
        const auto before = held();
        const auto result = own.execute(t, sender);
        ASSERT_TRUE(result.has_value()) << result.error().message();
        ++nonce;
        const auto& r = result.value();
        ASSERT_LE(r.gas_used, t.gas_limit);
        ASSERT_LE(r.compute_gas, r.gas_used);
        ASSERT_EQ(before - held(), U256{r.execution_gas()} * U256{10})
            << "all but the base fee is somebody's";
    }
}

TEST_F(Inference, ABoundSendersNonceIsKeptToo) {
    // A delegated account that creates a contract whenever it is called.
    const auto bound = base::address_from_number(0xb0b0);
    const auto creator = base::address_from_number(0xc4ea);
    state.begin_transaction();
    state.set_code(creator, code("0x5f5f5ff000"));
    auto delegation = code("0xef0100");
    base::append(delegation, creator);
    state.set_code(bound, delegation);
    state.set_nonce(bound, 7);
    state.finish_transaction(state::EmptyAccounts::removed);
    const auto t = transaction(bound, {});
    const Reserves reserves{{bound, {{}, 7}}};
    EXPECT_EQ(block.execute(t, sender, nullptr, Checks::all, &reserves).error(),
              Error{ChainError::reserve_touched});
    EXPECT_EQ(state.nonce(bound), 7u);
    const Reserves others{{bound, {{}, 8}}};
    EXPECT_TRUE(block.execute(t, sender, nullptr, Checks::all, &others).value().succeeded());
    EXPECT_EQ(state.nonce(bound), 8u);
}

}  // namespace
}  // namespace valence::chain::testing
