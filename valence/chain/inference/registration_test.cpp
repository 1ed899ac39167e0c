// Models that the registry registers and opens.
#include <set>

#include "valence/chain/genesis_contracts.hpp"
#include "valence/chain/inference/testing/inference_fixture.hpp"
#include "valence/ml/testing/small_graphs.hpp"
#include "valence/zk/protocol/testing/multiplying_graph.hpp"
#include "valence/zk/prover/proving_model.hpp"

namespace valence::chain::testing {
namespace {

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

/// y = 2·x₀ − 3·x₁ + offset, with the commitment of these weights.
ml::Graph committed_tiny(std::int64_t offset) {
    return zk::committed(outcome::testing::tiny_graph(offset)).value();
}

TEST_F(Inference, ACommitmentIsThatOfTheWeightsOrTheModelIsNotOpened) {
    state.begin_transaction();
    state.set_code(kModelRegistry, returning("5f5f365f5f60f45af1", "3d5ff3"));
    state.finish_transaction(state::EmptyAccounts::removed);
    const auto enter = [&](const ml::Graph& graph) {
        const auto id = models.add(graph);
        const auto key = ml::encode_verifying_key(ml::verifying_key(graph));
        EXPECT_TRUE(
            execute(kModelRegistry, encode_call("registerModel(bytes)", Items{key})).value().succeeded());
        return encode_call("checkWeights(bytes32)", Items{id_value(id)});
    };
    const auto graph = committed_tiny(5);
    const auto check = enter(graph);
    const auto good = execute(kModelRegistry, check).value();
    EXPECT_TRUE(good.succeeded());
    const auto described = catalogue.find(state, ml::model_id(graph));
    ASSERT_NE(described->proofs, nullptr);
    const auto cells = zk::cell_count(described->proofs->model.tables);
    EXPECT_GT(cells, 0u);
    rules.inference->fees.committed_cell += 1'000;
    EXPECT_EQ(execute(kModelRegistry, check).value().gas_used, good.gas_used + 1'000 * cells);

    auto wrong = graph;
    wrong.commitment.back() ^= 1;
    EXPECT_EQ(revert_data(kModelRegistry, enter(wrong)),
              encode_error(CallError::invalid_model, Items{text("commitment")}));
    wrong = outcome::testing::tiny_graph(6);
    wrong.commitment = graph.commitment;
    EXPECT_EQ(revert_data(kModelRegistry, enter(wrong)),
              encode_error(CallError::invalid_model, Items{text("commitment")}))
        << "another model's";
    // As often as it is asked.
    EXPECT_EQ(
        execute(kModelRegistry, encode_call("checkWeights(bytes32)", Items{id_value(ml::model_id(wrong))}))
            .value()
            .status,
        evm::Status::revert);
}

TEST_F(Inference, AMalformedCommitmentIsNotRegistered) {
    state.begin_transaction();
    state.set_code(kModelRegistry, returning("5f5f365f5f60f45af1", "3d5ff3"));
    state.finish_transaction(state::EmptyAccounts::removed);
    const auto refusal = [&](auto change) {
        auto key = ml::verifying_key(committed_tiny(5));
        change(key.commitment);
        return revert_data(kModelRegistry,
                           encode_call("registerModel(bytes)", Items{ml::encode_verifying_key(key)}));
    };
    const auto malformed = encode_error(CallError::invalid_model, Items{text("malformed verifying key")});
    EXPECT_EQ(refusal([](Bytes& c) { c.push_back(0); }), malformed);
    EXPECT_EQ(refusal([](Bytes& c) { c.pop_back(); }), malformed);
    EXPECT_EQ(refusal([](Bytes& c) { c.front() = 9; }), malformed);
    EXPECT_EQ(
        refusal([](Bytes& c) { c[c.size() - 1 - Hash::kSize] = 1 + 24; }),
        encode_error(CallError::invalid_model, Items{text("commitment to 16777216 cells, at most 4194304")}));
}

// Simulations may put another key where a model's is: nothing of that may be remembered, or the node would
// hold proofs against it.
TEST_F(Inference, AnIdIsOfItsOwnKeyOnly) {
    const auto graph = committed_tiny(8);
    const auto key = ml::encode_verifying_key(ml::verifying_key(graph));
    const auto id = ml::model_id(key);
    const auto with_code_of = [&](const Bytes& stored) {
        auto simulated = std::make_unique<state::JournaledState>(base);
        simulated->begin_transaction();
        store_key(*simulated, id, stored);
        return simulated;
    };
    const auto other = with_code_of(ml::encode_verifying_key(ml::verifying_key(committed_tiny(9))));
    EXPECT_EQ(catalogue.find(*other, id), nullptr);
    const auto own = with_code_of(key);
    const auto described = catalogue.find(*own, id);
    ASSERT_NE(described, nullptr);
    EXPECT_EQ(described->id, id);
    EXPECT_EQ(described->proofs->model.id, id);
}

// A key of a few kilobytes can ask for hours of checking: finding out how much is paid for, and ends with the
// gas.
TEST_F(Inference, WhatProofsCostIsFoundOutWithinTheGas) {
    state.begin_transaction();
    state.set_code(kModelRegistry, returning("5f5f365f5f60f45af1", "3d5ff3"));
    state.finish_transaction(state::EmptyAccounts::removed);
    const auto enter = [&](std::uint32_t layers) {
        const auto graph = zk::committed(zk::testing::multiplying_graph(layers)).value();
        const auto key = ml::encode_verifying_key(ml::verifying_key(graph));
        return execute(kModelRegistry, encode_call("registerModel(bytes)", Items{key}), 10'000'000).value();
    };
    EXPECT_TRUE(enter(6).succeeded());
    const auto dear = enter(13);
    EXPECT_FALSE(dear.succeeded());
    EXPECT_GT(dear.gas_used, 9'000'000u);
}

// Nodes remember different things: whoever has simulated a registration has seen what the key's proofs cost.
// It must end alike on all of them, with whatever gas.
TEST_F(Inference, ARegistrationEndsAlikeWhateverIsRemembered) {
    state.begin_transaction();
    state.set_code(kModelRegistry, returning("5f5f365f5f60f45af1", "3d5ff3"));
    state.finish_transaction(state::EmptyAccounts::removed);
    // An input that nothing is done with takes longer to make than all else.
    auto graph = ml::testing::one_node(
        ml::Slice{{0}, {1}}, {{ml::testing::kActivation, {16}, 8}, {ml::testing::kActivation, {1 << 18}, 8}},
        {ml::testing::kActivation, {1}, 8});
    graph.main.nodes[0].inputs.resize(1);
    const auto key = ml::encode_verifying_key(ml::verifying_key(zk::committed(std::move(graph)).value()));
    const auto call = encode_call("registerModel(bytes)", Items{key});
    const auto most = execute(kModelRegistry, call, 10'000'000).value();
    ASSERT_TRUE(most.succeeded());
    std::set<evm::Status> seen;
    for (std::uint64_t percent = 90; percent <= 115; percent += 5) {
        const auto gas = most.gas_used * percent / 100;
        const auto remembered = execute(kModelRegistry, call, gas).value();
        ModelCatalogue nothing;
        InferenceEnvironment forgetful{*rules.inference, nothing, known, models};
        BlockExecution other{rules, header, state, hashes};
        other.serve_inference(forgetful);
        other.begin();
        const auto found_out = other.execute(transaction(kModelRegistry, call, gas), sender).value();
        ++nonce;
        EXPECT_EQ(remembered.status, found_out.status) << percent;
        EXPECT_EQ(remembered.gas_used, found_out.gas_used) << percent;
        seen.insert(remembered.status);
    }
    EXPECT_GT(seen.size(), 1U);
}

/// Through the contract itself: what it keeps where is read natively.
TEST_F(Inference, NamesOfTheRegistryStandForTheirNewestModels) {
    state.begin_transaction();
    for (const auto& [address, account] : genesis_contract_accounts({})) {
        state.set_code(address, account.code);
        state.set_nonce(address, account.nonce);
        for (const auto& [slot, value] : account.storage)
            state.set_storage(address, slot, value);
    }
    // As the genesis has it: Solidity looks for code where it expects no answer.
    state.set_code(kInferenceAddress, {0xfe});
    state.finish_transaction(state::EmptyAccounts::removed);
    const auto enter = [&](const ml::Graph& graph) {
        const auto key = ml::encode_verifying_key(ml::verifying_key(graph));
        const auto id = models.add(graph);
        const auto registered =
            execute(kModelRegistry,
                    encode_call("register(bytes,string,string,uint16,uint16)",
                                Items{key, text("team/model"), text(""), U256{bit(Mode::replay)}, U256{}}));
        EXPECT_TRUE(registered.value().succeeded());
        const auto opened = execute(kModelRegistry, encode_call("open(bytes32)", Items{id_value(id)}));
        EXPECT_TRUE(opened.value().succeeded()) << base::to_hex_prefixed(opened.value().output);
        known.add({id, Mode::replay, {}, {256, 0}, {}}, {512});
        return id;
    };
    const auto ask = [&](std::string_view name) {
        const Items numbers{Items{U256{1}, U256{}}, Items{U256{}, U256{}}};
        return execute(
            kForwarder,
            encode_call("runModelInference((uint8,string,((string,(int128,int128)[],uint32[])[],(string,"
                        "string[])[])))",
                        Items{Items{U256{}, text(name),
                                    Items{Items{Items{text("x"), numbers, Items{U256{2}}}}, Items{}}}}));
    };
    EXPECT_EQ(ask("team/model").value().status, evm::Status::revert) << "nobody has it yet";
    for (const auto offset : {77, 78}) {
        const auto id = enter(outcome::testing::tiny_graph(offset));
        const auto asked = ask("team/model");
        EXPECT_TRUE(asked.value().succeeded());
        ASSERT_EQ(asked.value().inference.used.size(), 1u);
        EXPECT_EQ(asked.value().inference.used[0].model_owner, sender);
        EXPECT_EQ(block.used_jobs().back(), outcome::job_id({id, Mode::replay, {}, {256, 0}, {}}));
    }
    EXPECT_EQ(ask("team/mode").value().status, evm::Status::revert);
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

/// A forced transaction is in its block whatever it does, and is never sent to the registry: a model's file
/// that nobody has would else keep everybody from making the block.
TEST_F(Inference, ModelsAreOpenedByTransactionsToTheRegistryOnly) {
    const auto through = base::address_from_number(0x7410);
    state.begin_transaction();
    state.set_code(kModelRegistry, returning("5f5f365f5f60f45af1", "3d5ff3"));
    // Passes its input on to the registry.
    state.set_code(through, returning("5f5f365f5f73" + base::to_hex(kModelRegistry) + "5af1", "3d5ff3"));
    state.finish_transaction(state::EmptyAccounts::removed);
    const auto key = ml::encode_verifying_key(ml::verifying_key(outcome::testing::tiny_graph(77)));
    ASSERT_TRUE(execute(through, encode_call("registerModel(bytes)", Items{key})).value().succeeded());
    const auto check = encode_call("checkWeights(bytes32)", Items{id_value(ml::model_id(key))});
    EXPECT_EQ(execute(kModelRegistry, check).error(), Error{ChainError::model_missing});
    const auto result = execute(through, check);
    ASSERT_TRUE(result) << "nobody needs the file to know";
    EXPECT_EQ(result.value().output,
              encode_error(CallError::invalid_model, Items{text("opened by another contract")}));
}

}  // namespace
}  // namespace valence::chain::testing
