#include "valence/state/journaled_state.hpp"

#include <gtest/gtest.h>

#include "valence/state/memory_state.hpp"

namespace valence::state {
namespace {

constexpr auto kA = base::address_from_number(0xa);
constexpr auto kB = base::address_from_number(0xb);
constexpr auto kRipemd160 = base::address_from_number(3);

/// A state where kA has balance 10 and slot 1 = 5, and address 3 exists, empty.
class JournaledStateTest : public testing::Test {
protected:
    JournaledStateTest() {
        StateChanges changes;
        changes.accounts[kA] = {Account{1, 10, kEmptyCodeHash}, false, {{1, 5}}};
        changes.accounts[kRipemd160].account = Account{};
        base_.apply(changes);
        state_.begin_transaction();
    }

    MemoryState base_;
    JournaledState state_{base_};
};

TEST_F(JournaledStateTest, UntouchedStateHasNoChanges) {
    EXPECT_EQ(state_.balance(kA), U256{10});
    EXPECT_EQ(state_.storage(kA, 1), U256{5});
    EXPECT_FALSE(state_.exists(kB));
    EXPECT_TRUE(state_.changes().accounts.empty());
}

TEST_F(JournaledStateTest, RevertRestoresEverything) {
    const auto before = state_.checkpoint();
    state_.set_balance(kA, 1);
    state_.set_nonce(kB, 7);
    state_.set_code(kB, {1, 2});
    state_.set_storage(kA, 1, 6);
    state_.set_transient_storage(kA, 1, 9);
    state_.add_refund(100);
    state_.count_log();
    EXPECT_FALSE(state_.warm_account(kA));
    EXPECT_FALSE(state_.warm_slot(kA, 1));
    EXPECT_TRUE(state_.warm_slot(kA, 1));
    EXPECT_TRUE(state_.destroy(kA));
    state_.revert_to(before);
    EXPECT_EQ(state_.balance(kA), U256{10});
    EXPECT_FALSE(state_.exists(kB));
    EXPECT_TRUE(state_.code(kB)->empty());
    EXPECT_EQ(state_.storage(kA, 1), U256{5});
    EXPECT_EQ(state_.transient_storage(kA, 1), U256{});
    EXPECT_EQ(state_.refund(), 0);
    EXPECT_EQ(state_.log_count(), 0u);
    EXPECT_FALSE(state_.warm_account(kA));
    EXPECT_FALSE(state_.warm_slot(kA, 1));
    EXPECT_TRUE(state_.destroy(kA));
    state_.revert_to(before);
    state_.finish_transaction(EmptyAccounts::removed);
    EXPECT_TRUE(state_.changes().accounts.empty());
}

TEST_F(JournaledStateTest, OriginalValueIsThatOfTheTransactionsStart) {
    state_.set_storage(kA, 1, 6);
    EXPECT_EQ(state_.access_slot(kA, 1).original, U256{5});
    state_.finish_transaction(EmptyAccounts::removed);
    state_.begin_transaction();
    const auto slot = state_.access_slot(kA, 1);
    EXPECT_EQ(slot.original, U256{6});
    EXPECT_FALSE(slot.was_warm);
}

TEST_F(JournaledStateTest, DestroyedAccountsLoseTheirStorage) {
    state_.destroy(kA);
    state_.finish_transaction(EmptyAccounts::removed);
    EXPECT_FALSE(state_.exists(kA));
    EXPECT_FALSE(state_.has_storage(kA));
    state_.begin_transaction();
    state_.set_balance(kA, 3);
    EXPECT_EQ(state_.storage(kA, 1), U256{});
    state_.finish_transaction(EmptyAccounts::removed);
    const auto changes = state_.changes();
    EXPECT_TRUE(changes.accounts.at(kA).storage_cleared);
    EXPECT_EQ(changes.accounts.at(kA).account->balance, U256{3});
}

TEST_F(JournaledStateTest, TouchedEmptyAccountsGoUnlessTheTouchIsReverted) {
    state_.add_balance(kB, 0);
    state_.finish_transaction(EmptyAccounts::kept);
    EXPECT_TRUE(state_.exists(kB));
    state_.begin_transaction();
    const auto before = state_.checkpoint();
    state_.touch(kB);
    state_.revert_to(before);
    state_.finish_transaction(EmptyAccounts::removed);
    EXPECT_TRUE(state_.exists(kB));
    state_.begin_transaction();
    state_.touch(kB);
    state_.finish_transaction(EmptyAccounts::removed);
    EXPECT_FALSE(state_.exists(kB));
}

TEST_F(JournaledStateTest, TheTouchOfRipemd160OutlivesReverts) {
    const auto before = state_.checkpoint();
    state_.touch(kRipemd160);
    state_.revert_to(before);
    state_.finish_transaction(EmptyAccounts::removed);
    EXPECT_FALSE(state_.exists(kRipemd160));
}

TEST_F(JournaledStateTest, ChangesHoldOnlyWhatDiffers) {
    state_.set_storage(kA, 1, 6);
    state_.set_storage(kA, 2, 7);
    state_.set_storage(kA, 1, 5);
    state_.set_code(kB, {0xfe});
    state_.finish_transaction(EmptyAccounts::removed);
    const auto changes = state_.changes();
    EXPECT_EQ(changes.accounts.at(kA).storage, (std::map<U256, U256>{{2, 7}}));
    EXPECT_EQ(*changes.code.at(changes.accounts.at(kB).account->code_hash), Bytes{0xfe});
}

}  // namespace
}  // namespace valence::state
