#include "valence/chain/inference/inference.hpp"

#include <gtest/gtest.h>

#include "valence/chain/execute_block.hpp"
#include "valence/chain/inference/block_outcomes.hpp"
#include "valence/chain/inference/call_abi.hpp"
#include "valence/chain/inference/fees.hpp"
#include "valence/chain/inference/registry_view.hpp"
#include "valence/chain/intrinsic_gas.hpp"
#include "valence/outcome/outcome_error.hpp"
#include "valence/outcome/testing/tiny_model.hpp"
#include "valence/state/memory_state.hpp"

namespace valence::chain {
namespace {

using codec::AbiType;
using codec::AbiValue;
using outcome::Mode;
using Items = std::vector<AbiValue>;

constexpr auto kPayee = base::address_from_number(0xa1);
constexpr auto kOwner = base::address_from_number(0xb2);
constexpr auto kCoinbase = base::address_from_number(0xc0);
/// Hands its input to the precompile and answers as it did; keeps the first word of the answer's third in
/// slot 0.
constexpr auto kForwarder = base::address_from_number(0xf0f0);
/// The same, but reverts in any case.
constexpr auto kReverter = base::address_from_number(0xf1f1);
/// The same by STATICCALL, DELEGATECALL, CALLCODE and with a value.
constexpr auto kStaticForwarder = base::address_from_number(0xf2f2);
constexpr auto kDelegateForwarder = base::address_from_number(0xf3f3);
/// Calls kReverter with its input, ignores how that ended and stops.
constexpr auto kIgnorer = base::address_from_number(0xf4f4);
const auto kKey = U256{0x1234}.to_hash();

constexpr std::uint64_t kWad = 1'000'000'000'000'000'000;

Bytes code(std::string_view hex) { return *base::from_hex(hex); }

/// The outcomes it was told of.
class KnownOutcomes final : public OutcomeSource {
public:
    void add(const outcome::Job& job, outcome::Integers output) {
        outcomes[outcome::job_id(job)] = {std::move(output), kPayee, outcome::ReplayEvidence{}};
    }
    const outcome::Outcome* find(const outcome::JobId& id, const outcome::Job&) override {
        const auto found = outcomes.find(id);
        return found == outcomes.end() ? nullptr : &found->second;
    }

    std::map<outcome::JobId, outcome::Outcome> outcomes;
};

Bytes encode_call(std::string_view signature, const AbiValue& arguments) {
    const auto selector = selector_of(signature);
    Bytes data{static_cast<std::uint8_t>(selector >> 24), static_cast<std::uint8_t>(selector >> 16),
               static_cast<std::uint8_t>(selector >> 8), static_cast<std::uint8_t>(selector)};
    const auto type = AbiType::parse(signature.substr(signature.find('(')));
    base::append(data, codec::abi_encode(type.value(), arguments).value());
    return data;
}

AbiValue wads(std::initializer_list<std::int64_t> numbers) {
    Items items;
    for (const auto number : numbers) {
        const U256 magnitude = U256{static_cast<std::uint64_t>(number < 0 ? -number : number)} * U256{kWad};
        items.emplace_back(number < 0 ? -magnitude : magnitude);
    }
    return items;
}

AbiValue text(std::string_view value) { return base::to_bytes(base::as_bytes(value)); }

std::vector<U256> decoded_words(BytesView output) {
    const auto value = codec::abi_decode(AbiType::parse("(int256[])").value(), output);
    std::vector<U256> words;
    for (const auto& item : value.value().items()[0].items())
        words.push_back(item.word());
    return words;
}

class Inference : public testing::Test {
protected:
    Inference() {
        state::StateChanges changes;
        changes.accounts[sender].account = state::Account{0, U256{1} << 100, state::kEmptyCodeHash};
        base.apply(changes);
        state.begin_transaction();
        const std::string plain = "5f5f365f5f60f45af1";
        state.set_code(kForwarder, returning(plain, "604051600055 3d5ff3"));
        state.set_code(kReverter, returning(plain, "3d5ffd"));
        state.set_code(kStaticForwarder, returning("5f5f365f60f45afa", "3d5ff3"));
        state.set_code(kDelegateForwarder, returning("5f5f365f60f45af4", "3d5ff3"));
        state.set_code(kIgnorer, code("0x365f5f375f5f365f5f61f1f15af100"));
        for (const auto& a : {kForwarder, kReverter, kStaticForwarder, kDelegateForwarder, kIgnorer})
            state.set_nonce(a, 1);
        tiny = publish(outcome::testing::tiny_graph());
        state.finish_transaction(state::EmptyAccounts::removed);
    }

    /// Copies the input, calls with `call` (hexadecimal), copies the answer; then `on_success`, or a revert
    /// with the answer.
    static Bytes returning(std::string call, std::string on_success) {
        std::erase(on_success, ' ');
        // 365f5f37 call 3d5f5f3e 60XX57 3d5ffd 5b on_success
        const auto target = 4 + call.size() / 2 + 4 + 3 + 3;
        char jump[8];
        std::snprintf(jump, sizeof jump, "60%02x57", static_cast<unsigned>(target));
        return code("0x365f5f37" + call + "3d5f5f3e" + jump + "3d5ffd" + "5b" + on_success);
    }

    ml::ModelId publish(ml::Graph graph,
                        outcome::ModeSet modes = bit(Mode::replay) | bit(Mode::operator_signed),
                        std::uint64_t opens_at = 1) {
        const auto key = ml::encode_verifying_key(ml::verifying_key(graph));
        const auto id = models.add(std::move(graph));
        store_key(state, id, key);
        state.set_storage(kModelRegistry, policy_slot(id), encode_policy({kOwner, modes, 1'000, opens_at}));
        state.set_nonce(kModelRegistry, 1);
        return id;
    }

    static AbiValue id_value(const ml::ModelId& id) { return Bytes(id.bytes.begin(), id.bytes.end()); }

    Bytes infer_call(const ml::ModelId& id, Mode mode, const AbiValue& input) const {
        return encode_call("infer(bytes32,uint8,int256[])",
                           Items{id_value(id), U256{static_cast<std::uint64_t>(mode)}, input});
    }
    outcome::Job tiny_job(std::int32_t a, std::int32_t b) const {
        return {tiny, Mode::replay, {}, {a * 256, b * 256}, {}};
    }
    void know(std::int32_t a, std::int32_t b) { known.add(tiny_job(a, b), {(2 * a - 3 * b) * 256}); }

    Transaction transaction(const Address& to, Bytes data, std::uint64_t gas = 1'000'000) {
        Transaction t;
        t.type = TransactionType::dynamic_fee;
        t.chain_id = rules.chain_id;
        t.nonce = nonce;
        t.gas_limit = gas;
        t.max_fee_per_gas = 10;
        t.to = to;
        t.data = std::move(data);
        return t;
    }

    /// In the block; moves the nonce on when it was included.
    Result<TransactionResult> execute(const Transaction& t) {
        auto result = block.execute(t, sender);
        if (result) ++nonce;
        return result;
    }
    Result<TransactionResult> execute(const Address& to, Bytes data, std::uint64_t gas = 1'000'000) {
        return execute(transaction(to, std::move(data), gas));
    }

    Bytes revert_data(const Address& to, Bytes data) {
        auto result = execute(to, std::move(data));
        EXPECT_TRUE(result.has_value());
        EXPECT_EQ(result.value().status, evm::Status::revert);
        return result.value().output;
    }

    const InferenceFees& fees() const { return rules.inference->fees; }
    InferenceGas tiny_gas(Mode mode = Mode::replay) {
        return inference_gas(fees(), *catalogue.find(state, tiny), mode);
    }

    Address sender = crypto::address_of(kKey).value();
    RuleSet rules = valence_rules();
    Header header = [] {
        Header made;
        made.number = 10;
        made.timestamp = 12;
        made.coinbase = kCoinbase;
        made.gas_limit = 60'000'000;
        made.base_fee = 10;
        made.excess_blob_gas = 0;
        return made;
    }();
    state::MemoryState base;
    state::JournaledState state{base};
    NoBlockHashes hashes;
    outcome::testing::GivenModels models;
    ModelCatalogue catalogue;
    KnownOutcomes known;
    ml::ModelId tiny;
    std::uint64_t nonce = 0;
    InferenceEnvironment environment{*rules.inference, catalogue, known, models};
    BlockExecution block = [&] {
        BlockExecution made{rules, header, state, hashes};
        made.serve_inference(environment);
        made.begin();
        return made;
    }();
};

// ------------------------------------------------------------------------------------------------- the tape

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

// -------------------------------------------------------------------------------------------- gas and
// payment

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

// ------------------------------------------------------------------------------------------------ kinds of
// call

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

// ------------------------------------------------------------------------------------------------ wrong
// calls

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

// --------------------------------------------------------------------------------------------- registration

TEST_F(Inference, TheRegistryRegistersKeysAndChecksWeights) {
    const auto graph = outcome::testing::tiny_graph(77);
    const auto key = ml::encode_verifying_key(ml::verifying_key(graph));
    const auto id = ml::model_id(key);
    state.begin_transaction();
    state.set_code(kModelRegistry, returning("5f5f365f5f60f45af1", "3d5ff3"));
    state.finish_transaction(state::EmptyAccounts::removed);
    const auto registered = execute(kModelRegistry, encode_call("registerModel(bytes)", Items{key}));
    ASSERT_TRUE(registered.value().succeeded());
    EXPECT_EQ(registered.value().output, Bytes(id.bytes.begin(), id.bytes.end()));
    EXPECT_EQ(state.code(model_account(id))->front(), 0xfe);
    ASSERT_NE(catalogue.find(state, id), nullptr);
    EXPECT_EQ(catalogue.find(state, id)->input_size, 2u);

    const auto check = encode_call("checkWeights(bytes32)", Items{id_value(id)});
    ASSERT_TRUE(execute(kModelRegistry, check).has_error());
    EXPECT_EQ(block.abandoned().missing_models, std::vector{id});
    models.add(graph);
    EXPECT_TRUE(execute(kModelRegistry, check).value().succeeded());

    auto bad = key;
    bad.back() ^= 1;
    bad.push_back(0);
    EXPECT_EQ(execute(kModelRegistry, encode_call("registerModel(bytes)", Items{bad})).value().status,
              evm::Status::revert);
}

TEST_F(Inference, WeightsAreNotCheckedAfterAnInference) {
    // Else a model without a file would free its sender of what was computed.
    know(3, 1);
    state.begin_transaction();
    // Calls the precompile with what follows the first 36 bytes of the input, then with those; answers as it
    // did.
    state.set_code(kModelRegistry,
                   code("0x365f5f375f5f6024360360245f60f45af1505f5f60245f5f60f45af1503d5f5f3e3d5ff3"));
    state.finish_transaction(state::EmptyAccounts::removed);
    auto data = encode_call("checkWeights(bytes32)", Items{id_value(tiny)});
    base::append(data, infer_call(tiny, Mode::replay, wads({3, 1})));
    const auto result = execute(kModelRegistry, data);
    ASSERT_TRUE(result.value().succeeded());
    EXPECT_EQ(
        result.value().output,
        encode_error(CallError::invalid_model, Items{text("opened after an inference, in one transaction")}));
    EXPECT_EQ(result.value().compute_gas, tiny_gas().compute);
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

// ------------------------------------------------------------------------------------------- bodies of
// blocks

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
}  // namespace valence::chain
