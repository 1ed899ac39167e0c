#include "valence/node/dev_accounts.hpp"

#include <gtest/gtest.h>

namespace valence::node {
namespace {

TEST(DevAccounts, test_mnemonic_gives_the_accounts_every_dev_node_shows) {
    const auto accounts = derive_dev_accounts(kDevMnemonic, 10);
    ASSERT_TRUE(accounts.has_value());
    ASSERT_EQ(accounts.value().size(), 10u);
    EXPECT_EQ(accounts.value()[0].address, "0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266"_address);
    EXPECT_EQ(accounts.value()[0].private_key,
              "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80"_hash);
    EXPECT_EQ(accounts.value()[1].address, "0x70997970c51812dc3a010c7d01b50e0d17dc79c8"_address);
    EXPECT_EQ(accounts.value()[9].address, "0xa0ee7a142d267c1f36714e4a8f75612f20a79720"_address);
}

TEST(DevAccounts, spaces_between_words_do_not_matter) {
    const auto plain = derive_dev_accounts("one two three", 1);
    const auto spaced = derive_dev_accounts("  one \n two\tthree ", 1);
    ASSERT_TRUE(plain.has_value() && spaced.has_value());
    EXPECT_EQ(plain.value()[0].address, spaced.value()[0].address);
}

TEST(DevAccounts, an_empty_mnemonic_is_refused) { EXPECT_FALSE(derive_dev_accounts("  ", 1).has_value()); }

}  // namespace
}  // namespace valence::node
