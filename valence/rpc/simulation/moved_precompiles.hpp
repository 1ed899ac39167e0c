// MovedPrecompiles: Ethereum's precompiles under the state overrides of a simulation, which may move them to
// other addresses or put code in their place.
#pragma once

#include <map>
#include <set>

#include "valence/evm/precompiles/precompiles.hpp"
#include "valence/rpc/error.hpp"
#include "valence/rpc/simulation/interruptible.hpp"
#include "valence/rpc/simulation/overrides.hpp"
#include "valence/state/journaled_state.hpp"

namespace valence::rpc::simulation {

class MovedPrecompiles final : public Interruptible {
public:
    MovedPrecompiles(evm::Revision revision, const Deadline& deadline)
        : Interruptible(deadline), revision_(revision) {}

    /// Changes the state as if by a transaction of its own, and the precompiles with it. Errors as geth's:
    /// both storage overrides, an account to move that is no precompile, a destination that is overridden
    /// itself.
    Answer<void> apply(const StateOverrides& overrides, state::JournaledState& state);

    bool has(const Address& address) const override {
        return moved_.contains(address) || Interruptible::has(address);
    }
    bool allows_builtin(const Address& address) const override { return !hidden_.contains(address); }
    evm::PrecompileResult run(const evm::Message& message, evm::Host& host) override;

    /// A precompile answers at this address.
    bool answers_at(const Address& address) const;

private:
    Answer<void> move(const Address& from, const Address& to, const StateOverrides& overrides);

    evm::Revision revision_;
    std::map<Address, const evm::Precompile*> moved_;
    std::set<Address> hidden_;
};

}  // namespace valence::rpc::simulation
