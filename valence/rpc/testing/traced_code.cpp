#include "valence/rpc/testing/traced_code.hpp"

#include "valence/crypto/keccak.hpp"
#include "valence/rpc/tracers/trace_call.hpp"

namespace valence::rpc::testing {

namespace json = boost::json;

TinyChain::TinyChain() : rules_(chain::rules_of_revision(evm::Revision::osaka)) {
    header_.number = 1;
    header_.timestamp = 1;
    header_.gas_limit = 30'000'000;
    header_.base_fee = 7;
    header_.excess_blob_gas = 0;
    header_.blob_gas_used = 0;
    set_balance(kCaller, U256{1'000'000'000'000'000'000});
}

void TinyChain::set_code(const Address& address, Bytes code) {
    state::StateChanges changes;
    auto account = state_.account(address).value_or(state::Account{});
    account.code_hash = crypto::keccak256(code);
    changes.code[account.code_hash] = std::make_shared<const Bytes>(std::move(code));
    changes.accounts[address].account = account;
    state_.apply(changes);
}

void TinyChain::set_balance(const Address& address, const U256& balance) {
    state::StateChanges changes;
    auto account = state_.account(address).value_or(state::Account{});
    account.balance = balance;
    changes.accounts[address].account = account;
    state_.apply(changes);
}

void TinyChain::set_slot(const Address& address, const U256& key, const U256& value) {
    state::StateChanges changes;
    auto& change = changes.accounts[address];
    change.account = state_.account(address).value_or(state::Account{});
    change.storage[key] = value;
    state_.apply(changes);
}

json::value trace_code(std::string_view tracer, std::string_view config, std::string_view code,
                       std::string_view calldata) {
    TinyChain chain;
    chain.set_code(kContract, base::from_hex(code).value());
    simulation::CallArguments arguments;
    arguments.from = kCaller;
    arguments.to = kContract;
    arguments.gas = 100'000;
    arguments.input = base::from_hex(calldata).value();
    tracers::TraceOptions options;
    options.tracer = tracer;
    options.config = json::parse(config);
    const auto findings = tracers::trace_call(chain.base(), arguments, options);
    if (findings.has_error()) return {{"requestError", findings.error().message}};
    return json::parse(findings.value());
}

}  // namespace valence::rpc::testing
