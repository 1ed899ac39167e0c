// eth_createAccessList: the accounts and slots a transaction touches (EIP-2930).
#pragma once

#include "valence/rpc/simulation/call_arguments.hpp"
#include "valence/rpc/simulation/sandbox.hpp"

namespace valence::rpc::simulation {

struct AccessListResult {
    chain::AccessList access_list;
    /// With that list.
    std::uint64_t gas_used = 0;
    /// How the run failed, in geth's words; empty when it did not.
    std::string error;
};

/// Runs the call again with what it touched until it touches nothing else. Sender, recipient, precompiles and
/// accounts that authorize (EIP-7702) are listed only with slots: they are warm anyway. Errors: a call that
/// may not run at all.
Answer<AccessListResult> create_access_list(const Base& base, CallArguments arguments,
                                            const Overrides& overrides = {}, const Limits& limits = {});

}  // namespace valence::rpc::simulation
