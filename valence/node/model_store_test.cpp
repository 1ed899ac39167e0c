// A node's own store of models: where it lies, and what never leaves it.
#include "valence/compute/model_store/model_store.hpp"

#include <filesystem>

#include "valence/chain/inference/registry_view.hpp"
#include "valence/compute/testing/models.hpp"
#include "valence/node/testing.hpp"

namespace valence::node {
namespace {

using compute::testing::dense_model;
using compute::testing::TestFolder;
using outcome::Mode;

/// As the registry would have it.
void enter(Node& node, const ml::ModelId& id, outcome::ModeSet modes, std::uint64_t opens_at) {
    node.set_storage(chain::kModelRegistry, chain::policy_slot(id),
                     chain::encode_policy({base::address_from_number(7), modes, 0, opens_at}));
}

TEST(NodeModels, AModelOpenForReplayNeverGivesWay) {
    const testing::DevChain chain;
    auto config = chain.config();
    config.model_store.disk_bytes = 2 * dense_model(1).size();
    const auto node = testing::DevChain::open(std::move(config));
    auto& store = node->model_store();
    const auto open = store.add(dense_model(1, 1), "me").value()->id;
    enter(*node, open, outcome::bit(Mode::replay), 1);
    EXPECT_TRUE(store.is_kept(open));
    for (std::uint64_t seed = 2; seed < 6; ++seed)
        ASSERT_TRUE(store.add(dense_model(1, seed), "me"));
    EXPECT_TRUE(store.holds(open));
    EXPECT_EQ(store.list().size(), 2U);
}

TEST(NodeModels, AModelThatNobodyReplaysMayGo) {
    const testing::DevChain chain;
    const auto node = chain.open();
    auto& store = node->model_store();
    const auto id = store.add(dense_model(1), "me").value()->id;
    EXPECT_FALSE(store.is_kept(id)) << "unknown to the registry";
    enter(*node, id, outcome::bit(Mode::replay), 0);
    EXPECT_FALSE(store.is_kept(id)) << "not open";
    enter(*node, id, outcome::bit(Mode::operator_signed), 1);
    EXPECT_FALSE(store.is_kept(id)) << "open, but not for REPLAY";
}

TEST(NodeModels, LieBesideTheChain) {
    const TestFolder folder;
    const testing::DevChain chain;
    auto config = chain.config();
    config.folder = folder.path() / "state";
    ml::ModelId id;
    {
        const auto node = testing::DevChain::open(config);
        id = node->model_store().add(dense_model(1), "me").value()->id;
    }
    EXPECT_TRUE(
        std::filesystem::exists(*config.folder / "models" / "files" / (base::to_hex(id) + ".vmodel")));
    const auto node = testing::DevChain::open(config);
    EXPECT_TRUE(node->models().load(id));
}

}  // namespace
}  // namespace valence::node
