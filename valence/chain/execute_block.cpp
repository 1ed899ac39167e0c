#include "valence/chain/execute_block.hpp"

#include <openssl/sha.h>

#include "valence/chain/block_fees.hpp"
#include "valence/chain/dao_fork.hpp"
#include "valence/chain/system/execute_system_transaction.hpp"
#include "valence/chain/system/system_line.hpp"
#include "valence/chain/system_contracts.hpp"

namespace valence::chain {
namespace {

using evm::Revision;

/// Wei in a gwei, the unit of withdrawals.
constexpr std::uint64_t kGwei = 1'000'000'000;

/// Wei for a block's miner (EIP-649, EIP-1234); nothing since Paris.
U256 block_reward(Revision revision) {
    if (revision >= Revision::paris) return {};
    const std::uint64_t ether = revision >= Revision::constantinople ? 2
                                : revision >= Revision::byzantium    ? 3
                                                                     : 5;
    return U256{ether} * U256{kGwei} * U256{kGwei};
}

Hash sha256(BytesView input) {
    Hash digest;
    SHA256(input.data(), input.size(), digest.data());
    return digest;
}

}  // namespace

Hash requests_hash(std::span<const Bytes> requests) {
    Bytes hashes;
    for (const auto& request : requests)
        base::append(hashes, sha256(request));
    return sha256(hashes);
}

BlockExecution::BlockExecution(const RuleSet& rules, const Header& header, state::JournaledState& state,
                               const BlockHashes& hashes, Precompiles* precompiles)
    : rules_(rules), header_(header), state_(state), environment_(block_environment(rules, header, hashes)) {
    environment_.precompiles = precompiles;
    if (const auto blobs = rules.blobs_at(header.number, header.timestamp)) {
        blob_gas_limit_ = blobs->max * kGasPerBlob;
    }
}

state::EmptyAccounts BlockExecution::empty_accounts() const {
    return environment_.revision >= Revision::spurious_dragon ? state::EmptyAccounts::removed
                                                              : state::EmptyAccounts::kept;
}

Result<Bytes> BlockExecution::system_call(const Address& to, BytesView input, evm::Tracer* tracer,
                                          Writes writes) {
    state_.begin_transaction();
    EvmHost host{state_, environment_.hashes, environment_.precompiles, environment_.revision};
    const evm::TransactionContext context{kSystemAddress, {}, {}};
    evm::Vm vm{environment_.revision, environment_.context, context, host, tracer, rules_.limits};
    evm::Message message;
    message.gas = kSystemCallGas;
    message.sender = kSystemAddress;
    message.recipient = message.code_address = to;
    message.input = input;
    message.is_static = writes == Writes::refused;
    auto run = vm.execute(message);
    state_.finish_transaction(empty_accounts());
    if (run.status != evm::Status::success) {
        return Error{ChainError::system_call_failed, base::to_hex_prefixed(to)};
    }
    return std::move(run.output);
}

Result<Bytes> BlockExecution::view(const Address& to, BytesView input) {
    return system_call(to, input, nullptr, Writes::refused);
}

void BlockExecution::begin(evm::Tracer* tracer) {
    const auto revision = environment_.revision;
    if (rules_.at(Fork::dao) == header_.number && header_.number != 0) {
        state_.begin_transaction();
        apply_dao_fork(state_);
        state_.finish_transaction(state::EmptyAccounts::kept);
    }
    // Both calls do nothing where the contract is missing or fails.
    if (revision >= Revision::cancun && rules_.beacon_root_call == SystemCalls::made &&
        header_.parent_beacon_block_root) {
        static_cast<void>(system_call(kBeaconRootsContract, *header_.parent_beacon_block_root, tracer));
    }
    if (revision >= Revision::prague)
        static_cast<void>(system_call(kHistoryContract, header_.parent_hash, tracer));
}

Result<TransactionResult> BlockExecution::execute(const Transaction& transaction, const Address& sender,
                                                  evm::Tracer* tracer, Checks checks,
                                                  const Reserves* reserves) {
    ExecutionOptions options;
    options.checks = checks;
    options.tracer = tracer;
    options.cap = ExecutionCap::of_the_rules;
    options.used_before = &used_;
    options.reserves = reserves;
    options.block_gas_left = gas_left();
    options.block_blob_gas_left = blob_gas_limit_ - blob_gas_used_;
    BOOST_OUTCOME_TRY(auto result, execute_transaction(environment_, state_, transaction, sender, options));
    if (result.status == evm::Status::abandoned) return abandon(std::move(result.inference));
    blob_gas_used_ += blob_gas(transaction);
    if (environment_.revision >= Revision::prague && rules_.execution_requests == SystemCalls::made &&
        !deposit_error_) {
        const auto parsed = append_deposits(deposits_, result.logs, rules_.deposit_contract);
        if (!parsed) deposit_error_ = parsed.error();
    }
    add_receipt(transaction.type, result);
    return result;
}

Result<TransactionResult> BlockExecution::execute_system(const SystemTransaction& transaction,
                                                         evm::Tracer* tracer) {
    auto result = execute_system_transaction(environment_, state_, transaction, {tracer, &used_});
    if (result.status == evm::Status::abandoned) return abandon(std::move(result.inference));
    add_receipt(TransactionType::system, result);
    return result;
}

Error BlockExecution::abandon(InferenceRecord record) {
    abandoned_ = std::move(record);
    if (!abandoned_.missing_models.empty())
        return Error{ChainError::model_missing, base::to_hex_prefixed(abandoned_.missing_models[0].bytes)};
    return abandoned_.flaw.value_or(Error{ChainError::transaction_abandoned});
}

void BlockExecution::add_receipt(TransactionType type, TransactionResult& result) {
    gas_used_ += result.execution_gas();
    cumulative_gas_used_ += result.gas_used;
    for (const auto& use : result.inference.used)
        if (used_.insert(use.id).second) block_.used_jobs.push_back(use.id);
    for (const auto& model : result.inference.read_models)
        if (std::ranges::find(block_.read_models, model) == block_.read_models.end())
            block_.read_models.push_back(model);
    auto& receipt = block_.receipts.emplace_back();
    receipt.type = type;
    receipt.succeeded = result.succeeded();
    if (environment_.revision < Revision::byzantium) {
        receipt.post_state = intermediate_root_ ? intermediate_root_(state_.changes()) : Hash{};
    }
    receipt.cumulative_gas_used = cumulative_gas_used_;
    receipt.deposit_nonce = result.deposit_nonce;
    receipt.logs = std::move(result.logs);
    receipt.bloom = logs_bloom(receipt.logs);
    block_.logs_bloom |= receipt.bloom;
}

Result<std::vector<Bytes>> BlockExecution::collect_requests() {
    std::vector<Bytes> requests;
    const auto add = [&](std::uint8_t type, BytesView data) {
        if (data.empty()) return;
        auto& request = requests.emplace_back(Bytes{type});
        base::append(request, data);
    };
    if (deposit_error_) return *deposit_error_;
    add(kDepositRequest, deposits_);
    // Unlike the calls before a block's transactions, these make the block invalid where their contract is
    // missing.
    for (const auto& [type, contract] : {std::pair{kWithdrawalRequest, kWithdrawalRequestsContract},
                                         std::pair{kConsolidationRequest, kConsolidationRequestsContract}}) {
        if (state_.code(contract)->empty()) {
            return Error{ChainError::system_call_failed, "no code at " + base::to_hex_prefixed(contract)};
        }
        BOOST_OUTCOME_TRY(const auto data, system_call(contract, {}, nullptr));
        add(type, data);
    }
    return requests;
}

void BlockExecution::pay_rewards(const Block& body) {
    const auto reward = block_reward(environment_.revision);
    if (reward.is_zero()) return;
    state_.add_balance(header_.coinbase, reward + reward / U256{32} * U256{body.ommers.size()});
    for (const auto& ommer : body.ommers) {
        const auto eighths = ommer.number + 8 - header_.number;
        state_.add_balance(ommer.coinbase, reward * U256{eighths} / U256{8});
    }
}

Result<BlockResult> BlockExecution::finish(const Block& body) {
    state_.begin_transaction();
    if (body.withdrawals) {
        for (const auto& withdrawal : *body.withdrawals) {
            state_.add_balance(withdrawal.address, U256{withdrawal.amount} * U256{kGwei});
        }
    }
    pay_rewards(body);
    state_.finish_transaction(empty_accounts());

    block_.gas_used = gas_used_;
    block_.blob_gas_used = blob_gas_used_;
    if (environment_.revision >= Revision::prague) {
        block_.requests.emplace();
        if (rules_.execution_requests == SystemCalls::made) {
            BOOST_OUTCOME_TRY(block_.requests, collect_requests());
        }
    }
    return std::move(block_);
}

Result<BlockResult> execute_block(const RuleSet& rules, const Block& block, std::span<const Address> senders,
                                  state::JournaledState& state, const BlockHashes& hashes,
                                  Precompiles* precompiles, IntermediateRoot intermediate_root,
                                  const InferenceEnvironment* inference,
                                  std::span<const ForcedTransaction> due) {
    VALENCE_CHECK(senders.size() == block.transactions.size());
    BlockExecution execution{rules, block.header, state, hashes, precompiles};
    execution.set_intermediate_root(std::move(intermediate_root));
    if (inference != nullptr) execution.serve_inference(*inference);
    execution.begin();
    std::size_t first = 0;
    if (rules.system) {
        BOOST_OUTCOME_TRY(first, execute_system_transactions(*rules.system, block, execution));
    }
    if (!due.empty()) {
        BOOST_OUTCOME_TRY(const auto forced, execute_forced_transactions(block, first, due, execution));
        first += forced;
    }
    for (std::size_t i = first; i < senders.size(); ++i) {
        if (block.transactions[i].is_system())
            return Error{ChainError::system_transaction_unexpected, "place " + std::to_string(i)};
        const auto executed = execution.execute(block.transactions[i], senders[i]);
        if (!executed) {
            return Error{executed.error().code,
                         "transaction " + std::to_string(i) + ": " + executed.error().context};
        }
    }
    return execution.finish(block);
}

Result<void> validate_result(const RuleSet& rules, const Header& header, const BlockResult& result) {
    const auto differs = [](const auto& have, const auto& want) { return "have " + have + ", want " + want; };
    const auto differ = [&](ChainError error, const Hash& have, const Hash& want) {
        return Error{error, differs(base::to_hex_prefixed(have), base::to_hex_prefixed(want))};
    };
    if (header.gas_used != result.gas_used) {
        return Error{ChainError::gas_used_wrong,
                     differs(std::to_string(header.gas_used), std::to_string(result.gas_used))};
    }
    if (header.logs_bloom != result.logs_bloom) return Error{ChainError::logs_bloom_wrong};
    if (const auto root = receipts_root(result.receipts); header.receipts_root != root) {
        return differ(ChainError::receipts_root_wrong, header.receipts_root, root);
    }
    if (rules.revision(header) >= Revision::cancun && header.blob_gas_used != result.blob_gas_used) {
        return Error{
            ChainError::blob_gas_used_wrong,
            differs(std::to_string(header.blob_gas_used.value_or(0)), std::to_string(result.blob_gas_used))};
    }
    if (result.requests) {
        const auto hash = requests_hash(*result.requests);
        if (header.requests_hash != hash) {
            return differ(ChainError::requests_hash_wrong, header.requests_hash.value_or(Hash{}), hash);
        }
    }
    return success();
}

}  // namespace valence::chain
