#include "valence/state/trie/full_root.hpp"

#include <gtest/gtest.h>

namespace valence::state {
namespace {

Leaf text_leaf(std::string_view key, std::string_view value) {
    return {base::to_bytes(base::as_bytes(key)), base::to_bytes(base::as_bytes(value))};
}

TEST(FullRoot, OfNothingIsTheEmptyTrieRoot) {
    EXPECT_EQ(trie_root({}), kEmptyTrieRoot);
    EXPECT_EQ(list_root(std::span<const Bytes>{}), kEmptyTrieRoot);
    EXPECT_EQ(compute_state_root({}), kEmptyTrieRoot);
}

// Roots of ethereum/tests TrieTests/trieanyorder.json.
TEST(FullRoot, TakesKeysThatArePrefixesOfOthers) {
    const std::vector<Leaf> puppy{text_leaf("do", "verb"), text_leaf("dog", "puppy"),
                                  text_leaf("doge", "coin"), text_leaf("horse", "stallion")};
    EXPECT_EQ(trie_root(puppy), "0x5991bb8c6514148a29db676a14ac506cd2cd5775ace63c30a4fe457715e9ac84"_hash);
    const std::vector<Leaf> dogs{text_leaf("doe", "reindeer"), text_leaf("dog", "puppy"),
                                 text_leaf("dogglesworth", "cat")};
    EXPECT_EQ(trie_root(dogs), "0x8aad789dff2f538bca5d8ea56e8abe10f4c7ba3a5dea95fea4cd6e7c3a1168d3"_hash);
}

TEST(FullRoot, OfHashedKeysTakesThemInAnyOrder) {
    const std::vector<Leaf> puppy{text_leaf("horse", "stallion"), text_leaf("dog", "puppy"),
                                  text_leaf("doge", "coin"), text_leaf("do", "verb")};
    EXPECT_EQ(secure_trie_root(puppy),
              "0x29b235a58c3c25ab83010c327d5932bcf05324b7d6b1185e650798034783ca9d"_hash);
}

TEST(FullRoot, OfAListSortsIndicesAsTheirRlpSorts) {
    // Against the definition, for lengths around the places where rlp(index) changes its form.
    for (const std::size_t count : {1u, 2u, 127u, 128u, 129u, 255u, 256u, 257u, 300u}) {
        std::vector<Bytes> items;
        std::map<Bytes, Bytes> by_key;
        for (std::size_t i = 0; i < count; ++i) {
            items.push_back(Bytes(40, static_cast<std::uint8_t>(i)));
            Bytes key;
            if (i == 0) {
                key = {0x80};
            } else if (i < 128) {
                key = {static_cast<std::uint8_t>(i)};
            } else if (i < 256) {
                key = {0x81, static_cast<std::uint8_t>(i)};
            } else {
                key = {0x82, static_cast<std::uint8_t>(i >> 8), static_cast<std::uint8_t>(i)};
            }
            by_key[key] = items.back();
        }
        std::vector<Leaf> leaves;
        for (const auto& [key, value] : by_key)
            leaves.push_back({key, value});
        EXPECT_EQ(list_root(items), trie_root(leaves)) << count;
    }
}

// The account of ethereum/tests TrieTests/hex_encoded_securetrie_test.json, test1.
TEST(FullRoot, AccountLeafIsRlpOfNonceBalanceStorageRootAndCodeHash) {
    Account account;
    account.nonce = 1;
    account.balance = U256{0x5f446a7};
    EXPECT_EQ(base::to_hex(encode_account_leaf(account, kEmptyTrieRoot)),
              "f848018405f446a7a056e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421"
              "a0c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470");
}

TEST(FullRoot, LeavesOutSlotsThatAreZero) {
    EXPECT_EQ(storage_root({{U256{1}, U256{0}}}), kEmptyTrieRoot);
    EXPECT_EQ(storage_root({{U256{1}, U256{0}}, {U256{2}, U256{7}}}), storage_root({{U256{2}, U256{7}}}));
}

}  // namespace
}  // namespace valence::state
