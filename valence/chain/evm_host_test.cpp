// EvmHost over JournaledState against the map of accounts that is MemoryHost: random programs, several
// transactions on one state, compared by what each answers and by the state root after each.
#include "valence/chain/evm_host.hpp"

#include <random>

#include <gtest/gtest.h>

#include "valence/crypto/keccak.hpp"
#include "valence/evm/reference/program.hpp"
#include "valence/evm/reference/scenario.hpp"
#include "valence/state/memory_state.hpp"

namespace valence::chain {
namespace {

using evm::reference::kAbandon;
using evm::reference::kEcho;
using evm::reference::Scenario;
using evm::testing::MemoryHost;

evm::PrecompileResult answer(const evm::Message& m) {
    if (m.code_address == kAbandon) return {evm::Status::abandoned, 0, {}};
    if (m.gas < 100) return {evm::Status::out_of_gas, 0, {}};
    const auto status = m.input.empty() ? evm::Status::revert : evm::Status::success;
    return {status, m.gas - 100, base::to_bytes(m.input)};
}

class TwoPrecompiles final : public Precompiles {
public:
    bool has(const Address& a) const override { return a == kEcho || a == kAbandon; }
    evm::PrecompileResult run(const evm::Message& m, evm::Host&) override { return answer(m); }
};

/// As MemoryHost has them.
class HashesOfNumbers final : public BlockHashes {
public:
    Hash block_hash(std::uint64_t number) const override {
        return crypto::keccak256(U256{number}.to_hash().bytes);
    }
};

state::MemoryState state_of(const Scenario& scenario) {
    state::StateChanges changes;
    for (const auto& [address, account] : scenario.accounts) {
        auto& change = changes.accounts[address];
        const auto hash = crypto::keccak256(account.code);
        change.account = state::Account{account.nonce, account.balance, hash};
        change.storage = account.storage;
        changes.code[hash] = std::make_shared<const Bytes>(account.code);
    }
    state::MemoryState state;
    state.apply(changes);
    return state;
}

void fill(MemoryHost& host, const state::MemoryState& state, evm::Revision revision, const Address& sender) {
    for (const auto& [address, full] : state.accounts()) {
        const auto code = state.code(full.account.code_hash);
        host.put(address, full.account.balance, *code, full.account.nonce);
        for (const auto& [key, value] : full.storage)
            host.put_storage(address, key, value);
    }
    host.precompiles[kEcho] = host.precompiles[kAbandon] = answer;
    host.begin_transaction();
    host.access_account(sender);
    for (const auto& precompile : evm::all_precompiles()) {
        if (precompile.since <= revision) host.access_account(precompile.address);
    }
}

/// The root after the transaction that `host` ran has been finished.
Hash root_of(const MemoryHost& host, evm::Revision revision) {
    const auto destroyed = host.destroyed();
    const auto touched = host.touched();
    std::map<Address, state::FullAccount> accounts;
    for (const auto& [address, account] : host.accounts()) {
        const state::Account fields{account.nonce, account.balance, account.code_hash};
        const bool cleared =
            revision >= evm::Revision::spurious_dragon && touched.contains(address) && fields.is_empty();
        if (!destroyed.contains(address) && !cleared) accounts[address] = {fields, account.storage};
    }
    return state::compute_state_root(accounts);
}

void compare(const Scenario& scenario) {
    const auto base = state_of(scenario);
    state::JournaledState journaled{base};
    TwoPrecompiles precompiles;
    const HashesOfNumbers hashes;
    const auto revision = scenario.revision;
    const auto empty_accounts = revision >= evm::Revision::spurious_dragon ? state::EmptyAccounts::removed
                                                                           : state::EmptyAccounts::kept;
    auto message = scenario.message;
    for (int transaction = 0; transaction < 3; ++transaction) {
        auto before = base;
        before.apply(journaled.changes());
        MemoryHost memory;
        fill(memory, before, revision, message.sender);
        journaled.begin_transaction();
        journaled.warm_account(message.sender);
        EvmHost host{journaled, hashes, &precompiles, revision};

        const auto run = [&](evm::Host& on) {
            return evm::Vm{revision, scenario.block, scenario.transaction, on}.execute(message);
        };
        const auto want = run(memory);
        const auto have = run(host);
        ASSERT_EQ(have.status, want.status);
        ASSERT_EQ(have.gas_left, want.gas_left);
        ASSERT_EQ(have.output, want.output);
        ASSERT_EQ(have.created, want.created);
        ASSERT_EQ(journaled.refund(), memory.refund());
        ASSERT_EQ(host.take_logs(), memory.logs());
        journaled.finish_transaction(empty_accounts);
        auto after = base;
        after.apply(journaled.changes());
        ASSERT_EQ(after.root(), root_of(memory, revision)) << "transaction " << transaction;
        // The next goes to another contract.
        ++message.recipient[19];
        message.code_address = message.recipient;
        if (message.recipient[19] > 3) return;
    }
}

TEST(EvmHost, AnswersAsAMapOfAccountsDoes) {
    std::mt19937_64 random{20'261'122};
    for (int i = 0; i < 2'000 && !testing::Test::HasFatalFailure(); ++i) {
        Bytes entropy(200 + random() % 1200);
        for (auto& b : entropy)
            b = static_cast<std::uint8_t>(random());
        Scenario scenario;
        evm::reference::make_scenario(entropy, scenario);
        SCOPED_TRACE("run " + std::to_string(i) + ", fork " +
                     std::to_string(static_cast<int>(scenario.revision)));
        compare(scenario);
    }
}

}  // namespace
}  // namespace valence::chain
