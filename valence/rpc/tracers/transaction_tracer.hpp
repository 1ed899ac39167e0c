// TransactionTracer: a tracer of one whole transaction, whose findings are one JSON value. The tracers of
// geth's debug_trace* methods are each one class, in a file of their own; registry.hpp makes them by name.
//
// Order of calls: on_transaction_start, evm::Tracer's calls frame by frame, on_transaction_end, result.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/json/fwd.hpp>

#include "valence/base/base.hpp"
#include "valence/evm/revision.hpp"
#include "valence/evm/tracer.hpp"
#include "valence/rpc/error.hpp"
#include "valence/state/journaled_state.hpp"

namespace valence::rpc::tracers {

/// Where the transaction stands in the chain; absent hashes belong to calls that stand nowhere.
struct TracePosition {
    std::optional<Hash> block_hash;
    std::uint64_t block_number = 0;
    std::optional<Hash> transaction_hash;
    std::uint64_t transaction_index = 0;
    /// Logs emitted by the block's earlier transactions.
    std::uint64_t first_log_index = 0;
};

/// The transaction before anything of it was done: no gas bought, no nonce incremented, nothing delegated.
struct TransactionStart {
    Address sender;
    /// Nothing for a creation.
    std::optional<Address> to;
    /// Units of gas, the whole limit with the intrinsic part.
    std::uint64_t gas_limit = 0;
    Address coinbase;
    evm::Revision revision = evm::kLatestRevision;
    /// Signers of the EIP-7702 authorizations that could be recovered.
    std::vector<Address> authorities;
    TracePosition position;
    /// The state as it stands at any moment of the run; never null. Reading it makes nothing warm and changes
    /// nothing, which reading through evm::Host would.
    state::JournaledState* state = nullptr;
};

/// Bytes of what one tracer remembers of one transaction; beyond, it gives the run up and finds an error. A
/// run can show a tracer far more than its gas lets it hold: the same memory again with every call.
inline constexpr std::size_t kMostFindings = std::size_t{128} << 20;

/// Says how to see less of a transaction.
RpcError too_many_findings();

class TransactionTracer : public evm::Tracer {
public:
    virtual void on_transaction_start(const TransactionStart&) {}
    /// `gas_used` as the receipt has it: after refunds.
    virtual void on_transaction_end(std::uint64_t gas_used) { static_cast<void>(gas_used); }
    /// The findings as one JSON value. Called once, after on_transaction_end, or after a run that was given
    /// up; then it is an error that says why.
    virtual Answer<std::string> result() = 0;
};

}  // namespace valence::rpc::tracers
