#include "valence/state/trie/trie_work.hpp"

#include <random>

#include <gtest/gtest.h>

#include "valence/crypto/keccak.hpp"
#include "valence/state/trie/full_root.hpp"
#include "valence/state/trie/map_source.hpp"

namespace valence::state {
namespace {

using Change = LeafUpdate::Change;
using Model = std::map<Hash, Bytes>;

Hash root_from_scratch(const Model& model) {
    std::vector<Leaf> leaves;
    for (const auto& [key, value] : model)
        leaves.push_back({base::to_bytes(key), value});
    return trie_root(leaves);
}

/// What an update does to the leaves; nothing removes.
using Updates = std::map<Hash, std::optional<Bytes>>;

/// Runs an update and stores what it changed; the new root.
Hash run(MapSource& store, const Updates& updates) {
    std::vector<LeafUpdate> sorted;
    for (const auto& [key, value] : updates) {
        sorted.push_back(
            {key, value ? BytesView{*value} : BytesView{}, value ? Change::set : Change::remove});
    }
    TrieWork work(store);
    auto& trie = work.add(account_trie_prefix(), sorted);
    work.load();
    WorkedTrie* const tries[] = {&trie};
    work.apply(tries);
    work.hash();
    const auto root = TrieWork::root(trie);
    store.store(work.take_writes());
    return root;
}

void apply_to(Model& model, const Updates& updates) {
    for (const auto& [key, value] : updates) {
        if (value) {
            model[key] = *value;
        } else {
            model.erase(key);
        }
    }
}

/// The store a trie with these leaves has when it is built in one go: what any history must end in.
std::map<Bytes, Bytes> store_from_scratch(const Model& model) {
    MapSource store;
    Updates updates;
    for (const auto& [key, value] : model)
        updates[key] = value;
    run(store, updates);
    return store.rows();
}

Hash key_of(std::string_view hex) {
    const auto bytes = *base::from_hex(hex);
    Hash key;
    std::copy(bytes.begin(), bytes.end(), key.begin());
    return key;
}

TEST(TrieWork, OfNothingHasTheEmptyRootAndStoresNothing) {
    MapSource store;
    EXPECT_EQ(run(store, {}), kEmptyTrieRoot);
    EXPECT_EQ(run(store, {{key_of("01"), std::nullopt}}), kEmptyTrieRoot);
    EXPECT_TRUE(store.rows().empty());
}

TEST(TrieWork, SplitsAndFoldsExtensions) {
    // Each step with the leaves it sets or removes; the trie is checked against one built from scratch after
    // each.
    const Bytes value(40, 7);
    const std::vector<Updates> steps{
        {{key_of("1234567800"), value}},                                 // a leaf
        {{key_of("1234567900"), value}},                                 // extension 1234567 and branch
        {{key_of("1234000000"), value}},                                 // the extension is split inside
        {{key_of("0234000000"), value}},                                 // … and at its first nibble
        {{key_of("1234567810"), value}, {key_of("1234567820"), value}},  // deeper below a leaf
        {{key_of("1234000000"), std::nullopt}},                          // branch folds into an extension
        {{key_of("0234000000"), std::nullopt}},                          // root branch folds away
        {{key_of("1234567900"), std::nullopt}, {key_of("90"), value}},   // fold below, split above
        {{key_of("1234567810"), std::nullopt}, {key_of("1234567820"), std::nullopt}},  // fold to a leaf
        {{key_of("90"), std::nullopt}},                                                // root is a leaf again
        {{key_of("1234567800"), std::nullopt}},                                        // nothing left
    };
    MapSource store;
    Model model;
    for (std::size_t i = 0; i < steps.size(); ++i) {
        Updates step;
        for (const auto& [key, change] : steps[i])
            step[key] = change;
        apply_to(model, step);
        EXPECT_EQ(run(store, step), root_from_scratch(model)) << "step " << i;
        EXPECT_EQ(store.rows(), store_from_scratch(model)) << "step " << i;
    }
    EXPECT_TRUE(store.rows().empty());
}

TEST(TrieWork, WritingTheSameValueAgainChangesNoRow) {
    MapSource store;
    Updates updates;
    for (std::uint8_t i = 0; i < 100; ++i)
        updates[crypto::keccak256(BytesView{&i, 1})] = Bytes(33, i);
    const auto root = run(store, updates);
    std::vector<LeafUpdate> same;
    for (const auto& [key, value] : updates)
        same.push_back({key, *value, Change::set});
    TrieWork work(store);
    auto& trie = work.add(account_trie_prefix(), same);
    work.load();
    WorkedTrie* const tries[] = {&trie};
    work.apply(tries);
    work.hash();
    EXPECT_EQ(TrieWork::root(trie), root);
    EXPECT_TRUE(work.take_writes().empty());
}

struct Workload {
    const char* name;
    /// Keys share all but the last of their bytes beyond this one, so that small values embed nodes in their
    /// parents.
    std::size_t varied_bytes;
    std::uint8_t alphabet;
    std::size_t value_size;
    int rounds;
    std::size_t keys_a_round;
};

class TrieWorkRandom : public testing::TestWithParam<Workload> {};

TEST_P(TrieWorkRandom, EndsAsIfBuiltFromScratch) {
    const auto& load = GetParam();
    std::mt19937_64 random(7);
    MapSource store;
    Model model;
    for (int round = 0; round < load.rounds; ++round) {
        Updates updates;
        for (std::size_t i = 0; i < load.keys_a_round; ++i) {
            Hash key;
            for (std::size_t b = 0; b < load.varied_bytes; ++b) {
                const auto at = b % 2 == 0 ? b / 2 : 31 - b / 2;
                key[at] = static_cast<std::uint8_t>(random() % load.alphabet * (256 / load.alphabet));
            }
            if (round % 4 == 3 || random() % 3 == 0) {
                updates[key] = std::nullopt;
            } else {
                updates[key] =
                    Bytes(1 + random() % load.value_size, static_cast<std::uint8_t>(1 + random() % 255));
            }
        }
        // Now and then remove nearly all, so that whole subtrees fold.
        if (round % 7 == 6) {
            for (const auto& [key, value] : model) {
                if (random() % 16 != 0) updates[key] = std::nullopt;
            }
        }
        apply_to(model, updates);
        ASSERT_EQ(run(store, updates), root_from_scratch(model)) << "round " << round;
        ASSERT_EQ(store.rows(), store_from_scratch(model)) << "round " << round;
    }
}

INSTANTIATE_TEST_SUITE_P(Workloads, TrieWorkRandom,
                         testing::Values(Workload{"Sparse", 32, 255, 80, 30, 60},
                                         Workload{"Dense", 4, 4, 40, 60, 30},
                                         Workload{"Embedded", 3, 6, 2, 60, 20},
                                         Workload{"DeepEmbedded", 6, 3, 1, 60, 30},
                                         Workload{"Large", 32, 255, 32, 4, 3000}),
                         [](const auto& instance) { return instance.param.name; });

}  // namespace
}  // namespace valence::state
