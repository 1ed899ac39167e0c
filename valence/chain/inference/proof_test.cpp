// Inferences in mode ZK, what they cost, and the precompile that verifies proofs.
#include "valence/chain/inference/testing/inference_fixture.hpp"
#include "valence/outcome/testing/proving.hpp"

namespace valence::chain::testing {
namespace {

class Proofs : public Inference {
protected:
    Proofs() {
        state.begin_transaction();
        provable = publish(graph, bit(Mode::replay) | bit(Mode::zk));
        state.finish_transaction(state::EmptyAccounts::removed);
    }

    static Items tensor(std::string_view name, Items shape, AbiValue data) {
        return {text(name), std::move(shape), std::move(data)};
    }
    Bytes check(const ml::ModelId& id, Items inputs, Items outputs, BytesView bound_to,
                BytesView proof) const {
        return encode_call(
            "verify(bytes32,(string,uint32[],int256[])[],(string,uint32[],int256[])[],bytes,bytes)",
            Items{id_value(id), std::move(inputs), std::move(outputs), base::to_bytes(bound_to),
                  base::to_bytes(proof)});
    }
    /// Of the proof that 2·3 − 3·1 = 3.
    Bytes check(std::int64_t output = 3) const {
        return check(provable, {tensor("x", {U256{1}, U256{2}}, wads({3, 1}))},
                     {tensor("y", {U256{1}, U256{1}}, wads({output}))}, context, proof());
    }
    const Bytes& proof() const { return std::get<outcome::ZkEvidence>(proved.outcome.evidence).proof; }
    Result<TransactionResult> call(Bytes data) { return execute(kProofAddress, std::move(data), 16'000'000); }
    bool verdict(Bytes data) {
        const auto result = call(std::move(data));
        EXPECT_TRUE(result.has_value() && result.value().succeeded());
        return result.value().output.at(31) == 1;
    }
    Bytes refusal(Bytes data) {
        const auto result = call(std::move(data));
        EXPECT_EQ(result.value().status, evm::Status::revert);
        return result.value().output;
    }

    const ml::Graph graph = zk::committed(outcome::testing::tiny_graph()).value();
    const outcome::Settled proved =
        outcome::testing::proved(zk::ProvingModel::commit(std::make_shared<const ml::Graph>(graph)).value(),
                                 rules.chain_id, kPayee, {3 * 256, 256});
    const Bytes context = outcome::proof_context(rules.chain_id, outcome::job_id(proved.job), kPayee);
    ml::ModelId provable;
};

TEST_F(Proofs, AJobIsAskedForInThatModeAndSharedByAll) {
    const auto ask = infer_call(provable, Mode::zk, wads({3, 1}));
    EXPECT_EQ(execute(kForwarder, ask, 16'000'000).error(), Error{ChainError::transaction_abandoned});
    ASSERT_EQ(block.abandoned().needed.size(), 1U);
    EXPECT_EQ(block.abandoned().needed[0].job, proved.job);
    known.outcomes[outcome::job_id(proved.job)] = proved.outcome;
    const auto result = execute(kForwarder, ask, 16'000'000).value();
    ASSERT_TRUE(result.succeeded());
    EXPECT_EQ(decoded_words(result.output), std::vector{U256{3} * U256{kWad}});
}

TEST_F(Proofs, TheGasIsThatOfCheckingAndKeepingAndFollowsFromTheKey) {
    const auto& model = *catalogue.find(state, provable);
    ASSERT_NE(model.proofs, nullptr);
    const auto& cost = model.proofs->cost;
    const auto gas = inference_gas(fees(), model, Mode::zk);
    EXPECT_EQ(gas.execution, fees().integer * 3 + fees().proof_gas_per_microsecond * cost.work / 1'000 +
                                 fees().evidence_byte * cost.most_bytes);
    EXPECT_GT(gas.compute, inference_gas(fees(), model, Mode::replay).compute);
    EXPECT_LE(proof().size(), cost.most_bytes);

    const auto quoted =
        execute(kForwarder, encode_call("quote(bytes32,uint8)", Items{id_value(provable), U256{2}}));
    EXPECT_EQ(U256::from_be(BytesView{quoted.value().output}.first(32)), U256{gas.total()});
}

TEST_F(Proofs, AutomaticIsWhatFullNodesHaveLeastToDoFor) {
    const auto ask = infer_call(provable, Mode::automatic, wads({3, 1}));
    const auto asked_mode = [&] {
        EXPECT_EQ(execute(kForwarder, ask, 16'000'000).error(), Error{ChainError::transaction_abandoned});
        return block.abandoned().needed.at(0).job.mode;
    };
    EXPECT_EQ(asked_mode(), Mode::replay);
    // Were running it dearer than checking a proof:
    rules.inference->fees.run = std::uint64_t{1} << 24;
    EXPECT_LT(inference_gas(fees(), *catalogue.find(state, provable), Mode::zk).execution, fees().run);
    rules.inference->fees.runs_of_proof = 0;
    rules.inference->fees.compute_percent = 1;
    EXPECT_EQ(asked_mode(), Mode::zk);
}

TEST_F(Proofs, ContractsHaveThemVerified) {
    EXPECT_TRUE(verdict(check()));
    EXPECT_FALSE(verdict(check(4)));
    const Items inputs{tensor("x", {U256{2}}, wads({3, 1}))};
    const Items outputs{tensor("y", {}, wads({3}))};
    EXPECT_TRUE(verdict(check(provable, inputs, outputs, context, proof())));
    EXPECT_FALSE(verdict(check(provable, {tensor("x", {U256{2}}, wads({2, 0}))}, outputs, context, proof())));
    EXPECT_FALSE(verdict(check(provable, inputs, outputs, {}, proof())));
    EXPECT_FALSE(verdict(check(provable, inputs, outputs, context, {})));
    auto mangled = proof();
    mangled[mangled.size() / 2] ^= 1;
    EXPECT_FALSE(verdict(check(provable, inputs, outputs, context, mangled)));
    // What is between two steps of the output, or beyond it, is no answer of the model.
    EXPECT_FALSE(
        verdict(check(provable, inputs, {tensor("y", {}, Items{U256{3 * kWad + 1}})}, context, proof())));
    EXPECT_FALSE(
        verdict(check(provable, inputs, {tensor("y", {}, Items{U256::max() >> 1})}, context, proof())));
}

TEST_F(Proofs, WhatIsWrongWithACallIsSaid) {
    const Items inputs{tensor("x", {U256{2}}, wads({3, 1}))};
    const Items outputs{tensor("y", {}, wads({3}))};
    auto unknown = provable;
    unknown.bytes[0] ^= 1;
    EXPECT_EQ(refusal(check(unknown, inputs, outputs, context, proof())),
              encode_error(CallError::unknown_model, Items{id_value(unknown)}));
    EXPECT_EQ(refusal(check(tiny, inputs, outputs, context, proof())),
              encode_error(CallError::mode_unsupported, Items{U256{2}}));
    EXPECT_EQ(refusal(check(provable, {}, outputs, context, proof())),
              encode_error(CallError::missing_input, Items{text("x")}));
    EXPECT_EQ(refusal(check(provable, inputs, {tensor("z", {}, wads({3}))}, context, proof())),
              encode_error(CallError::unknown_input, Items{text("z")}));
    EXPECT_EQ(refusal(Bytes{1, 2, 3, 4}), encode_error(CallError::malformed_call));
    auto cut = check();
    cut.resize(cut.size() - 32);
    EXPECT_EQ(refusal(cut), encode_error(CallError::malformed_call));
    auto paying = transaction(kProofAddress, check(), 16'000'000);
    paying.value = U256{1};
    EXPECT_EQ(execute(paying).value().output, encode_error(CallError::not_payable));
}

TEST_F(Proofs, CheckingIsPaidForFirst) {
    // Dear enough that it is not the calldata's floor that is paid.
    rules.inference->fees.proof_gas_per_microsecond = 2'000;
    const auto before = call(check()).value().gas_used;
    const auto& cost = catalogue.find(state, provable)->proofs->cost;
    rules.inference->fees.proof_gas_per_microsecond += 1'000;
    const auto dearer = call(check()).value().gas_used;
    EXPECT_NEAR(static_cast<double>(dearer - before), static_cast<double>(cost.work), 2.0);
    rules.inference->fees.proof_gas_per_microsecond = 100'000'000;
    EXPECT_EQ(call(check()).value().status, evm::Status::out_of_gas);
}

}  // namespace
}  // namespace valence::chain::testing
