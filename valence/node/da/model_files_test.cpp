// Files of models on a chain that is derived: a block that needs one which is not in the layer by then is
// nobody's, and nobody waits for it.
#include "valence/compute/model_store/model_store.hpp"
#include "valence/compute/testing/models.hpp"
#include "valence/ml/model/vmodel.hpp"
#include "valence/node/da/layer_fixture.hpp"
#include "valence/outcome/outcome_error.hpp"

namespace valence::node {
namespace {

using namespace testing;

class ModelFiles : public NodeLayer {
protected:
    /// Nodes that have the files that are given to them, or that they read.
    NodeConfig bare_config() const {
        auto config = layer_config();
        config.models = nullptr;
        // As a genesis has it: Solidity looks for code where it expects no answer.
        config.genesis.accounts[chain::kInferenceAddress].code = {0xfe};
        return config;
    }
    sequencer::PoolTransaction to_registry(std::uint64_t nonce, Bytes data) const {
        return dev.transaction(0, nonce, [&](chain::Transaction& t) {
            t.to = chain::kModelRegistry;
            t.value = 0;
            t.gas_limit = 5'000'000;
            t.data = std::move(data);
        });
    }
    /// A node that gives models next to no memory.
    NodeConfig small_config() const {
        auto config = bare_config();
        config.model_store.memory_bytes = 0;
        config.model_store.decoding_bytes = 1'024;
        return config;
    }
    /// Blocks 1 and 2: the model is registered, for these modes, and somebody tries to open it.
    void register_and_open(Member& on, outcome::ModeSet modes, const ml::Graph& model) const {
        ASSERT_TRUE(on.node->model_store().add(ml::encode_model(model), "me"));
        const auto text = [](std::string_view value) { return base::to_bytes(base::as_bytes(value)); };
        const auto key = ml::encode_verifying_key(ml::verifying_key(model));
        ASSERT_TRUE(submit(
            *on.node, to_registry(0, encode_call("register(bytes,string,string,uint16,uint16)",
                                                 Items{key, text("m"), text(""), U256{modes}, U256{}}))));
        mine(on);
        ASSERT_TRUE(submit(
            *on.node, to_registry(1, encode_call("open(bytes32)", Items{id_value(ml::model_id(model))}))));
        mine(on);
    }
    /// A sequencer whose chain has these two blocks.
    Member opening_sequencer(outcome::ModeSet modes = outcome::bit(Mode::replay)) {
        auto made = member(Role::sequences, bare_config());
        register_and_open(made, modes, graph);
        EXPECT_TRUE(made.chain().block(2)->receipts.back().succeeded);
        return made;
    }
    std::vector<da::Blob> file_blobs(const Member& of, BytesView content) const {
        const auto genesis_hash = *of.chain().block_hash(0);
        const auto batch = derive::encode_file(content).value();
        const auto head = derive::head_of(batch, derive::BatchKind::file, 0, 0);
        std::vector<da::Blob> blobs;
        for (auto& piece : derive::cut(batch, head, genesis_hash, chain::development_beacon_key()))
            blobs.push_back({derive::chain_namespace(genesis_hash), 0, std::move(piece), {}});
        return blobs;
    }
    void post_file(const Member& of, BytesView content) {
        layer_seconds += 6;
        ASSERT_TRUE(layer->submit(file_blobs(of, content)));
    }

    const ml::Graph graph = outcome::testing::tiny_graph(77);
    const Bytes file = ml::encode_model(graph);
};

TEST_F(ModelFiles, ABlockThatOpensAModelWithoutItsFileIsNobodys) {
    auto sequencer = opening_sequencer();
    auto without = member(Role::reads, bare_config());
    auto with = member(Role::reads, bare_config());
    ASSERT_TRUE(with.node->model_store().add(file, "me"));
    auto fed = member(Role::reads, bare_config());
    ASSERT_TRUE(fed.node->model_store().add(file, "me"));
    for (const std::uint64_t number : {1, 2})
        ASSERT_TRUE(import(*fed.node, *sequencer.chain().block(number)));
    post_blocks(sequencer, 1, 2);
    for (auto* one : {&without, &with, &fed, &sequencer}) {
        one->read();
        EXPECT_EQ(one->kinds(), std::vector{FindingKind::unposted_model});
        EXPECT_EQ(one->chain().safe_number(), 1U);
        EXPECT_FALSE(one->deriver->status().waits_for);
    }
    EXPECT_EQ(sequencer.chain().head_number(), 1U) << "it goes back";
    // It comes too late for that block, and in time for the next one.
    post_file(sequencer, file);
    sequencer.read();
    mine(sequencer);
    EXPECT_EQ(sequencer.chain().block(2)->needed_models(), std::vector{ml::model_id(graph)});
    post_blocks(sequencer, 2, 2);
    for (auto* one : {&without, &with, &fed, &sequencer}) {
        one->read();
        EXPECT_EQ(one->chain().safe_number(), 2U);
        EXPECT_EQ(one->head_hash(), sequencer.head_hash());
    }
    EXPECT_TRUE(without.node->model_store().holds(ml::model_id(graph)));
}

TEST_F(ModelFiles, WithoutTheFileTheChainGoesOnAllTheSame) {
    auto sequencer = opening_sequencer();
    post_blocks(sequencer, 1, 2);
    auto full = member(Role::reads, bare_config());
    advance_to(sequencer.reference(1).height + kWindow);
    full.read();
    EXPECT_EQ(full.kinds(), (std::vector{FindingKind::unposted_model, FindingKind::fallback}));
    EXPECT_EQ(full.chain().safe_number(), 2U);
    const auto fresh = DevChain::open(bare_config());
    const auto report = audit(*fresh, *layer, {}).value();
    ASSERT_EQ(report.discrepancies.size(), 1U);
    EXPECT_EQ(report.discrepancies[0].kind, FindingKind::unposted_model);
    EXPECT_EQ(report.discrepancies[0].number, 2U);
    EXPECT_NE(report.discrepancies[0].text.find(base::to_hex(ml::model_id(graph))), std::string::npos);
    EXPECT_EQ(report.head_hash, full.head_hash());
}

TEST_F(ModelFiles, APartOfTheFileIsNotTheFile) {
    auto sequencer = opening_sequencer();
    post_file(sequencer, BytesView{file}.first(file.size() - 1));
    auto full = member(Role::reads, bare_config());
    post_blocks(sequencer, 1, 2);
    full.read();
    EXPECT_EQ(full.kinds(), std::vector{FindingKind::unposted_model});
}

TEST_F(ModelFiles, AModelThatIsNotReplayedIsNeededToo) {
    auto sequencer = opening_sequencer(outcome::bit(Mode::operator_signed));
    post_blocks(sequencer, 1, 2);
    auto full = member(Role::reads, bare_config());
    full.read();
    EXPECT_EQ(full.kinds(), std::vector{FindingKind::unposted_model});
}

TEST_F(ModelFiles, AnOutcomeOfAModelThatNobodyHasMakesItsBlockInvalid) {
    auto sequencer = member(Role::reads, bare_config());
    mine(sequencer);
    auto wrong = content(*sequencer.node, 1);
    const outcome::Job job{ml::model_id(graph), Mode::replay, {}, {256, 0}, {}};
    wrong.supplement.outcomes.push_back({job, {{512}, {}, outcome::ReplayEvidence{}}});
    wrong.block.header.extra_data = base::to_bytes(outcome::outcomes_root(wrong.supplement.outcomes));
    layer_seconds += 6;
    post_batch(*sequencer.node, *layer, {wrong});
    auto full = member(Role::reads, bare_config());
    full.read();
    EXPECT_EQ(full.kinds(), std::vector{FindingKind::unposted_model});
    EXPECT_FALSE(full.deriver->status().waits_for);
    layer_seconds += 6;
    post_batch(*sequencer.node, *layer, {content(*sequencer.node, 1)});
    full.read();
    EXPECT_EQ(full.head_hash(), sequencer.head_hash());
}

TEST_F(ModelFiles, AFileThatHadToGoSinceItWasPostedIsReadAgain) {
    auto sequencer = opening_sequencer();
    post_file(sequencer, file);
    // Nobody keeps what is not open: others take its place.
    const auto other = ml::encode_model(outcome::testing::tiny_graph(78));
    post_file(sequencer, other);
    auto config = bare_config();
    config.model_store.disk_bytes = std::max(file.size(), other.size());
    auto full = member(Role::reads, std::move(config));
    full.read();
    ASSERT_FALSE(full.node->model_store().holds(ml::model_id(graph)));
    post_blocks(sequencer, 1, 2);
    full.read();
    EXPECT_EQ(full.head_hash(), sequencer.head_hash());
    EXPECT_EQ(full.chain().safe_number(), 2U);
    EXPECT_TRUE(full.findings.empty());
}

TEST_F(ModelFiles, ThePosterSendsTheFilesThatItsBlocksNeedFirst) {
    auto sequencer = opening_sequencer(outcome::bit(Mode::operator_signed));
    advance(2);
    sequencer.read();
    const auto poster = post(*sequencer.node, *layer);
    ASSERT_TRUE(poster->wait_for(2, kLong));
    auto full = member(Role::reads, bare_config());
    full.read();
    EXPECT_EQ(full.head_hash(), sequencer.head_hash());
    EXPECT_TRUE(full.findings.empty());
}

/// What a model may take is the same for all, however much memory one of them has.
TEST_F(ModelFiles, ANodeWithLittleMemoryLoadsWhatBlocksUse) {
    auto sequencer = opening_sequencer();
    post_file(sequencer, file);
    post_blocks(sequencer, 1, 2);
    auto small = member(Role::reads, small_config());
    small.read();
    EXPECT_FALSE(small.deriver->status().waits_for);
    EXPECT_EQ(small.chain().safe_number(), sequencer.chain().head_number());
    EXPECT_EQ(small.head_hash(), sequencer.head_hash());
    EXPECT_TRUE(small.findings.empty());
}

TEST_F(ModelFiles, AModelThatTakesMoreThanEveryNodeHasIsOpenedNowhere) {
    // 2 GiB between an input of two numbers and an output of one.
    auto wide = graph;
    wide.main.tensors.push_back({ml::ElementType::activation, {32'768, 32'768}, 8});
    wide.main.tensors.push_back({ml::ElementType::activation, {1, 1}, 8});
    wide.main.nodes.push_back({ml::Broadcast{}, {1}, {2}, "wide"});
    wide.main.nodes.push_back({ml::ReduceExtremum{ml::Extremum::maximum, {0, 1}}, {2}, {3}, "narrow"});
    wide.main.outputs = {3};
    wide.outputs = {{"y", "", 3, {}}};
    auto sequencer = member(Role::sequences, bare_config());
    register_and_open(sequencer, outcome::bit(Mode::operator_signed), wide);
    const auto& tried = *sequencer.chain().block(2);
    EXPECT_FALSE(tried.receipts.back().succeeded);
    EXPECT_EQ(tried.needed_models(), std::vector{ml::model_id(wide)});
    post_file(sequencer, ml::encode_model(wide));
    post_blocks(sequencer, 1, 2);
    auto small = member(Role::reads, small_config());
    auto large = member(Role::reads, bare_config());
    for (auto* one : {&small, &large}) {
        one->read();
        EXPECT_FALSE(one->deriver->status().waits_for);
        EXPECT_EQ(one->head_hash(), sequencer.head_hash());
        EXPECT_TRUE(one->findings.empty());
    }
}

/// Or a record that is wrong would keep the model from ever being opened.
TEST_F(ModelFiles, ThePosterLooksForFilesAgainWhenItsBlocksLeaveTheChain) {
    const TestFolder folder;
    auto sequencer = opening_sequencer(outcome::bit(Mode::operator_signed));
    advance(2);
    sequencer.read();
    const auto id = base::from_exact<Hash>(ml::model_id(graph));
    PostRecordFile record(folder.path() / "posted");
    ASSERT_TRUE(record.write({0, *sequencer.chain().block_hash(0), 0, {}, {id}}));
    const auto poster = post(*sequencer.node, *layer, folder.path() / "posted");
    ASSERT_TRUE(poster->wait_for(2, kLong));
    sequencer.read();
    EXPECT_EQ(sequencer.kinds(), std::vector{FindingKind::unposted_model});
    ASSERT_EQ(sequencer.chain().head_number(), 1U);
    mine(sequencer);
    ASSERT_FALSE(sequencer.chain().block(2)->needed_models().empty());
    for (int i = 0; i < 2'000 && sequencer.chain().safe_number() < 2U; ++i) {
        std::this_thread::sleep_for(std::chrono::milliseconds{5});
        sequencer.read();
    }
    EXPECT_EQ(sequencer.chain().safe_number(), 2U);
    auto full = member(Role::reads, bare_config());
    full.read();
    EXPECT_EQ(full.head_hash(), sequencer.head_hash());
}

TEST_F(ModelFiles, NobodyOpensWhatCannotBePosted) {
    const auto node = DevChain::open(bare_config());
    ASSERT_TRUE(node->model_store().add(file, "me"));
    const auto source = [&](std::uint64_t most) {
        return PostableModels(std::shared_ptr<outcome::ModelSource>(&node->models(), [](auto*) {}),
                              node->model_store(), node->config().genesis, most);
    };
    EXPECT_TRUE(source(file.size()).load(ml::model_id(graph)));
    EXPECT_EQ(source(file.size() - 1).load(ml::model_id(graph)).error(),
              Error{outcome::OutcomeError::model_missing});
}

}  // namespace
}  // namespace valence::node
