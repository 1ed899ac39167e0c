#include "valence/state/memory_state.hpp"

#include <gtest/gtest.h>

namespace valence::state {
namespace {

constexpr auto kAlice = base::address_from_number(0xa11ce);

StateChanges write(const Address& address, std::map<U256, U256> slots) {
    StateChanges changes;
    auto& change = changes.accounts[address];
    change.account.emplace().nonce = 1;
    change.storage = std::move(slots);
    return changes;
}

TEST(MemoryState, SlotsWrittenWithZeroAreGone) {
    MemoryState state;
    state.apply(write(kAlice, {{1, 7}, {2, 8}}));
    EXPECT_EQ(state.storage(kAlice, 1), U256{7});
    EXPECT_TRUE(state.has_storage(kAlice));
    state.apply(write(kAlice, {{1, 0}, {2, 0}}));
    EXPECT_EQ(state.storage(kAlice, 1), U256{});
    EXPECT_FALSE(state.has_storage(kAlice));
}

TEST(MemoryState, ClearingStorageKeepsOnlyWhatIsWrittenWithIt) {
    MemoryState state;
    state.apply(write(kAlice, {{1, 7}, {2, 8}}));
    auto changes = write(kAlice, {{3, 9}});
    changes.accounts[kAlice].storage_cleared = true;
    state.apply(changes);
    EXPECT_EQ(state.accounts().at(kAlice).storage, (std::map<U256, U256>{{3, 9}}));
}

TEST(MemoryState, AnAccountThatNoLongerExistsLeavesNothing) {
    MemoryState state;
    state.apply(write(kAlice, {{1, 7}}));
    StateChanges changes;
    changes.accounts[kAlice] = {};
    state.apply(changes);
    EXPECT_FALSE(state.account(kAlice));
    EXPECT_EQ(state.root(), kEmptyTrieRoot);
}

TEST(MemoryState, KnowsTheEmptyCodeAndWhatItWasGiven) {
    MemoryState state;
    EXPECT_TRUE(state.code(kEmptyCodeHash)->empty());
    EXPECT_EQ(state.code(Hash{}), nullptr);
    StateChanges changes;
    changes.code[Hash{}] = std::make_shared<const Bytes>(Bytes{0xfe});
    state.apply(changes);
    EXPECT_EQ(*state.code(Hash{}), Bytes{0xfe});
}

}  // namespace
}  // namespace valence::state
