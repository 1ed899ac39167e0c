#include <gtest/gtest.h>

#include "valence/state/state_database.hpp"
#include "valence/state/testing.hpp"

namespace valence::state {
namespace {

using testing::hash_of_number;
using testing::RandomChanges;

std::unique_ptr<StateDatabase> open(std::uint64_t proof_depth = 1024) {
    StateOptions options;
    options.cache_bytes = 8 << 20;
    options.proof_depth = proof_depth;
    auto opened = StateDatabase::open(options);
    VALENCE_CHECK(opened.has_value());
    return std::move(opened).value();
}

void expect_walks_over(const StateWalk& walk, const MemoryState& state) {
    auto expected = state.accounts().begin();
    walk.accounts([&](const Address& address, const WalkedAccount& walked) {
        EXPECT_NE(expected, state.accounts().end());
        if (expected == state.accounts().end()) return Visit::stop;
        EXPECT_EQ(address, expected->first);
        EXPECT_EQ(walked.account, expected->second.account);
        std::map<U256, U256> slots;
        std::optional<U256> last;
        walk.slots(address, [&](const U256& slot, const U256& value) {
            EXPECT_TRUE(!last || *last < slot);
            last = slot;
            slots.emplace(slot, value);
            return Visit::go_on;
        });
        EXPECT_EQ(slots, expected->second.storage);
        EXPECT_NE(walk.code(walked.account.code_hash), nullptr);
        ++expected;
        return Visit::go_on;
    });
    EXPECT_EQ(expected, state.accounts().end());
}

TEST(StateWalk, VisitsEveryBlocksStateInOrder) {
    constexpr std::uint64_t kBlocks = 40;
    const auto db = open();
    RandomChanges random(7);
    std::vector<MemoryState> states(1);
    for (std::uint64_t number = 0; number <= kBlocks; ++number) {
        auto state = states.back();
        const auto changes = random.next(state);
        state.apply(changes);
        ASSERT_TRUE(db->commit(number, hash_of_number(number), db->prepare(changes)));
        states.push_back(std::move(state));
    }
    for (std::uint64_t number = 0; number <= kBlocks; ++number) {
        const auto walk = db->walk(number);
        ASSERT_TRUE(walk) << number;
        expect_walks_over(*walk.value(), states[number + 1]);
    }
}

TEST(StateWalk, VisitsChangesOnTopOfABlock) {
    constexpr std::uint64_t kBlocks = 20;
    const auto db = open();
    RandomChanges random(11);
    std::vector<MemoryState> states(1);
    for (std::uint64_t number = 0; number <= kBlocks; ++number) {
        auto state = states.back();
        const auto changes = random.next(state);
        state.apply(changes);
        ASSERT_TRUE(db->commit(number, hash_of_number(number), db->prepare(changes)));
        states.push_back(std::move(state));
    }
    for (std::uint64_t number = 0; number <= kBlocks; ++number) {
        auto state = states[number + 1];
        const auto later = random.next(state);
        state.apply(later);
        const auto walk = db->walk(number, later);
        ASSERT_TRUE(walk) << number;
        expect_walks_over(*walk.value(), state);
    }
}

TEST(StateWalk, KnowsTheRootsOfUnchangedStorage) {
    const auto alice = base::address_from_number(1);
    const auto db = open();
    StateChanges changes;
    changes.accounts[alice].account.emplace().nonce = 1;
    changes.accounts[alice].storage[U256{5}] = U256{6};
    ASSERT_TRUE(db->commit(0, hash_of_number(0), db->prepare(changes)));
    const auto proof = db->prove(0, alice, {});
    ASSERT_TRUE(proof);
    const auto root_with = [&](const StateChanges& later) {
        std::optional<Hash> root;
        const auto walk = db->walk(0, later);
        walk.value()->accounts([&](const Address&, const WalkedAccount& walked) {
            root = walked.storage_root;
            return Visit::go_on;
        });
        return root;
    };
    EXPECT_EQ(root_with({}), proof.value().storage_root);
    StateChanges richer;
    richer.accounts[alice].account.emplace().balance = 7;
    EXPECT_EQ(root_with(richer), proof.value().storage_root);
    richer.accounts[alice].storage[U256{5}] = U256{7};
    EXPECT_EQ(root_with(richer), std::nullopt);
}

TEST(StateWalk, ShowsOneMoment) {
    const auto alice = base::address_from_number(1);
    const auto db = open();
    StateChanges changes;
    changes.accounts[alice].account.emplace().balance = 1;
    ASSERT_TRUE(db->commit(0, hash_of_number(0), db->prepare(changes)));
    const auto walk = db->walk(0);
    ASSERT_TRUE(walk);
    changes.accounts[alice].account->balance = 2;
    ASSERT_TRUE(db->commit(1, hash_of_number(1), db->prepare(changes)));
    U256 seen;
    walk.value()->accounts([&](const Address&, const WalkedAccount& walked) {
        seen = walked.account.balance;
        return Visit::go_on;
    });
    EXPECT_EQ(seen, U256{1});
}

TEST(StateWalk, StopsWhenItIsTold) {
    const auto db = open();
    StateChanges changes;
    for (std::uint64_t i = 1; i <= 5; ++i)
        changes.accounts[base::address_from_number(i)].account.emplace().nonce = i;
    ASSERT_TRUE(db->commit(0, hash_of_number(0), db->prepare(changes)));
    std::size_t visited = 0;
    db->walk(0).value()->accounts(
        [&](const Address&, const WalkedAccount&) { return ++visited == 2 ? Visit::stop : Visit::go_on; });
    EXPECT_EQ(visited, 2U);
}

TEST(StateWalk, IsRefusedWhereTheStateIsNotKept) {
    const auto db = open(1);
    EXPECT_EQ(db->walk(0).error().code, make_error_code(StateError::not_initialised));
    for (std::uint64_t number = 0; number < 3; ++number)
        ASSERT_TRUE(db->commit(number, hash_of_number(number), db->prepare({})));
    EXPECT_EQ(db->walk(3).error().code, make_error_code(StateError::unknown_block));
    EXPECT_EQ(db->walk(0).error().code, make_error_code(StateError::pruned));
    EXPECT_TRUE(db->walk(1));
}

}  // namespace
}  // namespace valence::state
