#include "valence/chain/execute_transaction.hpp"

#include <functional>
#include <limits>

#include "valence/chain/block_fees.hpp"
#include "valence/chain/inference/credit.hpp"
#include "valence/chain/inference/inference_rules.hpp"
#include "valence/chain/intrinsic_gas.hpp"
#include "valence/chain/validate_transaction.hpp"
#include "valence/crypto/checksummed_address.hpp"

namespace valence::chain {
namespace {

using evm::Revision;

/// EIP-7702: what an authorization gives back when its account exists already.
constexpr std::uint64_t kAuthorizationRefund = 25'000 - 12'500;

/// How much of the gas limit execution may use.
std::uint64_t execution_limit(const BlockEnvironment& block, const Transaction& t, ExecutionCap cap) {
    if (cap == ExecutionCap::none) return t.gas_limit;
    return execution_gas_limit(block.rules, block.revision, t.gas_limit);
}

/// What holds for simulated transactions too: they cannot begin without it.
Result<void> validate_simulated(const BlockEnvironment& block, const Transaction& t, ExecutionCap cap) {
    const auto gas = intrinsic_gas(t, block.revision);
    const auto needed = std::max(gas.cost, gas.floor);
    const auto available = execution_limit(block, t, cap);
    if (available < needed) {
        return Error{ChainError::intrinsic_gas_too_low,
                     "have " + std::to_string(available) + ", want " + std::to_string(needed)};
    }
    const auto limit = block.rules.limits.init_code_size;
    if (block.revision >= Revision::shanghai && t.is_creation() && t.data.size() > limit) {
        return Error{ChainError::init_code_too_large,
                     "code size " + std::to_string(t.data.size()) + " limit " + std::to_string(limit)};
    }
    if (t.max_priority_fee_per_gas > t.max_fee_per_gas) return Error{ChainError::tip_above_fee_cap};
    return success();
}

/// What the transaction's fee caps must cover. A cap of 0 in a simulation stands for a price of 0.
FeeMarket fee_market(const BlockEnvironment& block, const Transaction& t, Checks checks) {
    FeeMarket fees{block.context.base_fee, block.context.blob_base_fee};
    if (checks != Checks::simulation) return fees;
    if (t.max_fee_per_gas.is_zero()) fees.base_fee = {};
    if (t.max_fee_per_blob_gas.is_zero()) fees.blob_base_fee = {};
    return fees;
}

/// Afterwards the sender has what the gas limit and the blobs cost at the prices of `fees`, and the value.
Result<void> validate(const BlockEnvironment& block, state::JournaledState& state, const Transaction& t,
                      const Address& sender, const FeeMarket& fees, const ExecutionOptions& options) {
    const auto& context = block.context;
    const bool checks_nonce = options.checks != Checks::simulation;
    if (options.checks == Checks::all) {
        BOOST_OUTCOME_TRYV(validate_transaction(
            block.rules, block.revision, t,
            max_blobs_per_transaction(block.rules, block.revision, context.number, context.timestamp)));
    } else {
        BOOST_OUTCOME_TRYV(validate_simulated(block, t, options.cap));
    }
    if (checks_nonce && t.nonce == ~std::uint64_t{0}) {
        return Error{ChainError::nonce_at_maximum, "address " + crypto::checksummed_address(sender) +
                                                       ", nonce: " + std::to_string(t.nonce)};
    }
    BOOST_OUTCOME_TRYV(validate_fees(t, sender, fees));
    if (execution_limit(block, t, options.cap) > options.block_gas_left)
        return Error{ChainError::gas_above_block_limit};
    if (blob_gas(t) > options.block_blob_gas_left) return Error{ChainError::blob_gas_used_above_limit};

    const state::Account account{checks_nonce ? state.nonce(sender) : t.nonce, state.balance(sender),
                                 state.code_hash(sender)};
    const auto code = options.checks == Checks::all ? BytesView{*state.code(sender)} : BytesView{};
    return validate_sender(t, sender, account, code);
}

/// Sets the delegations the transaction brings; invalid ones are skipped (EIP-7702). Answers the refund.
std::uint64_t apply_authorizations(const BlockEnvironment& block, state::JournaledState& state,
                                   const std::vector<Authorization>& authorizations) {
    std::uint64_t refund = 0;
    for (const auto& a : authorizations) {
        if (!a.chain_id.is_zero() && a.chain_id != U256{block.rules.chain_id}) continue;
        if (a.nonce == ~std::uint64_t{0}) continue;
        const auto authority = recover_authority(a);
        if (!authority) continue;
        state.warm_account(*authority);
        const auto& code = *state.code(*authority);
        if (!code.empty() && !delegation_target(code)) continue;
        if (state.nonce(*authority) != a.nonce) continue;
        if (state.exists(*authority)) refund += kAuthorizationRefund;
        Bytes delegation;
        if (!a.address.is_zero()) {
            delegation = {0xef, 0x01, 0x00};
            base::append(delegation, a.address);
        }
        state.set_code(*authority, std::move(delegation));
        state.set_nonce(*authority, a.nonce + 1);
    }
    return refund;
}

/// EIP-2929, 2930, 3651. Precompiles are warm by the host.
void fill_warm_sets(const BlockEnvironment& block, state::JournaledState& state, const Transaction& t,
                    const Address& sender) {
    if (block.revision < Revision::berlin) return;
    state.warm_account(sender);
    if (t.to) state.warm_account(*t.to);
    if (block.revision >= Revision::shanghai) state.warm_account(block.context.coinbase);
    for (const auto& entry : t.access_list) {
        state.warm_account(entry.address);
        for (const auto& key : entry.storage_keys)
            state.warm_slot(entry.address, U256::from_hash(key));
    }
}

/// Whether another account than the sender's was left with less than it must keep, or has had its nonce used.
bool takes_reserve(const state::JournaledState& state, const Reserves& reserves, const Address& sender) {
    bool takes = false;
    state.for_each_touched([&](const Address& address, const state::Account& account) {
        if (address == sender) return;
        const auto found = reserves.find(address);
        if (found == reserves.end()) return;
        takes = takes || account.balance < found->second.balance || account.nonce > found->second.nonce;
    });
    return takes;
}

evm::Message root_message(const Transaction& t, const Address& sender, std::uint64_t gas) {
    evm::Message message;
    message.kind = t.is_creation() ? evm::CallKind::create : evm::CallKind::call;
    message.gas = static_cast<evm::Gas>(gas);
    message.recipient = message.code_address = t.to.value_or(Address{});
    message.sender = sender;
    message.value = t.value;
    message.input = t.data;
    return message;
}

}  // namespace

BlockEnvironment block_environment(const RuleSet& rules, const Header& header, const BlockHashes& hashes) {
    BlockEnvironment block{rules, rules.revision(header), {}, hashes, nullptr};
    auto& context = block.context;
    context.number = header.number;
    context.timestamp = header.timestamp;
    context.coinbase = header.coinbase;
    context.gas_limit = header.gas_limit;
    context.prev_randao =
        block.revision >= Revision::paris ? U256::from_hash(header.mix_hash) : header.difficulty;
    context.base_fee = header.base_fee.value_or(U256{});
    context.blob_base_fee = blob_base_fee(rules, header);
    context.chain_id = rules.chain_id;
    return block;
}

Result<TransactionResult> execute_transaction(const BlockEnvironment& block, state::JournaledState& state,
                                              const Transaction& t, const Address& sender,
                                              const ExecutionOptions& options) {
    const auto revision = block.revision;
    state.begin_transaction();
    const auto fees = fee_market(block, t, options.checks);
    BOOST_OUTCOME_TRYV(validate(block, state, t, sender, fees, options));
    // More gas than the machine counts cannot be used up either.
    if (t.gas_limit > static_cast<std::uint64_t>(std::numeric_limits<evm::Gas>::max())) {
        return Error{ChainError::gas_overflow};
    }

    const auto start = state.checkpoint();
    const auto intrinsic = intrinsic_gas(t, revision);
    const auto price = effective_gas_price(t, block.context.base_fee);
    state.subtract_balance(sender, U256{t.gas_limit} * price + U256{blob_gas(t)} * fees.blob_base_fee);
    if (!t.is_creation()) state.set_nonce(sender, state.nonce(sender) + 1);
    fill_warm_sets(block, state, t, sender);
    const auto authorization_refund = apply_authorizations(block, state, t.authorizations);

    TransactionResult result;
    auto& record = result.inference;
    const auto execution_gas = execution_limit(block, t, options.cap);
    if (t.to == kModelRegistry) record.opening = Opening::possible;
    record.compute_pool = t.gas_limit - execution_gas;
    record.compute_allowance = execution_gas - std::min(execution_gas, intrinsic.floor);
    EvmHost host{state, block.hashes, block.precompiles, revision};
    const std::function<Hash()> hash = [&t] { return transaction_hash(t); };
    std::optional<InferenceCall> inference;
    if (block.inference != nullptr) {
        inference.emplace(*block.inference, state, block.context.number, hash, record);
        host.serve_inference(*inference);
    }
    const evm::TransactionContext context{sender, price, t.blob_hashes};
    evm::Vm vm{revision, block.context, context, host, options.tracer, block.rules.limits};
    auto run = vm.execute(root_message(t, sender, execution_gas - intrinsic.cost));
    if (run.status == evm::Status::abandoned) {
        state.revert_to(start);
        result.status = run.status;
        return result;
    }

    result.status = run.status;
    result.effective_gas_price = price;
    result.output = std::move(run.output);
    if (run.status == evm::Status::success && t.is_creation()) result.created = run.created;
    result.gas_used_before_refund =
        t.gas_limit - static_cast<std::uint64_t>(run.gas_left) - record.compute_pool;
    const auto executed = result.gas_used_before_refund - record.compute_gas;
    // EIP-3529: a fifth at most; half before London.
    const auto refund_cap = executed / (revision >= Revision::london ? 5 : 2);
    const auto counter =
        static_cast<std::uint64_t>(std::max<evm::Gas>(state.refund(), 0)) + authorization_refund;
    const auto for_execution =
        std::max(executed - std::min(counter, refund_cap), intrinsic.floor);  // EIP-7623
    if (block.inference != nullptr)
        result.compute_gas =
            credit_compute(block.inference->rules, state, record, options.used_before, price);
    result.gas_used = for_execution + result.compute_gas;

    state.add_balance(sender, U256{t.gas_limit - result.gas_used} * price);
    // EIP-1559 burns the base fee; a simulation may pay less than it.
    const auto tip = price > block.context.base_fee ? price - block.context.base_fee : U256{};
    state.add_balance(block.context.coinbase, U256{for_execution} * tip);
    if (options.reserves != nullptr && takes_reserve(state, *options.reserves, sender)) {
        state.revert_to(start);
        return Error{ChainError::reserve_touched};
    }
    result.logs = host.take_logs();
    state.finish_transaction(revision >= Revision::spurious_dragon ? state::EmptyAccounts::removed
                                                                   : state::EmptyAccounts::kept);
    return result;
}

}  // namespace valence::chain
