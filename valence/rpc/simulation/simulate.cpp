#include "valence/rpc/simulation/simulate.hpp"

#include <fmt/format.h>

#include "valence/chain/block_fees.hpp"
#include "valence/chain/execute_block.hpp"
#include "valence/rpc/simulation/message.hpp"
#include "valence/rpc/simulation/moved_precompiles.hpp"
#include "valence/rpc/simulation/revert_error.hpp"

namespace valence::rpc::simulation {

namespace {

using chain::ChainError;

struct RuleCode {
    ChainError rule;
    int code;
};

constexpr RuleCode kRuleCodes[] = {
    {ChainError::nonce_too_low, code::kNonceTooLow},
    {ChainError::nonce_too_high, code::kNonceTooHigh},
    {ChainError::fee_cap_below_base_fee, code::kFeeCapTooLow},
    {ChainError::intrinsic_gas_too_low, code::kIntrinsicGas},
    {ChainError::floor_data_gas_too_low, code::kIntrinsicGas},
    {ChainError::insufficient_funds, code::kInsufficientFunds},
    {ChainError::gas_above_block_limit, code::kBlockGasLimitReached},
    {ChainError::sender_has_code, code::kSenderHasCode},
    {ChainError::init_code_too_large, code::kInitCodeTooLarge},
};

RpcError broken_rule(const Base& base, const Error& error, std::uint64_t gas_limit) {
    auto out = rejected_call(base, error, gas_limit);
    if (is_out_of_time(base, error)) return out;
    out.code = rpc::code::kInternal;
    for (const auto& row : kRuleCodes) {
        if (error.code == row.rule) out.code = row.code;
    }
    return out;
}

/// The chain below, the base block, and the simulated blocks so far.
class SimulatedHashes final : public chain::BlockHashes {
public:
    explicit SimulatedHashes(const Base& base) : base_(base), hashes_{chain::header_hash(base.header)} {}

    Hash block_hash(std::uint64_t number) const override {
        if (number < base_.header.number) return base_.hashes.block_hash(number);
        const auto index = number - base_.header.number;
        return index < hashes_.size() ? hashes_[index] : Hash{};
    }
    void add(const Hash& hash) { hashes_.push_back(hash); }
    const Hash& last() const { return hashes_.back(); }

private:
    const Base& base_;
    std::vector<Hash> hashes_;
};

class Simulator {
public:
    Simulator(const Base& base, const SimulateRequest& request, const StateRootOf& state_root,
              const Limits& limits)
        : base_(base),
          request_(request),
          state_root_(state_root),
          gas_left_(limits.gas_cap != 0 ? limits.gas_cap : ~std::uint64_t{0} / 2),
          hashes_(base),
          state_(base.state),
          parent_(base.header) {}

    Answer<SimulatedBlock> make(const BlockCalls& plan);

private:
    chain::Header header_of(const BlockOverrides& overrides) const;
    Answer<chain::Transaction> transaction_of(CallArguments arguments,
                                              const chain::BlockExecution& execution);
    Answer<void> run_call(const CallArguments& arguments, chain::BlockExecution& execution,
                          SimulatedBlock& out);
    Answer<void> seal(chain::BlockExecution& execution, SimulatedBlock& out);

    const Base& base_;
    const SimulateRequest& request_;
    const StateRootOf& state_root_;
    /// Of the whole simulation.
    std::uint64_t gas_left_;
    SimulatedHashes hashes_;
    state::JournaledState state_;
    chain::Header parent_;
    std::uint64_t log_index_ = 0;
};

chain::Header Simulator::header_of(const BlockOverrides& overrides) const {
    chain::Header header;
    header.parent_hash = hashes_.last();
    header.coinbase = overrides.fee_recipient.value_or(parent_.coinbase);
    header.number = overrides.number->low_u64();
    header.timestamp = *overrides.time;
    header.gas_limit = overrides.gas_limit.value_or(parent_.gas_limit);
    header.mix_hash = overrides.prev_randao.value_or(Hash{});
    const auto& rules = base_.rules;
    const auto is_active = [&](chain::Fork fork) {
        return rules.is_active(fork, header.number, header.timestamp);
    };
    // A chain that is past a fork by time has merged, whatever the block it is simulated on.
    const bool merged =
        rules.consensus(parent_) == chain::Consensus::merged || is_active(chain::Fork::shanghai);
    if (!merged) header.difficulty = overrides.difficulty.value_or(parent_.difficulty);
    if (is_active(chain::Fork::london)) {
        const auto natural = request_.validation ? chain::next_base_fee(rules, parent_) : U256{};
        header.base_fee = overrides.base_fee_per_gas.value_or(natural);
    }
    if (is_active(chain::Fork::shanghai)) header.withdrawals_root = state::kEmptyTrieRoot;
    if (is_active(chain::Fork::cancun)) {
        header.blob_gas_used = 0;
        header.excess_blob_gas =
            parent_.excess_blob_gas ? chain::next_excess_blob_gas(rules, parent_, header.timestamp) : 0;
        header.parent_beacon_block_root = overrides.beacon_root.value_or(Hash{});
    }
    if (rules.extra_data_size) header.extra_data.resize(*rules.extra_data_size);
    return header;
}

Answer<SimulatedBlock> Simulator::make(const BlockCalls& plan) {
    SimulatedBlock out;
    auto& body = out.block.block;
    body.header = header_of(plan.block);
    if (body.header.withdrawals_root) {
        body.withdrawals = plan.block.withdrawals.value_or(std::vector<chain::Withdrawal>{});
        body.header.withdrawals_root = chain::withdrawals_root(*body.withdrawals);
    }
    MovedPrecompiles precompiles{base_.rules.revision(body.header), base_.deadline};
    BOOST_OUTCOME_TRY(precompiles.apply(plan.state, state_));
    chain::BlockExecution execution{base_.rules, body.header, state_, hashes_, &precompiles};
    if (base_.inference != nullptr) execution.serve_inference(*base_.inference);
    if (plan.block.blob_base_fee) execution.set_blob_base_fee(*plan.block.blob_base_fee);
    execution.begin();
    log_index_ = 0;
    for (const auto& call : plan.calls) {
        BOOST_OUTCOME_TRY(run_call(call, execution, out));
    }
    BOOST_OUTCOME_TRY(seal(execution, out));
    return out;
}

Answer<chain::Transaction> Simulator::transaction_of(CallArguments arguments,
                                                     const chain::BlockExecution& execution) {
    const auto gas_limit = execution.environment().context.gas_limit;
    if (!arguments.nonce) arguments.nonce = state_.nonce(arguments.sender());
    if (!arguments.gas) arguments.gas = gas_limit - execution.gas_used();
    if (*arguments.gas > gas_limit - execution.gas_used()) {
        return RpcError{code::kBlockGasLimitReached,
                        fmt::format("block gas limit reached: {} >= {}", execution.gas_used(), gas_limit)};
    }
    arguments.gas = std::min(*arguments.gas, gas_left_);
    return message_of(arguments, 0, base_.rules.chain_id);
}

Answer<void> Simulator::run_call(const CallArguments& arguments, chain::BlockExecution& execution,
                                 SimulatedBlock& out) {
    if (base_.deadline.over()) return base_.deadline.aborted();
    BOOST_OUTCOME_TRY(auto transaction, transaction_of(arguments, execution));
    using Transfers = TransferTracer::Transfers;
    TransferTracer tracer{execution.environment().revision, base_.deadline,
                          request_.trace_transfers ? Transfers::logged : Transfers::ignored, log_index_};
    const auto checks =
        request_.validation ? chain::Checks::simulation_with_nonce_and_fees : chain::Checks::simulation;
    const auto gas_before = execution.gas_used();
    const auto logs_before = out.block.facts.empty() ? 0
                                                     : out.block.facts.back().first_log_index +
                                                           out.block.receipts.back().logs.size();
    auto executed = execution.execute(transaction, arguments.sender(), &tracer, checks);
    if (executed.has_error()) return broken_rule(base_, executed.error(), transaction.gas_limit);
    auto& result = executed.value();
    gas_left_ -= std::min(gas_left_, result.gas_used);
    log_index_ = tracer.next_index();

    auto& call = out.calls.emplace_back();
    call.gas_used = result.gas_used;
    call.max_gas_used = std::max(result.gas_used, result.gas_used_before_refund);
    call.logs = tracer.logs();
    if (result.status == evm::Status::revert) {
        // The data is told within the error.
        call.error = revert_error(result.output);
    } else if (!result.succeeded()) {
        call.error = RpcError{code::kVmError, tracer.text()};
    } else {
        call.output = std::move(result.output);
    }
    out.block.facts.push_back({chain::transaction_hash(transaction), arguments.sender(),
                               result.effective_gas_price, execution.gas_used() - gas_before, logs_before,
                               result.created});
    out.block.receipts.push_back(execution.receipts().back());
    out.block.block.transactions.push_back(std::move(transaction));
    return base::success();
}

Answer<void> Simulator::seal(chain::BlockExecution& execution, SimulatedBlock& out) {
    auto& body = out.block.block;
    auto& header = body.header;
    // The system's own calls and the root take their time too.
    if (base_.deadline.over()) return base_.deadline.aborted();
    auto finished = execution.finish(body);
    if (finished.has_error()) return server_error(finished.error().message());
    const auto& result = finished.value();
    auto root = state_root_(state_.changes());
    if (root.has_error()) return server_error(root.error().message());
    header.state_root = root.value();
    header.transactions_root = chain::transactions_root(body.transactions);
    header.receipts_root = chain::receipts_root(result.receipts);
    header.logs_bloom = result.logs_bloom;
    header.gas_used = result.gas_used;
    if (header.blob_gas_used) header.blob_gas_used = result.blob_gas_used;
    if (result.requests) header.requests_hash = chain::requests_hash(*result.requests);
    out.block.hash = chain::header_hash(header);
    out.block.rlp_size = chain::encode_block(body).size();
    hashes_.add(out.block.hash);
    parent_ = header;
    return base::success();
}

}  // namespace

Answer<std::vector<SimulatedBlock>> simulate(const Base& base, SimulateRequest request,
                                             const StateRootOf& state_root, const Limits& limits) {
    BOOST_OUTCOME_TRY(const auto plan, plan_blocks(std::move(request.blocks), base.header, limits));
    Simulator simulator{base, request, state_root, limits};
    std::vector<SimulatedBlock> out;
    for (const auto& block : plan) {
        BOOST_OUTCOME_TRY(auto made, simulator.make(block));
        out.push_back(std::move(made));
    }
    return out;
}

}  // namespace valence::rpc::simulation
