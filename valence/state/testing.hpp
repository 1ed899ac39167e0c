// What the tests of this module share: random changes.
#pragma once

#include <random>

#include "valence/base/testing/test_folder.hpp"
#include "valence/state/memory_state.hpp"

namespace valence::state::testing {

using base::testing::TestFolder;

inline Hash hash_of_number(std::uint64_t n) { return U256{n}.to_hash(); }

/// Changes as blocks make them, over few accounts and slots so that they meet often.
class RandomChanges {
public:
    explicit RandomChanges(std::uint64_t seed, std::uint64_t accounts = 24, std::uint64_t slots = 40)
        : random_(seed), accounts_(accounts), slots_(slots) {}

    Address address() { return base::address_from_number(1 + random_() % accounts_); }
    U256 slot() { return U256{random_() % slots_} << (random_() % 2 * 200); }
    std::uint64_t below(std::uint64_t limit) { return random_() % limit; }

    StateChanges next(const MemoryState& state) {
        StateChanges changes;
        const auto count = below(8);
        for (std::uint64_t i = 0; i < count; ++i) {
            const auto who = address();
            const auto before = state.account(who);
            auto& change = changes.accounts[who];
            change = {};
            if (before && below(12) == 0) {
                change.storage_cleared = true;
                continue;
            }
            auto& account = change.account.emplace(before.value_or(Account{}));
            ++account.nonce;
            account.balance += U256{below(1000)};
            if (below(6) == 0) {
                const Bytes code(1 + below(100), static_cast<std::uint8_t>(below(256)));
                account.code_hash = hash_of_number(code.size() << 8 | code[0]);
                changes.code[account.code_hash] = std::make_shared<const Bytes>(code);
            }
            change.storage_cleared = below(15) == 0;
            const auto writes = below(3) == 0 ? below(30) : 0;
            for (std::uint64_t s = 0; s < writes; ++s) {
                change.storage[slot()] = below(3) == 0 ? U256{} : U256{1 + below(300)} << below(2) * 100;
            }
        }
        return changes;
    }

private:
    std::mt19937_64 random_;
    std::uint64_t accounts_;
    std::uint64_t slots_;
};

}  // namespace valence::state::testing
