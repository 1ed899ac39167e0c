// From a graph to a file that says all there is to say.
#include "valence/zk/files/prove_run.hpp"

#include <gtest/gtest.h>

#include "valence/ml/graph/model_error.hpp"
#include "valence/ml/testing/random_graph.hpp"
#include "valence/zk/files/check_proof.hpp"
#include "valence/zk/protocol/argument/explain.hpp"
#include "valence/zk/protocol/circuit/coverage.hpp"

namespace valence::zk {
namespace {

/// A random graph of which there are proofs, with at least one product of committed weights.
ml::Graph some_graph() {
    const auto linear = static_cast<int>(ml::Operation(ml::Linear{}).index());
    return ml::testing::random_graph(2, {.nodes = 2, .elements = 60, .only = linear});
}

TEST(ProveRun, GivesAFileThatVerifiesWithTheKeyAlone) {
    for (const SecurityProfile& profile : {kProfile100, kProfile128}) {
        const auto run = prove_run(some_graph(), {"", 0, profile, {4, 2}, 1});
        ASSERT_TRUE(run) << run.error().message();
        EXPECT_EQ(run.value().samples, 1U);
        const auto file = decode_proof_file(encode_proof_file(run.value().file).value()).value();
        EXPECT_EQ(file.context, (Bytes{4, 2}));
        const auto key =
            provable_model(ml::decode_verifying_key(encoded_key(run.value().model)).value()).value();
        EXPECT_TRUE(check_proof(key, file));
        EXPECT_TRUE(check_proof(provable(some_graph()).value(), file));

        ProofFile other = file;
        other.context = {4, 3};
        EXPECT_FALSE(check_proof(key, other).has_value());
        other = file;
        other.outputs[0].data[0] ^= 1;
        EXPECT_FALSE(check_proof(key, other).has_value());
    }
}

TEST(ProveRun, ExplainsEveryRoundOfTheProof) {
    const auto run = prove_run(some_graph(), {"", 0, kProfile100, {}, 1}).value();
    const auto explanation = explain(run.model.provable(), run.file.inputs, run.file.proof);
    ASSERT_TRUE(explanation) << explanation.error().message();
    const auto& account = explanation.value().opening.soundness;
    EXPECT_GE(account.worst(), Bits::of(100));
    EXPECT_LE(account.union_total(), account.worst().value());
    const std::string text = describe(explanation.value());
    for (const SoundnessAccount::Term& term : account.terms())
        EXPECT_NE(text.find(term.round), std::string::npos) << term.round;
    for (const char* each :
         {"lookups: sumcheck rounds", "worst round", "union of all rounds", "leaves", "queries"})
        EXPECT_NE(text.find(each), std::string::npos) << each;
    EXPECT_FALSE(
        explain(run.model.provable(), run.file.inputs, BytesView(run.file.proof).first(1)).has_value());
}

TEST(ProveRun, ASampleThatIsNotThereIsRefused) {
    const auto run = prove_run(some_graph(), {"", 1, kProfile100, {}, 1});
    ASSERT_FALSE(run.has_value());
    EXPECT_EQ(run.error(), Error(ml::ModelError::invalid_input));
}

}  // namespace
}  // namespace valence::zk
