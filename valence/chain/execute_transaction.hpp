// execute_transaction: the one function that runs a transaction, for sequencer, full node, simulation and
// tracing. Pure: its result follows from rules, block context, state, transaction and precompiles alone.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>

#include "valence/chain/evm_host.hpp"
#include "valence/chain/rule_set.hpp"
#include "valence/evm/vm.hpp"

namespace valence::chain {

/// What all transactions of a block meet.
struct BlockEnvironment {
    const RuleSet& rules;
    evm::Revision revision = evm::Revision::frontier;
    evm::BlockContext context;
    const BlockHashes& hashes;
    /// May be null.
    Precompiles* precompiles = nullptr;
    /// Where inferences are answered; null: contracts cannot call models.
    const InferenceEnvironment* inference = nullptr;
};

/// The environment of a block with this header; its base fee, excess blob gas and mix hash are taken as they
/// stand.
BlockEnvironment block_environment(const RuleSet& rules, const Header& header, const BlockHashes& hashes);

/// Which rules a transaction must keep.
enum class Checks : std::uint8_t {
    /// All of Ethereum's.
    all,
    /// As eth_call and its like: no signature, nonce, type or gas cap is checked, the sender may have code,
    /// and caps of 0
    /// are below no base fee. What the transaction spends must still be there.
    simulation,
    /// As `simulation`, but nonces and fee caps must be right (eth_simulateV1 with validation).
    simulation_with_nonce_and_fees,
};

/// What an account must be left with, whatever others do.
struct Reserve {
    /// Wei.
    U256 balance;
    /// The nonce that must still be unused: others use it up with an authorization (EIP-7702), or by calling
    /// a delegated account that creates.
    std::uint64_t nonce = ~std::uint64_t{0};
};
using Reserves = boost::unordered_flat_map<Address, Reserve, std::hash<Address>>;

/// Whether the rules' cap on a transaction's execution holds: in blocks, built, verified or run again; not in
/// single calls, which may be larger than any transaction.
enum class ExecutionCap : std::uint8_t { none, of_the_rules };

struct ExecutionOptions {
    Checks checks = Checks::all;
    ExecutionCap cap = ExecutionCap::none;
    evm::Tracer* tracer = nullptr;
    /// What earlier transactions of the block used: who uses it again pays no compute part. May be null.
    const JobSet* used_before = nullptr;
    /// A transaction that would leave one of these accounts with less, its own sender's apart, is refused
    /// (reserve_touched). No rule of the chain: how a sequencer keeps what bound senders owe. May be null.
    const Reserves* reserves = nullptr;
    /// Gas and blob gas the block has left; the transaction's must fit.
    std::uint64_t block_gas_left = ~std::uint64_t{0};
    std::uint64_t block_blob_gas_left = ~std::uint64_t{0};
};

/// What running a transaction gave.
struct TransactionResult {
    /// `abandoned`: the state is as before, nothing was paid, and only `inference` means something: it says
    /// why.
    evm::Status status = evm::Status::success;
    /// What the sender pays for: execution after the refund, at least the floor (EIP-7623), and the compute
    /// parts.
    std::uint64_t gas_used = 0;
    /// Compute parts of inferences, within gas_used. They count towards no limit of the block.
    std::uint64_t compute_gas = 0;
    /// What execution took before the refund was subtracted.
    std::uint64_t gas_used_before_refund = 0;
    /// Return data or revert data.
    Bytes output;
    /// Where a successful creation put its contract.
    std::optional<Address> created;
    std::vector<evm::Log> logs;
    /// Wei per gas.
    U256 effective_gas_price;
    InferenceRecord inference;

    /// Of a system transaction: its sender's nonce before it.
    std::optional<std::uint64_t> deposit_nonce;

    std::uint64_t execution_gas() const { return gas_used - compute_gas; }
    bool succeeded() const { return status == evm::Status::success; }
};

/// Runs a transaction on the state and finishes it there. Error: the rule it breaks; the state is then as
/// before.
///
/// Where the rules have inferences, a gas limit may exceed the cap on a transaction's execution (EIP-7825):
/// what is above it pays for compute parts only.
Result<TransactionResult> execute_transaction(const BlockEnvironment& block, state::JournaledState& state,
                                              const Transaction& transaction, const Address& sender,
                                              const ExecutionOptions& options = {});

}  // namespace valence::chain
