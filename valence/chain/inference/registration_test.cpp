// Models that the registry registers and opens.
#include "valence/chain/inference/testing/inference_fixture.hpp"

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

}  // namespace
}  // namespace valence::chain::testing
