// execute_block: a block's transactions, with what happens before and after them.
//
// BlockExecution does it step by step, for whoever builds a block; execute_block does a whole block.
#pragma once

#include <functional>
#include <span>

#include "valence/chain/execute_transaction.hpp"
#include "valence/chain/system/forced_transaction.hpp"
#include "valence/chain/system/system_transaction.hpp"

namespace valence::chain {

/// The state root after changes to the state the execution began with. Receipts before Byzantium hold one
/// each.
using IntermediateRoot = std::function<Hash(const state::StateChanges&)>;

/// What executing a block gives, to be put in its header or compared with it.
struct BlockResult {
    std::vector<Receipt> receipts;
    /// Of execution; compute parts of inferences are in the receipts only.
    std::uint64_t gas_used = 0;
    std::uint64_t blob_gas_used = 0;
    Bloom logs_bloom;
    /// Requests of EIP-7685, each a type byte and its data, empty ones left out; nothing before Prague.
    std::optional<std::vector<Bytes>> requests;
    /// The jobs whose outcomes were used, each once, by first use.
    std::vector<outcome::JobId> used_jobs;
    /// Models whose files were read, each once: nobody can execute the block without them.
    std::vector<ml::ModelId> read_models;
};

/// sha256 over the sha256 of each request (EIP-7685).
Hash requests_hash(std::span<const Bytes> requests);

class BlockExecution {
public:
    /// Of the header only what is known before execution is read: parent hash, coinbase, number, gas limit,
    /// timestamp, mix hash or difficulty, base fee, excess blob gas, beacon root. Everything referred to must
    /// outlive this.
    BlockExecution(const RuleSet& rules, const Header& header, state::JournaledState& state,
                   const BlockHashes& hashes, Precompiles* precompiles = nullptr);

    const BlockEnvironment& environment() const { return environment_; }

    /// Contracts can call models from here on; must outlive this.
    void serve_inference(const InferenceEnvironment& inference) { environment_.inference = &inference; }

    /// What comes before the transactions: EIP-4788, EIP-2935, the DAO fork.
    void begin(evm::Tracer* tracer = nullptr);

    /// Answers what running it gave, but for the logs: they moved to the receipt, which is
    /// `receipts().back()`. Error: the rule the transaction breaks; transaction_abandoned when a precompile
    /// of the host gave up, for the reason in `abandoned()` if it was an inference. In both cases the block
    /// stands as before, and execution may go on with another transaction.
    Result<TransactionResult> execute(const Transaction& transaction, const Address& sender,
                                      evm::Tracer* tracer = nullptr, Checks checks = Checks::all,
                                      const Reserves* reserves = nullptr);

    /// The same for a system transaction, which breaks no rules: only the errors of an abandoned run.
    Result<TransactionResult> execute_system(const SystemTransaction& transaction,
                                             evm::Tracer* tracer = nullptr);

    /// What a static call by the system gives at this point. Error: system_call_failed.
    Result<Bytes> view(const Address& to, BytesView input);

    /// What the last abandoned transaction had asked for.
    const InferenceRecord& abandoned() const { return abandoned_; }

    /// What comes after: withdrawals (EIP-4895), requests (EIP-6110, 7002, 7251), rewards. `body` gives
    /// withdrawals and ommers; its transactions are not looked at. Error: system_call_failed,
    /// deposit_log_malformed.
    Result<BlockResult> finish(const Block& body);

    /// Makes room for the receipts of this many transactions.
    void reserve(std::size_t transactions) { block_.receipts.reserve(transactions); }
    /// Of the transactions executed so far.
    const std::vector<Receipt>& receipts() const { return block_.receipts; }
    std::uint64_t gas_used() const { return gas_used_; }
    const std::vector<outcome::JobId>& used_jobs() const { return block_.used_jobs; }
    std::uint64_t gas_left() const { return header_.gas_limit - gas_used_; }

    /// In place of what the header's excess blob gas gives, for simulations.
    void set_blob_base_fee(const U256& fee) { environment_.context.blob_base_fee = fee; }
    void set_intermediate_root(IntermediateRoot root) { intermediate_root_ = std::move(root); }

private:
    enum class Writes : std::uint8_t { allowed, refused };
    Result<Bytes> system_call(const Address& to, BytesView input, evm::Tracer* tracer,
                              Writes writes = Writes::allowed);
    Error abandon(InferenceRecord record);
    void add_receipt(TransactionType type, TransactionResult& result);
    Result<std::vector<Bytes>> collect_requests();
    void pay_rewards(const Block& body);
    state::EmptyAccounts empty_accounts() const;

    const RuleSet& rules_;
    const Header& header_;
    state::JournaledState& state_;
    BlockEnvironment environment_;
    IntermediateRoot intermediate_root_;
    std::uint64_t gas_used_ = 0;
    /// With compute parts, as receipts have it.
    std::uint64_t cumulative_gas_used_ = 0;
    JobSet used_;
    InferenceRecord abandoned_;
    std::uint64_t blob_gas_used_ = 0;
    std::uint64_t blob_gas_limit_ = 0;
    Bytes deposits_;
    std::optional<Error> deposit_error_;
    BlockResult block_;
};

/// Executes a block on the state of its parent; `senders` are its transactions'. Where the rules have system
/// transactions, those are derived and compared, and then the forced ones that are `due`; that the block may
/// refer to its header of the data-availability layer is for its caller to check.
Result<BlockResult> execute_block(const RuleSet& rules, const Block& block, std::span<const Address> senders,
                                  state::JournaledState& state, const BlockHashes& hashes,
                                  Precompiles* precompiles = nullptr, IntermediateRoot intermediate_root = {},
                                  const InferenceEnvironment* inference = nullptr,
                                  std::span<const ForcedTransaction> due = {});

/// Whether the header says what execution gave: gas, receipts, bloom, blob gas, requests. The state root is
/// its caller's.
Result<void> validate_result(const RuleSet& rules, const Header& header, const BlockResult& result);

}  // namespace valence::chain
