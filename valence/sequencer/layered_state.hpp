// LayeredState: a state with changes on top of it that are stored nowhere (yet).
#pragma once

#include <memory>

#include "valence/state/changes.hpp"
#include "valence/state/reader.hpp"

namespace valence::sequencer {

class LayeredState final : public state::StateReader {
public:
    LayeredState(std::shared_ptr<const state::StateReader> base, state::StateChanges changes)
        : base_(std::move(base)), changes_(std::move(changes)) {}

    std::optional<state::Account> account(const Address& address) const override;
    U256 storage(const Address& address, const U256& key) const override;
    state::SharedCode code(const Hash& hash) const override;
    bool has_storage(const Address& address) const override;

private:
    const state::AccountChange* change_of(const Address& address) const;

    std::shared_ptr<const state::StateReader> base_;
    state::StateChanges changes_;
};

/// Adds to `changes` what was done after them.
void append_changes(state::StateChanges& changes, const state::StateChanges& later);

}  // namespace valence::sequencer
