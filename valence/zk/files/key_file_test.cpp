// Keys' files: they stand for the model, and a changed one is refused or has another digest.
#include "valence/zk/protocol/files/key_file.hpp"

#include <gtest/gtest.h>

#include "valence/ml/graph/model_error.hpp"
#include "valence/ml/testing/random_graph.hpp"
#include "valence/zk/files/check_proof.hpp"
#include "valence/zk/files/prove_run.hpp"
#include "valence/zk/protocol/circuit/compile.hpp"
#include "valence/zk/protocol/circuit/public_weights.hpp"
#include "valence/zk/protocol/proof/proof_error.hpp"
#include "valence/zk/verifier/verify.hpp"

namespace valence::zk {
namespace {

/// The first random model from `seed` on of which there are proofs, and that has weights of both sorts.
ProvingModel some_model(std::uint64_t seed) {
    for (;; ++seed) {
        const auto graph = std::make_shared<const ml::Graph>(
            ml::testing::random_graph(seed, {.nodes = 3, .elements = 60, .only = -1}));
        const auto is_public = public_weights(*graph);
        if (std::count(is_public.begin(), is_public.end(), true) == 0) continue;
        auto model = ProvingModel::commit(graph);
        if (model && !model.value().tables().empty()) return std::move(model).value();
    }
}

TEST(KeyFile, StandsForTheModel) {
    const ProvingModel model = some_model(0);
    const Bytes bytes = key_file(model);
    const auto key = decode_key_file(bytes);
    ASSERT_TRUE(key) << key.error().message();
    EXPECT_EQ(key.value().digest, model.provable().digest);
    EXPECT_EQ(key.value().weight_roots, model.provable().weight_roots);

    const auto inputs = ml::testing::random_inputs(model.graph(), 1);
    const auto proved = prove(model, inputs, {}).value();
    const ProofFile file{model.provable().digest, inputs, proved.outputs, {}, proved.proof};
    const auto verdict = check_proof(key.value(), file);
    EXPECT_TRUE(verdict) << verdict.error().message();
}

TEST(KeyFile, HasNoBytesOfCommittedWeights) {
    const ProvingModel model = some_model(20);
    const auto key = decode_key_file(key_file(model)).value();
    const auto is_public = public_weights(model.graph());
    for (std::size_t id = 0; id < is_public.size(); ++id)
        EXPECT_EQ(key.graph->weights[id].data, is_public[id] ? model.graph().weights[id].data : Bytes{});
}

TEST(KeyFile, IsNeitherCutNorContinued) {
    Bytes bytes = key_file(some_model(0));
    for (std::size_t size = 0; size < bytes.size(); size += 1 + bytes.size() / 200)
        EXPECT_FALSE(decode_key_file(BytesView(bytes).first(size)).has_value()) << size;
    bytes.push_back(0);
    EXPECT_EQ(decode_key_file(bytes).error(), Error(ProofError::trailing_bytes));
}

TEST(KeyFile, WhateverIsChangedIsRefusedOrIsAnotherModel) {
    const ProvingModel model = some_model(0);
    const Bytes bytes = key_file(model);
    for (std::size_t at = 0; at < bytes.size(); at += 1 + bytes.size() / 400) {
        Bytes changed = bytes;
        changed[at] ^= 1;
        const auto key = decode_key_file(changed);
        if (!key) continue;
        EXPECT_NE(key.value().digest, model.provable().digest) << at;
    }
}

TEST(KeyFile, PublicWeightsAreWithinTheirBounds) {
    const ml::Graph graph = [] {
        for (std::uint64_t seed = 0;; ++seed) {
            ml::Graph each = ml::testing::random_graph(seed, {.nodes = 6, .elements = 60, .only = -1});
            for (const ml::Node& node : each.main.nodes) {
                if (std::holds_alternative<ml::Selection>(node.operation)) return each;
            }
        }
    }();
    EXPECT_TRUE(check_public_weights(graph));
    for (const ml::Node& node : graph.main.nodes) {
        const auto* selection = std::get_if<ml::Selection>(&node.operation);
        if (selection == nullptr) continue;
        ml::Graph changed = graph;
        changed.weights[selection->indices].data[3] = 0x7f;  // far past every extent
        EXPECT_EQ(check_public_weights(changed).error(), Error(ml::ModelError::invalid_node));
        changed.weights[selection->indices].data[3] = 0x80;  // negative
        EXPECT_EQ(check_public_weights(changed).error(), Error(ml::ModelError::invalid_node));
    }
}

TEST(CheckProof, SaysWhichModelsDiffer) {
    const ProvingModel model = some_model(0);
    const ProofFile file{Hash({7}), {}, {}, {}, {}};
    const auto verdict = check_proof(model.provable(), file);
    ASSERT_FALSE(verdict.has_value());
    EXPECT_EQ(verdict.error(), Error(ProofError::other_model));
    EXPECT_NE(verdict.error().message().find("0x07"), std::string::npos);
}

}  // namespace
}  // namespace valence::zk
