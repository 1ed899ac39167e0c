// MemoryState: a whole state in ordered maps, for fixtures and tests: simple rather than fast.
#pragma once

#include "valence/state/changes.hpp"
#include "valence/state/trie/full_root.hpp"

namespace valence::state {

class MemoryState final : public StateReader {
public:
    std::optional<Account> account(const Address&) const override;
    U256 storage(const Address&, const U256& key) const override;
    SharedCode code(const Hash&) const override;
    bool has_storage(const Address&) const override;

    void apply(const StateChanges&);
    /// The state root, made from scratch.
    Hash root() const { return compute_state_root(accounts_); }

    const std::map<Address, FullAccount>& accounts() const { return accounts_; }

private:
    std::map<Address, FullAccount> accounts_;
    std::map<Hash, SharedCode> code_;
};

}  // namespace valence::state
