// From call arguments to the transaction that is run: defaults, gas cap, and what may not stand together.
#pragma once

#include "valence/chain/transaction.hpp"
#include "valence/rpc/error.hpp"
#include "valence/rpc/simulation/base.hpp"
#include "valence/rpc/simulation/call_arguments.hpp"

namespace valence::rpc::simulation {

/// An unsigned transaction for a simulation: absent fees are 0, absent gas is `gas_cap`, more gas than that
/// is cut to it (0: no cap). Errors: both fee styles, another chain's id.
Answer<chain::Transaction> message_of(const CallArguments& arguments, std::uint64_t gas_cap,
                                      std::uint64_t chain_id);

/// The cheapest type that can carry what the arguments name.
chain::TransactionType type_of(const CallArguments& arguments);

/// Whether a run ended because its time was over.
bool is_out_of_time(const Base& base, const Error& error);

/// Which error of geth a broken rule is: "err: … (supplied gas N)" with -32000. One that ran out of time:
/// "execution aborted (timeout = …)".
RpcError rejected_call(const Base& base, const Error& error, std::uint64_t gas_limit);

}  // namespace valence::rpc::simulation
