// Contracts have proofs verified that they were handed.
#include "valence/chain/inference/testing/inference_fixture.hpp"
#include "valence/zk/prover/prove.hpp"

namespace valence::chain::testing {
namespace {

/// Hands its input to the precompile of proofs and answers as it did.
constexpr auto kProofForwarder = base::address_from_number(0xf8f8);

class HandedProofs : public Inference {
protected:
    HandedProofs() {
        state.begin_transaction();
        state.set_code(kProofForwarder, returning("5f5f365f5f60f85af1", "3d5ff3"));
        state.set_nonce(kProofForwarder, 1);
        state.finish_transaction(state::EmptyAccounts::removed);
    }

    void open_from(std::uint64_t block_number) {
        state.begin_transaction();
        id = publish(model.graph(), bit(Mode::zk), block_number);
        state.finish_transaction(state::EmptyAccounts::removed);
    }

    /// That 2·3 − 3·1 is `answer`.
    Bytes question(std::int64_t answer) const {
        const auto tensor = [](std::string_view name, Items shape, const AbiValue& data) {
            return Items{Items{text(name), std::move(shape), data}};
        };
        return encode_call(
            "verify(bytes32,(string,uint32[],int256[])[],(string,uint32[],int256[])[],bytes,bytes)",
            Items{id_value(id), tensor("x", {U256{1}, U256{2}}, wads({3, 1})),
                  tensor("y", {U256{1}, U256{1}}, wads({answer})), context, proof});
    }
    TransactionResult ask(std::int64_t answer) {
        return execute(kProofForwarder, question(answer), 16'000'000).value();
    }
    bool verdict(std::int64_t answer) {
        const auto result = ask(answer);
        EXPECT_TRUE(result.succeeded()) << base::to_hex_prefixed(result.output);
        return !result.output.empty() && result.output.back() == 1;
    }

    Bytes context{1, 2, 3};
    zk::ProvingModel model =
        zk::ProvingModel::commit(
            std::make_shared<const ml::Graph>(zk::committed(outcome::testing::tiny_graph()).value()))
            .value();
    std::vector<ml::Values> inputs{{ml::ElementType::activation, {1, 2}, {3 * 256, 256}}};
    Bytes proof = zk::prove(model, inputs, context).value().proof;
    ml::ModelId id;
};

TEST_F(HandedProofs, HoldForWhatTheyProve) {
    open_from(1);
    EXPECT_TRUE(verdict(3));
    EXPECT_FALSE(verdict(4));
    context.push_back(0);
    EXPECT_FALSE(verdict(3));
    context.pop_back();
    proof.back() ^= 1;
    EXPECT_FALSE(verdict(3));
}

TEST_F(HandedProofs, AreOfTheProfileThatIsPaidFor) {
    open_from(1);
    proof = zk::prove(model, inputs, context, zk::kProfile128).value().proof;
    EXPECT_FALSE(verdict(3));
}

// Its commitment could be that of any weights: open() is what finds out.
TEST_F(HandedProofs, AreOfOpenModelsOnly) {
    open_from(0);
    EXPECT_EQ(ask(3).output, encode_error(CallError::model_not_open, Items{id_value(id), U256{0}}));
    open_from(11);
    EXPECT_EQ(ask(3).output, encode_error(CallError::model_not_open, Items{id_value(id), U256{11}}));
}

}  // namespace
}  // namespace valence::chain::testing
