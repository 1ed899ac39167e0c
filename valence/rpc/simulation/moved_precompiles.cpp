#include "valence/rpc/simulation/moved_precompiles.hpp"

#include <fmt/format.h>

#include "valence/rpc/json_writer.hpp"

namespace valence::rpc::simulation {

namespace {

void override_storage(state::JournaledState& state, const Address& address, const AccountOverride& account) {
    if (account.state) {
        state.clear_storage(address);
        for (const auto& [key, value] : *account.state)
            state.set_storage(address, key, value);
    }
    if (account.state_diff) {
        for (const auto& [key, value] : *account.state_diff)
            state.set_storage(address, key, value);
    }
}

}  // namespace

bool MovedPrecompiles::answers_at(const Address& address) const {
    if (moved_.contains(address)) return true;
    return !hidden_.contains(address) && evm::find_precompile(address, revision_) != nullptr;
}

Answer<void> MovedPrecompiles::move(const Address& from, const Address& to, const StateOverrides& overrides) {
    const auto* precompile = evm::find_precompile(from, revision_);
    if (precompile == nullptr) {
        return server_error(fmt::format("account {} is not a precompile", checksummed_address(from)));
    }
    if (overrides.contains(to)) {
        return server_error(fmt::format("account {} is already overridden", checksummed_address(to)));
    }
    moved_[to] = precompile;
    return success();
}

Answer<void> MovedPrecompiles::apply(const StateOverrides& overrides, state::JournaledState& state) {
    state.begin_transaction();
    for (const auto& [address, account] : overrides) {
        if (account.state && account.state_diff) {
            return server_error(
                fmt::format("account {} has both 'state' and 'stateDiff'", checksummed_address(address)));
        }
        if (account.move_precompile_to) {
            BOOST_OUTCOME_TRY(move(address, *account.move_precompile_to, overrides));
        }
        hidden_.insert(address);
        if (account.nonce) state.set_nonce(address, *account.nonce);
        if (account.code) state.set_code(address, *account.code);
        if (account.balance) state.set_balance(address, *account.balance);
        override_storage(state, address, account);
    }
    state.finish_transaction(state::EmptyAccounts::kept);
    return success();
}

evm::PrecompileResult MovedPrecompiles::run(const evm::Message& message, evm::Host& host) {
    const auto moved = moved_.find(message.code_address);
    if (moved == moved_.end()) return Interruptible::run(message, host);
    return moved->second->run(message.input, message.gas, revision_);
}

}  // namespace valence::rpc::simulation
