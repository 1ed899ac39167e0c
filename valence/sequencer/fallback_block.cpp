#include "valence/sequencer/fallback_block.hpp"

#include "valence/base/hex.hpp"
#include "valence/chain/beacon.hpp"
#include "valence/chain/block_fees.hpp"
#include "valence/chain/execute_block.hpp"
#include "valence/crypto/keccak.hpp"
#include "valence/ml/graph/model_error.hpp"
#include "valence/outcome/replay.hpp"
#include "valence/sequencer/planned_header.hpp"
#include "valence/state/journaled_state.hpp"

namespace valence::sequencer {
namespace {

/// The same on every node: nothing but the model's file counts.
class FallbackOutcomes final : public chain::OutcomeSource {
public:
    explicit FallbackOutcomes(outcome::ModelSource& models) : models_(models) {}

    const outcome::Outcome* find(const outcome::JobId& id, const outcome::Job& job) override {
        if (const auto known = known_.find(id); known != known_.end()) return &known->second->outcome;
        outcome::Outcome outcome{{}, {}, outcome::Unavailable{outcome::UnavailableReason::no_capable_node}};
        if (job.mode == outcome::Mode::replay) {
            const auto model = models_.load(job.model);
            if (!model) {
                // One that no node may run (node/bounded_models.hpp) is no file that this one lacks.
                if (model.error() != Error{ml::ModelError::too_large}) missing_ = model.error();
                return nullptr;
            }
            auto output = outcome::replay(*model.value(), job.input);
            if (!output) return nullptr;
            outcome = {std::move(output).value(), {}, outcome::ReplayEvidence{}};
        }
        const auto settled =
            std::make_shared<const outcome::Settled>(outcome::Settled{job, std::move(outcome)});
        return &known_.emplace(id, settled).first->second->outcome;
    }
    SharedOutcome used(const outcome::JobId& id) const { return known_.at(id); }
    /// Why a model could not be run: what the block is, this node cannot know.
    const std::optional<Error>& missing() const { return missing_; }

private:
    outcome::ModelSource& models_;
    boost::unordered_flat_map<outcome::JobId, SharedOutcome, std::hash<outcome::JobId>> known_;
    std::optional<Error> missing_;
};

std::uint64_t fallback_time(const chain::Header& parent, const chain::DaHeader& reference) {
    return std::max(parent.timestamp, reference.time);
}

}  // namespace

BlockPlan fallback_plan(const chain::RuleSet& rules, SharedBlock parent,
                        std::shared_ptr<const state::StateReader> state, const chain::DaHeader& reference,
                        std::vector<chain::ForcedTransaction> due, std::uint64_t gas_limit) {
    BlockPlan plan;
    const auto& header = parent->block.header;
    plan.timestamp = fallback_time(header, reference);
    plan.gas_limit = gas_limit;
    if (rules.is_active(chain::Fork::london, header.number + 1, plan.timestamp))
        plan.base_fee = chain::next_base_fee(rules, header);
    plan.prev_randao = chain::fallback_mix(reference.hash);
    plan.da_header = reference;
    plan.due = std::move(due);
    plan.state = std::move(state);
    plan.parent = std::move(parent);
    return plan;
}

Result<void> check_fallback(const chain::Header& header, const chain::Header& parent,
                            const chain::DaHeader& reference, std::uint64_t gas_limit) {
    const auto wrong = [](const char* what) { return Error{chain::ChainError::fallback_wrong, what}; };
    if (header.mix_hash != chain::fallback_mix(reference.hash)) return wrong("mixHash");
    if (!header.coinbase.is_zero()) return wrong("coinbase");
    if (header.gas_limit != gas_limit) return wrong("gasLimit");
    if (header.timestamp != fallback_time(parent, reference)) return wrong("timestamp");
    return success();
}

Result<BuiltBlock> execute_fallback(const chain::RuleSet& rules, const chain::BlockHashes& hashes,
                                    const BlockPlan& plan, chain::ModelCatalogue& catalogue,
                                    outcome::ModelSource& models) {
    VALENCE_CHECK(rules.system && plan.da_header);
    BuiltBlock built;
    auto& block = built.block;
    block.block.header = planned_header(rules, plan);
    const auto& header = block.block.header;
    if (header.withdrawals_root) block.block.withdrawals.emplace();

    state::JournaledState state(*plan.state);
    chain::BlockExecution execution(rules, header, state, hashes);
    FallbackOutcomes outcomes(models);
    std::optional<chain::InferenceEnvironment> inference;
    if (rules.inference) {
        inference.emplace(*rules.inference, catalogue, outcomes, models);
        execution.serve_inference(*inference);
    }
    execution.begin();

    std::vector<Address> senders;
    std::vector<Hash> transaction_hashes;
    const auto include = [&](const chain::Transaction& transaction, const Address& sender, const Hash& hash) {
        block.block.transactions.push_back(transaction);
        senders.push_back(sender);
        transaction_hashes.push_back(hash);
    };
    const auto cannot_know = [&](const Error& error) {
        return outcomes.missing() || error == Error{chain::ChainError::model_missing};
    };
    const auto why = [&](const Error& error) {
        return Error{chain::ChainError::model_missing,
                     outcomes.missing() ? outcomes.missing()->message() : error.context};
    };

    chain::SystemLine line{*rules.system, header, *plan.da_header, execution};
    while (const auto due = line.next()) {
        const auto ran = line.run(*due);
        if (!ran && cannot_know(ran.error())) return why(ran.error());
        if (!ran && ran.error() == Error{chain::ChainError::transaction_abandoned}) break;
        if (!ran) return ran.error();
        auto encoded = chain::encode_transaction(due->transaction);
        include(due->transaction, due->transaction.from, crypto::keccak256(encoded));
        built.system.encoded.push_back(std::move(encoded));
    }
    chain::ForcedTurns turns(plan.due, execution);
    for (;;) {
        BOOST_OUTCOME_TRY(const auto* forced, turns.next());
        if (forced == nullptr) break;
        const auto executed = execution.execute(forced->transaction, forced->sender);
        if (!executed && cannot_know(executed.error())) return why(executed.error());
        // One that cannot be answered, whoever tries, must not keep the chain from going on.
        const auto is_unanswerable = Error{chain::ChainError::transaction_abandoned};
        if (!executed && (chain::is_skipped(executed.error()) || executed.error() == is_unanswerable))
            continue;
        if (!executed) return executed.error();
        auto pooled = std::make_shared<const PoolTransaction>(pool_transaction(*forced));
        include(forced->transaction, forced->sender, pooled->hash);
        built.included.push_back(std::move(pooled));
    }
    built.left_over = turns.left_over();
    block.owed = chain::commitment_of(plan.due);
    BOOST_OUTCOME_TRYV(complete_block(block, execution, senders, transaction_hashes,
                                      [&](const outcome::JobId& id) { return outcomes.used(id); }));
    built.changes = state.changes();
    return built;
}

}  // namespace valence::sequencer
