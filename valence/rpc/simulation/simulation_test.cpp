#include <gtest/gtest.h>

#include "valence/rpc/simulation/access_list.hpp"
#include "valence/rpc/simulation/call.hpp"
#include "valence/rpc/simulation/estimate_gas.hpp"
#include "valence/rpc/simulation/simulate.hpp"
#include "valence/rpc/simulation/simulate_request.hpp"
#include "valence/rpc/testing/traced_code.hpp"

namespace valence::rpc::simulation {

namespace json = boost::json;
using testing::kCaller;
using testing::kContract;
using testing::TinyChain;

namespace {

CallArguments call_of_contract() {
    CallArguments arguments;
    arguments.from = kCaller;
    arguments.to = kContract;
    return arguments;
}

Bytes hex(std::string_view text) { return base::from_hex(text).value(); }

/// Returns the word an instruction puts on the stack.
Bytes returns(std::string_view instruction) { return hex(std::string{instruction} + "60005260206000f3"); }

U256 word(const Answer<Bytes>& output) {
    return output.has_value() ? U256::from_be(output.value()) : U256::max();
}

}  // namespace

TEST(call, sees_no_base_fee_unless_it_offers_one) {
    TinyChain chain;
    chain.set_code(kContract, returns("48"));  // BASEFEE
    EXPECT_EQ(word(call(chain.base(), call_of_contract())), U256{});
    auto paying = call_of_contract();
    paying.gas_price = U256{10};
    EXPECT_EQ(word(call(chain.base(), paying)), U256{7});
}

TEST(call, refuses_a_fee_below_the_base_fee_and_value_the_sender_lacks) {
    TinyChain chain;
    auto cheap = call_of_contract();
    cheap.max_fee_per_gas = U256{1};
    EXPECT_TRUE(call(chain.base(), cheap)
                    .error()
                    .message.starts_with("err: max fee per gas less than block base fee: address"));
    auto rich = call_of_contract();
    rich.value = U256::max();
    EXPECT_EQ(call(chain.base(), rich).error().code, rpc::code::kServer);
}

TEST(call, tells_how_it_failed) {
    TinyChain chain;
    chain.set_code(kContract, hex("0x01"));
    EXPECT_EQ(call(chain.base(), call_of_contract()).error().message, "stack underflow (0 <=> 2)");
    chain.set_code(kContract, hex("0x60ab60005360016000fd"));
    const auto reverted = call(chain.base(), call_of_contract());
    EXPECT_EQ(reverted.error(), (RpcError{rpc::code::kReverted, "execution reverted", "\"0xab\""}));
}

TEST(call, pretends_what_overrides_say) {
    TinyChain chain;
    Overrides overrides;
    overrides.state[kContract].code = returns("600154");  // slot 1
    overrides.state[kContract].state_diff.emplace()[U256{1}] = U256{42};
    EXPECT_EQ(word(call(chain.base(), call_of_contract(), overrides)), U256{42});

    overrides.state[kContract].code = returns("43");  // NUMBER
    overrides.block.number = U256{1234};
    EXPECT_EQ(word(call(chain.base(), call_of_contract(), overrides)), U256{1234});

    overrides.state[kContract].state.emplace();
    EXPECT_TRUE(call(chain.base(), call_of_contract(), overrides)
                    .error()
                    .message.ends_with("has both 'state' and 'stateDiff'"));
}

TEST(call, replaces_the_whole_storage_or_some_slots) {
    TinyChain chain;
    chain.set_code(kContract, returns("600154"));
    chain.set_slot(kContract, U256{1}, U256{5});
    EXPECT_EQ(word(call(chain.base(), call_of_contract())), U256{5});
    Overrides overrides;
    overrides.state[kContract].state.emplace()[U256{2}] = U256{6};
    EXPECT_EQ(word(call(chain.base(), call_of_contract(), overrides)), U256{});
}

TEST(call, moves_a_precompile) {
    TinyChain chain;
    const auto identity = base::address_from_number(4);
    Overrides overrides;
    overrides.state[identity].move_precompile_to = kContract;
    auto arguments = call_of_contract();
    arguments.input = hex("0x0102");
    EXPECT_EQ(call(chain.base(), arguments, overrides).value(), hex("0x0102"));
    arguments.to = identity;
    EXPECT_TRUE(call(chain.base(), arguments, overrides).value().empty());
}

TEST(estimate_gas, takes_the_short_way_for_transfers) {
    TinyChain chain;
    auto transfer = call_of_contract();
    transfer.value = U256{1};
    EXPECT_EQ(estimate_gas(chain.base(), transfer).value(), 21'000U);
}

TEST(estimate_gas, finds_a_limit_that_suffices_and_is_near_the_least) {
    TinyChain chain;
    chain.set_code(kContract, hex("0x600160005500"));
    const auto estimate = estimate_gas(chain.base(), call_of_contract()).value();
    auto arguments = call_of_contract();
    arguments.gas = estimate;
    EXPECT_TRUE(call(chain.base(), arguments).has_value());
    EXPECT_GE(estimate, 21'000U + 22'106U);
    EXPECT_LE(estimate, (21'000U + 22'106U) * 1015 / 1000 + 1);
}

TEST(estimate_gas, says_when_no_limit_suffices) {
    TinyChain chain;
    chain.set_code(kContract, hex("0x5b600056"));
    EXPECT_EQ(estimate_gas(chain.base(), call_of_contract()).error().message,
              "gas required exceeds allowance (16777216)");
    chain.set_code(kContract, hex("0x60006000fd"));
    EXPECT_EQ(estimate_gas(chain.base(), call_of_contract()).error().code, rpc::code::kReverted);
    auto poor = call_of_contract();
    poor.gas_price = U256{1'000'000'000'000'000};
    chain.set_code(kContract, hex("0x5b600056"));
    EXPECT_EQ(estimate_gas(chain.base(), poor).error().message, "gas required exceeds allowance (1000)");
}

TEST(create_access_list, lists_slots_of_the_recipient_and_accounts_it_asks_about) {
    TinyChain chain;
    // SLOAD(3), BALANCE(0x99), BALANCE(4: a precompile)
    chain.set_code(kContract, hex("0x600354506099315060043100"));
    const auto made = create_access_list(chain.base(), call_of_contract()).value();
    ASSERT_EQ(made.access_list.size(), 2U);
    EXPECT_EQ(made.access_list[0], (chain::AccessListEntry{base::address_from_number(0x99), {}}));
    EXPECT_EQ(made.access_list[1], (chain::AccessListEntry{kContract, {U256{3}.to_hash()}}));
    EXPECT_EQ(made.error, "");
}

TEST(plan_blocks, fills_gaps_and_keeps_order) {
    chain::Header base;
    base.number = 10;
    base.timestamp = 100;
    std::vector<BlockCalls> requested(2);
    requested[0].block.number = U256{13};
    const auto plan = plan_blocks(requested, base, {}).value();
    ASSERT_EQ(plan.size(), 4U);
    EXPECT_EQ(plan[3].block.number, U256{14});
    EXPECT_EQ(plan[3].block.time, 100U + 4 * 12);

    requested[1].block.number = U256{13};
    EXPECT_EQ(plan_blocks(requested, base, {}).error().code, code::kBlockNumberOrder);
    requested[1].block.number = U256{10 + 257};
    EXPECT_EQ(plan_blocks(requested, base, {}).error().code, code::kTooMuch);
    requested[1].block.number.reset();
    requested[1].block.time = 5;
    EXPECT_EQ(plan_blocks(requested, base, {}).error().code, code::kBlockTimestampOrder);
}

TEST(call_arguments, are_decoded_with_geths_complaints) {
    const auto good =
        decode_call_arguments(json::parse(R"({"to":null,"input":"0x01","data":"0x02","extra":1})"));
    ASSERT_TRUE(good.has_value());
    EXPECT_EQ(base::to_hex(good.value().calldata()), "01");
    const auto bad = decode_call_arguments(json::parse(R"({"gas":"100"})"));
    EXPECT_EQ(bad.error().message(),
              "json: cannot unmarshal hex string without 0x prefix into Go struct field TransactionArgs.gas "
              "of type "
              "hexutil.Uint64");
}

namespace {

/// Time for some steps, not for those a test's gas would pay for.
Base impatient(const TinyChain& chain) {
    auto base = chain.base();
    base.deadline = Deadline(std::chrono::milliseconds(1));
    return base;
}

constexpr auto kAborted = "execution aborted (timeout = 1ms)";
/// Jumps back for ever; calls an empty account for ever.
const Bytes kLoop = hex("5b5f56");
const Bytes kCallLoop = hex("5b5f5f5f5f5f61123461fffff1505f56");

}  // namespace

TEST(deadline, ends_a_call_between_its_own_calls) {
    TinyChain chain;
    chain.set_code(kContract, kCallLoop);
    EXPECT_EQ(call(impatient(chain), call_of_contract()).error().message, kAborted);
}

TEST(deadline, ends_a_call_of_much_gas_anywhere) {
    TinyChain chain;
    chain.set_code(kContract, kLoop);
    Limits limits;
    limits.gas_cap = std::uint64_t{1} << 60;
    EXPECT_EQ(call(impatient(chain), call_of_contract(), {}, limits).error().message, kAborted);
}

TEST(deadline, ends_estimates_access_lists_and_simulations) {
    TinyChain chain;
    chain.set_code(kContract, kCallLoop);
    EXPECT_EQ(estimate_gas(impatient(chain), call_of_contract(), {}, {}).error().message, kAborted);
    EXPECT_EQ(create_access_list(impatient(chain), call_of_contract()).error().message, kAborted);
    SimulateRequest request;
    request.blocks.resize(1);
    request.blocks[0].calls = {call_of_contract()};
    const auto root = [](const state::StateChanges&) -> Result<Hash> { return Hash{}; };
    EXPECT_EQ(simulate(impatient(chain), std::move(request), root).error().message, kAborted);
}

TEST(deadline, is_over_when_the_server_stops) {
    std::atomic<bool> stopping{false};
    const Deadline deadline(std::chrono::milliseconds(0), &stopping);
    EXPECT_FALSE(deadline.over());
    stopping = true;
    EXPECT_TRUE(deadline.over());
    EXPECT_TRUE(deadline.within(std::chrono::hours(1)).over());
}

TEST(deadline, tells_the_time_that_was_allowed_as_go_writes_it) {
    const auto text = [](std::chrono::milliseconds allowed) { return Deadline(allowed).aborted().message; };
    EXPECT_EQ(text(std::chrono::milliseconds(5'000)), "execution aborted (timeout = 5s)");
    EXPECT_EQ(text(std::chrono::milliseconds(1'500)), "execution aborted (timeout = 1.5s)");
    EXPECT_EQ(text(std::chrono::milliseconds(120'000)), "execution aborted (timeout = 2m0s)");
}

}  // namespace valence::rpc::simulation
