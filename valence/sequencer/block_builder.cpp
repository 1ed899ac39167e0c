#include "valence/sequencer/block_builder.hpp"

#include "valence/base/parallel.hpp"
#include "valence/chain/block_fees.hpp"
#include "valence/chain/execute_block.hpp"
#include "valence/chain/validate_transaction.hpp"
#include "valence/sequencer/layered_state.hpp"
#include "valence/sequencer/planned_header.hpp"
#include "valence/state/journaled_state.hpp"
#include "valence/state/trie/full_root.hpp"

namespace valence::sequencer {
namespace {

/// Below this many transactions handing the roots to other threads costs more than it saves.
constexpr std::size_t kParallelFrom = 32;

constexpr std::uint64_t kLeastTransactionGas = 21'000;

/// Bytes of a block's transactions and outcomes after which none follows. One more, with the largest proof
/// there is, and all of it is still below what a block may have (EIP-7934: 8 MiB, without outcomes) and what
/// one block of the embedded data-availability layer takes.
constexpr std::size_t kMostBytes = std::size_t{6} << 20;

/// Gas of runs in vain in one block, by their limits, after which none is tried that came to nothing before:
/// nobody pays for them.
constexpr std::uint64_t kMostUnpaidGas = std::uint64_t{1} << 25;

/// With less it could not be included any more when the base fee has risen while it waited.
Offer offer_of(const chain::Transaction& transaction, const chain::Header& header) {
    const auto enough = header.base_fee.value_or(U256{}) * U256{2};
    return transaction.max_fee_per_gas < enough ? Offer::too_little : Offer::enough;
}

/// Nobody signed for an impersonated account, and it may be a contract; the pool has checked the rest.
chain::Checks checks_of(const PoolTransaction& transaction) {
    return transaction.authorisation == Authorisation::impersonation ? chain::Checks::simulation
                                                                     : chain::Checks::all;
}

SenderKind kind_of(const Address& sender, state::JournaledState& state) {
    return state.code(sender)->empty() ? SenderKind::plain : SenderKind::delegated;
}

/// What a block that is being built needs for inferences.
struct BuildingInference {
    BuildingOutcomes outcomes;
    chain::InferenceEnvironment environment;
    /// Of the senders of transactions that wait.
    chain::Reserves reserves;
    std::vector<Address> delegated;

    BuildingInference(const chain::InferenceRules& rules, const InferenceDesk& desk,
                      const state::StateReader& parent, std::uint64_t block, const ParkedView& parked)
        : outcomes(desk, rules, parent, block),
          environment{rules, desk.catalogue(), outcomes, desk.models()},
          reserves(parked.reserves),
          delegated(parked.delegated) {}
    /// From here on in this block: jobs will be dispatched for it.
    void reserve(const PoolTransaction& waiting) {
        const auto& transaction = waiting.transaction;
        reserves.try_emplace(
            waiting.sender,
            chain::Reserve{chain::maximum_cost(transaction).value_or(U256::max()), transaction.nonce});
    }
    /// Those whom others can take from and who have less than they must keep, or have had their nonce used.
    std::vector<Address> short_senders(state::JournaledState& state) const {
        std::vector<Address> found;
        std::ranges::copy_if(delegated, std::back_inserter(found), [&](const Address& sender) {
            const auto& kept = reserves.at(sender);
            return state.balance(sender) < kept.balance || state.nonce(sender) > kept.nonce;
        });
        return found;
    }
    BuildingInference(const BuildingInference&) = delete;
    BuildingInference& operator=(const BuildingInference&) = delete;
};

}  // namespace

Result<BuiltBlock> BlockBuilder::execute(const BlockPlan& plan, Candidates candidates,
                                         const InferenceDesk* desk, ExecutionWatcher* watcher) const {
    BuiltBlock built;
    auto& block = built.block;
    block.block.header = planned_header(rules_, plan);
    block.beacon = plan.beacon;
    auto& header = block.block.header;
    if (header.withdrawals_root) block.block.withdrawals.emplace();

    state::JournaledState state(*plan.state);
    chain::BlockExecution execution(rules_, header, state, hashes_);
    std::optional<BuildingInference> inference;
    if (desk != nullptr && rules_.inference) {
        inference.emplace(*rules_.inference, *desk, *plan.state, header.number, *desk->parking().view());
        execution.serve_inference(inference->environment);
    }
    execution.begin();

    // Blocks of thousands: growing these step by step would copy each transaction several times.
    const auto most = std::min<std::size_t>(candidates.size(), execution.gas_left() / kLeastTransactionGas);
    std::vector<Address> senders;
    std::vector<Hash> hashes;
    block.block.transactions.reserve(most + 1);
    senders.reserve(most + 1);
    hashes.reserve(most + 1);
    if (rules_.system && plan.da_header) {
        const auto short_before = inference ? inference->short_senders(state) : std::vector<Address>{};
        const chain::SystemLine line{*rules_.system, header, *plan.da_header, execution};
        BOOST_OUTCOME_TRY(built.system,
                          build_system_part(line, header, state, plan.deliveries, desk,
                                            inference ? &inference->outcomes : nullptr, execution));
        block.block.transactions = built.system.transactions;
        hashes = built.system.hashes;
        for (const auto& transaction : built.system.transactions)
            senders.push_back(transaction.from);
        built.deliveries_took =
            inference && std::ranges::any_of(inference->short_senders(state), [&](const Address& sender) {
                return std::ranges::find(short_before, sender) == short_before.end();
            });
    }
    built.included.reserve(most);
    execution.reserve(most);
    std::size_t bytes = 0;
    for (const auto& transaction : built.system.encoded)
        bytes += transaction.size();
    chain::ForcedTurns turns(plan.due, execution);
    for (;;) {
        BOOST_OUTCOME_TRY(const auto* forced, turns.next());
        if (forced == nullptr) break;
        if (inference) inference->outcomes.answer_all();
        const auto executed = execution.execute(forced->transaction, forced->sender);
        if (!executed && chain::is_skipped(executed.error())) continue;
        if (!executed) return executed.error();
        auto pooled = std::make_shared<const PoolTransaction>(pool_transaction(*forced));
        if (inference) inference->reserves.erase(forced->sender);
        bytes += pooled->encoded.size();
        block.block.transactions.push_back(forced->transaction);
        senders.push_back(forced->sender);
        hashes.push_back(pooled->hash);
        built.included.push_back(std::move(pooled));
    }
    built.left_over = turns.left_over();
    block.owed = chain::commitment_of(plan.due);
    std::uint64_t unpaid_gas = 0;
    while (execution.gas_left() >= kLeastTransactionGas) {
        auto candidate = candidates.next();
        if (candidate == nullptr) break;
        const auto& transaction = candidate->transaction;
        const auto revision = execution.environment().revision;
        const auto gas_limit = chain::execution_gas_limit(rules_, revision, transaction.gas_limit);
        const auto all_bytes =
            bytes + candidate->encoded.size() + (inference ? inference->outcomes.bytes() : 0);
        if (gas_limit > execution.gas_left() || all_bytes > kMostBytes) {
            // Perhaps others are smaller; this sender's turn comes in the next block.
            candidates.skip_sender();
            continue;
        }
        const auto offer = offer_of(transaction, header);
        if (inference && (desk->is_waiting(*candidate, offer, header.number) ||
                          (unpaid_gas >= kMostUnpaidGas && desk->can_wait(*candidate)))) {
            candidates.skip_sender();
            continue;
        }
        const auto turn_away = [&](InVain why) {
            unpaid_gas += gas_limit;
            built.turned_away.push_back({candidate, why});
        };
        const bool is_refused =
            inference && desk->is_wary(header.number) &&
            desk->refuses(candidate->hash, kind_of(candidate->sender, state), header.number);
        if (inference)
            inference->outcomes.begin(candidate->hash, is_refused ? Binding::refused : Binding::possible);
        auto* tracer = watcher != nullptr ? watcher->before(*candidate) : nullptr;
        const bool keeps_reserves = inference && !desk->goes_first(*candidate);
        auto executed = execution.execute(transaction, candidate->sender, tracer, checks_of(*candidate),
                                          keeps_reserves ? &inference->reserves : nullptr);
        if (!executed) {
            candidates.skip_sender();
            if (executed.error() == Error{chain::ChainError::reserve_touched}) {
                turn_away(InVain::not_now);
                continue;
            }
            if (executed.error() == Error{chain::ChainError::transaction_abandoned}) {
                if (offer == Offer::too_little) {
                    turn_away(InVain::too_cheap);
                    continue;
                }
                const auto sender = kind_of(candidate->sender, state);
                if (is_refused || !desk->parking().has_room(*candidate, sender, built.needing.size())) {
                    turn_away(InVain::not_now);
                    continue;
                }
                if (inference) inference->reserve(*candidate);
                built.needing.push_back({std::move(candidate), sender, execution.abandoned()});
                continue;
            }
            // The file may come. Dropped, it could be sent and run again and again, for nothing.
            if (executed.error() == Error{chain::ChainError::model_missing}) {
                turn_away(InVain::not_now);
                continue;
            }
            built.rejected.push_back({std::move(candidate), std::move(executed).error()});
            continue;
        }
        if (watcher != nullptr) watcher->after(*candidate, executed.value());
        if (inference) inference->reserves.erase(candidate->sender);
        bytes += candidate->encoded.size();
        block.block.transactions.push_back(transaction);
        senders.push_back(candidate->sender);
        hashes.push_back(candidate->hash);
        built.included.push_back(std::move(candidate));
    }
    const auto used = [&](const outcome::JobId& id) { return inference->outcomes.used(id); };
    BOOST_OUTCOME_TRYV(complete_block(block, execution, senders, hashes, used));
    built.changes = state.changes();
    if (!plan.before.accounts.empty()) {
        auto all = plan.before;
        append_changes(all, built.changes);
        built.changes = std::move(all);
    }
    return built;
}

state::PreparedCommit BlockBuilder::seal(BuiltBlock& built, const StoredBlock& parent,
                                         const state::StateDatabase& states) const {
    auto& block = built.block;
    auto& header = block.block.header;
    std::optional<state::PreparedCommit> prepared;
    const auto state_root = [&] { prepared = states.prepare(built.changes); };
    std::vector<BytesView> encoded;
    encoded.reserve(block.block.transactions.size());
    for (const auto& transaction : built.system.encoded)
        encoded.emplace_back(transaction);
    for (const auto& transaction : built.included)
        encoded.emplace_back(transaction->encoded);
    const auto transactions_root = [&] { header.transactions_root = state::list_root(encoded); };
    const auto receipts_root = [&] { header.receipts_root = chain::receipts_root(block.receipts); };
    if (built.included.size() >= kParallelFrom) {
        base::all_at_once(receipts_root, state_root, transactions_root);
    } else {
        state_root();
        transactions_root();
        receipts_root();
    }
    header.state_root = prepared->state_root();
    block.hash = chain::header_hash(header);
    block.total_difficulty = parent.total_difficulty + header.difficulty;
    built.encoded = chain::encode_block(block.block, encoded);
    block.rlp_size = built.encoded.size();
    return *std::move(prepared);
}

}  // namespace valence::sequencer
