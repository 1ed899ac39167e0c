// Runs code under a tracer, for unit tests: a contract with that code, called once by a funded account.
#pragma once

#include <boost/json.hpp>

#include "valence/chain/evm_host.hpp"
#include "valence/chain/rule_set.hpp"
#include "valence/rpc/simulation/base.hpp"
#include "valence/state/memory_state.hpp"

namespace valence::rpc::testing {

inline constexpr auto kCaller = "0xca11e40000000000000000000000000000000000"_address;
inline constexpr auto kContract = "0xc0de000000000000000000000000000000000000"_address;

/// A state of a few accounts, under Osaka's rules, as the base of simulations and traces.
class TinyChain {
public:
    TinyChain();
    void set_code(const Address& address, Bytes code);
    void set_balance(const Address& address, const U256& balance);
    void set_slot(const Address& address, const U256& key, const U256& value);
    simulation::Base base() const { return {rules_, header_, state_, hashes_, {}}; }

private:
    chain::RuleSet rules_;
    chain::Header header_;
    state::MemoryState state_;
    chain::NoBlockHashes hashes_;
};

/// What the tracer finds in a call of the contract; a failed request gives {"requestError": "…"}.
boost::json::value trace_code(std::string_view tracer, std::string_view config, std::string_view code,
                              std::string_view calldata = "0x");

}  // namespace valence::rpc::testing
