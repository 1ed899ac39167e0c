// How a node takes blocks from elsewhere: validation, adoption, reorganisation.

#include "valence/base/parallel.hpp"
#include "valence/chain/execute_block.hpp"
#include "valence/chain/inference/block_outcomes.hpp"
#include "valence/chain/inference/fees.hpp"
#include "valence/chain/system/system_transaction.hpp"
#include "valence/chain/validate_block.hpp"
#include "valence/node/disk_space.hpp"
#include "valence/node/node_impl.hpp"
#include "valence/outcome/outcome_error.hpp"
#include "valence/sequencer/fallback_block.hpp"
#include "valence/state/journaled_state.hpp"

namespace valence::node {
namespace {

using chain::ChainError;

/// Ancestors for the rules on ommers, kept alive while they are looked at.
class StoredAncestry final : public chain::Ancestry {
public:
    explicit StoredAncestry(const sequencer::BlockStore& blocks) : blocks_(blocks) {}
    const chain::Block* block(const Hash& hash) const override {
        auto found = blocks_.block(hash);
        if (found == nullptr) return nullptr;
        held_.push_back(std::move(found));
        return &held_.back()->block;
    }

private:
    const sequencer::BlockStore& blocks_;
    mutable std::vector<sequencer::SharedBlock> held_;
};

/// Transactions whose signers one task recovers: enough to share what recovery can share.
constexpr std::size_t kRecoveryGrain = 32;

/// Of system transactions, which nobody signed, what they say; they are compared with those that the rules
/// derive.
Result<std::vector<Address>> recover_senders(const chain::Block& block) {
    const auto begin = std::ranges::find_if_not(block.transactions, &chain::Transaction::is_system);
    const std::span<const chain::Transaction> transactions{begin, block.transactions.end()};
    std::vector<std::optional<Address>> recovered(transactions.size());
    const auto recover = [&](std::size_t first, std::size_t last) {
        std::vector<crypto::RecoverRequest> requests;
        requests.reserve(last - first);
        for (const auto& transaction : transactions.subspan(first, last - first))
            requests.push_back(chain::sender_request(transaction));
        crypto::recover_addresses(requests, std::span(recovered).subspan(first, last - first));
    };
    base::in_pieces(transactions.size(), kRecoveryGrain, recover, tbb::simple_partitioner{});
    std::vector<Address> senders;
    senders.reserve(block.transactions.size());
    for (auto system = block.transactions.begin(); system != begin; ++system)
        senders.push_back(system->from);
    for (std::size_t i = 0; i < recovered.size(); ++i) {
        if (transactions[i].is_system())
            return Error{ChainError::system_transaction_unexpected,
                         "place " + std::to_string(senders.size())};
        if (!recovered[i])
            return Error{ChainError::signature_invalid, "transaction " + std::to_string(senders.size())};
        senders.push_back(*recovered[i]);
    }
    return senders;
}

/// Whether the block's mix hash is made of its beacon, and that is signed.
Result<void> validate_beacon(const chain::RuleSet& rules, const chain::Block& block,
                             const std::optional<chain::BeaconSignature>& beacon, BeaconVerifier* verifier) {
    BOOST_OUTCOME_TRYV(
        chain::validate_beacon_mix(rules, block.header, beacon, chain::da_header_hash(rules, block)));
    if (verifier == nullptr) return success();
    return verifier->verify({block.header.number, *beacon});
}

Result<void> validate(const chain::RuleSet& rules, const sequencer::BlockStore& blocks,
                      const chain::Block& block, const sequencer::StoredBlock& parent) {
    BOOST_OUTCOME_TRYV(chain::validate_header(rules, block.header, parent.block.header));
    BOOST_OUTCOME_TRYV(
        chain::validate_transition(rules, block.header, parent.block.header, parent.total_difficulty));
    BOOST_OUTCOME_TRYV(chain::validate_body(rules, block));
    return chain::validate_ommers(rules, block, StoredAncestry(blocks));
}

/// Whether the header commits to these outcomes.
Result<void> validate_outcomes(const chain::RuleSet& rules, const chain::Header& header,
                               std::span<const outcome::Settled> outcomes) {
    if (!rules.inference) {
        if (!outcomes.empty()) return Error{ChainError::outcome_unused, "this chain has no inferences"};
        return success();
    }
    std::uint64_t proof_bytes = 0;
    for (const auto& settled : outcomes)
        proof_bytes += outcome::proof_bytes(settled.outcome);
    if (proof_bytes > rules.inference->proof_bytes)
        return Error{ChainError::outcome_invalid, std::to_string(proof_bytes) + " bytes of proofs"};
    const auto root = outcome::outcomes_root(outcomes);
    if (base::equal(header.extra_data, root)) return success();
    return Error{ChainError::outcomes_root_wrong,
                 "have 0x" + base::to_hex(header.extra_data) + ", want " + base::to_hex_prefixed(root)};
}

/// Whether checking the block's evidence is no more than was paid for in it, each outcome once: nobody should
/// have to check for days what is refused afterwards. What cannot be told here, of models that this node does
/// not know, is left to the check itself.
Result<void> validate_work(const chain::InferenceRules& rules, const chain::Header& header,
                           std::span<const outcome::Settled> outcomes, chain::ModelCatalogue& catalogue,
                           const state::StateReader& before, outcome::ModelSource& models) {
    state::JournaledState state(before);
    base::UInt128 gas = 0;
    for (const auto& [job, outcome] : outcomes) {
        if (!outcome.is_available()) continue;
        if (const auto model = catalogue.find(state, job.model)) {
            gas += chain::inference_gas(rules.fees, *model, job.mode).execution;
        } else if (job.mode == outcome::Mode::replay) {
            // Of one that is registered in this block.
            if (const auto file = models.load(job.model))
                gas +=
                    rules.fees.run + ml::cost_of(file.value()->graph()).total.work / rules.fees.work_per_gas;
        }
    }
    // A refund takes a fifth of what was used (EIP-3529).
    if (4 * gas <= base::UInt128{5} * header.gas_used) return success();
    return Error{ChainError::outcome_invalid, "evidence that takes more gas to check than the block used"};
}

/// Verifies the evidence of a block's outcomes, in parallel. The error is that of the first that is wrong:
/// that a model is missing here matters only where none is.
Result<void> verify_outcomes(const chain::RuleSet& rules, const chain::Header& header,
                             std::span<const outcome::Settled> outcomes, outcome::ModelSource& models,
                             outcome::ProvableModels& provable, outcome::VerifiedProofs& known_proofs) {
    const outcome::VerifyContext context{rules.chain_id, header.number, models, provable, &known_proofs, 1};
    std::vector<std::optional<Error>> errors(outcomes.size());
    base::for_each_of(outcomes.size(), [&](std::size_t i) {
        if (auto verified = outcome::verify(outcomes[i], context); !verified)
            errors[i] = std::move(verified).error();
    });
    std::optional<Error> missing;
    for (std::size_t i = 0; i < errors.size(); ++i) {
        if (!errors[i]) continue;
        const auto text = "outcome " + std::to_string(i) + ": " + errors[i]->message();
        const bool is_missing = *errors[i] == Error{outcome::OutcomeError::model_missing};
        if (!is_missing) return Error{ChainError::outcome_invalid, text};
        if (!missing) missing = Error{ChainError::model_missing, text};
    }
    if (missing) return *std::move(missing);
    return success();
}

Result<void> validate_state_root(const chain::Header& header, const Hash& root) {
    if (root == header.state_root) return success();
    return Error{ChainError::state_root_wrong, "have " + base::to_hex_prefixed(header.state_root) +
                                                   ", want " + base::to_hex_prefixed(root)};
}

}  // namespace

Result<void> Node::Impl::check_block(const chain::Block& block, const chain::Supplement& supplement,
                                     const sequencer::StoredBlock& parent, Beacon beacon) {
    const auto& rules = config.genesis.rules;
    BOOST_OUTCOME_TRYV(validate(rules, blocks, block, parent));
    const bool has_layer = rules.system && rules.system->layer;
    // Everybody must be able to follow, whoever makes the blocks.
    if (has_layer && block.header.gas_limit > config.genesis.gas_limit)
        return Error{ChainError::gas_limit_out_of_bounds, "have " + std::to_string(block.header.gas_limit) +
                                                              ", the genesis allows " +
                                                              std::to_string(config.genesis.gas_limit)};
    if (has_layer && beacon == Beacon::or_fallback && !supplement.beacon) {
        BOOST_OUTCOME_TRY(const auto reference, chain::referred_da_header(block));
        BOOST_OUTCOME_TRYV(sequencer::check_fallback(block.header, parent.block.header, reference,
                                                     config.genesis.gas_limit));
    } else {
        BOOST_OUTCOME_TRYV(validate_beacon(rules, block, supplement.beacon, beacons.get()));
    }
    return validate_outcomes(rules, block.header, supplement.outcomes);
}

Result<void> Node::Impl::import_block(chain::Block block, chain::Supplement supplement,
                                      outcome::ModelSource& models) {
    const auto hash = chain::header_hash(block.header);
    const auto number = block.header.number;
    if (const auto known = blocks.block(hash); known != nullptr && reader.is_canonical(number, hash))
        return success();
    const auto parent = blocks.block(block.header.parent_hash);
    if (parent == nullptr) {
        return Error{NodeError::unknown_parent, base::to_hex_prefixed(block.header.parent_hash)};
    }
    // Before the beacon's mix, which is made of the header that the block refers to.
    std::vector<chain::ForcedTransaction> due;
    if (config.genesis.rules.system) {
        BOOST_OUTCOME_TRYV(chain::validate_header(config.genesis.rules, block.header, parent->block.header));
        BOOST_OUTCOME_TRY(const auto da_header, chain::referred_da_header(block));
        BOOST_OUTCOME_TRY(const auto before, reference_of(parent->block));
        BOOST_OUTCOME_TRYV(da_headers->check(da_header, before, block.header.timestamp));
        // What this node cannot know yet it finds when it derives the block.
        due = da_headers->due(before.height, da_header.height)
                  .value_or(std::vector<chain::ForcedTransaction>{});
    }
    BOOST_OUTCOME_TRYV(check_block(block, supplement, *parent, Beacon::or_fallback));
    BOOST_OUTCOME_TRYV(require_derivable(number));
    if (config.folder) {
        BOOST_OUTCOME_TRYV(require_disk_space(*config.folder));
    }

    const auto head = reader.head().block;
    if (parent->hash == head->hash)
        return adopt_next(std::move(block), hash, std::move(supplement), due, models);

    sequencer::StoredBlock aside;
    aside.hash = hash;
    aside.total_difficulty = parent->total_difficulty + block.header.difficulty;
    aside.block = std::move(block);
    aside.outcomes = std::move(supplement.outcomes);
    aside.beacon = supplement.beacon;
    auto encoded = chain::encode_block(aside.block);
    aside.rlp_size = encoded.size();
    BOOST_OUTCOME_TRYV(database->chain().write(blocks.keep_aside(aside, std::move(encoded))));
    if (aside.total_difficulty <= head->total_difficulty) return success();
    return reorganise_to(aside);
}

Result<void> Node::Impl::require_derivable(std::uint64_t number) const {
    const auto safe = config.layer ? reader.safe_number() : std::nullopt;
    if (!safe || number - std::min(number, *safe) <= config.history_depth) return success();
    return Error{NodeError::too_far_ahead, "the layer is read up to block " + std::to_string(*safe)};
}

Result<Node::Impl::Executed> Node::Impl::execute(const chain::Block& block,
                                                 std::span<const outcome::Settled> outcomes,
                                                 const std::shared_ptr<const state::StateReader>& before,
                                                 std::span<const chain::ForcedTransaction> due,
                                                 outcome::ModelSource& models) {
    const auto& rules = config.genesis.rules;
    Executed executed;
    BOOST_OUTCOME_TRY(executed.senders, recover_senders(block));
    state::JournaledState state(*before);
    const auto root = [&](const state::StateChanges& changes) {
        return database->prepare(changes).state_root();
    };
    // A proof's model must be known before the block: whether it is right is told before it is executed.
    chain::ProvableOfState known_models(catalogue, [&] { return before; });
    if (rules.inference) {
        BOOST_OUTCOME_TRYV(
            validate_work(*rules.inference, block.header, outcomes, catalogue, *before, models));
    }
    BOOST_OUTCOME_TRYV(verify_outcomes(rules, block.header, outcomes, models, known_models, verified_proofs));
    chain::BlockOutcomes known(outcomes);
    std::optional<chain::InferenceEnvironment> inference;
    if (rules.inference) inference.emplace(*rules.inference, catalogue, known, models);
    BOOST_OUTCOME_TRY(executed.result,
                      chain::execute_block(rules, block, executed.senders, state, hashes, nullptr, root,
                                           inference ? &*inference : nullptr, due));
    BOOST_OUTCOME_TRYV(chain::validate_result(rules, block.header, executed.result));
    BOOST_OUTCOME_TRYV(chain::validate_use(known.ids(), executed.result.used_jobs));
    executed.changes = state.changes();
    return executed;
}

Result<Node::Impl::Executed> Node::Impl::try_on(std::uint64_t parent, const chain::Block& block,
                                                std::span<const outcome::Settled> outcomes,
                                                std::span<const chain::ForcedTransaction> due,
                                                outcome::ModelSource& models) {
    BOOST_OUTCOME_TRY(const auto before, database->reader_at(parent));
    BOOST_OUTCOME_TRY(auto executed, execute(block, outcomes, before, due, models));
    BOOST_OUTCOME_TRY(const auto root,
                      database->root_after(parent, executed.changes, state::Reach::whole_history));
    BOOST_OUTCOME_TRYV(validate_state_root(block.header, root));
    return executed;
}

Result<void> Node::Impl::adopt_next(chain::Block block, const Hash& hash, chain::Supplement supplement,
                                    std::span<const chain::ForcedTransaction> due,
                                    outcome::ModelSource& models) {
    BOOST_OUTCOME_TRY(auto executed, execute(block, supplement.outcomes, database->latest(), due, models));
    return adopt_executed(std::move(block), hash, std::move(supplement), due, std::move(executed));
}

Result<void> Node::Impl::adopt_executed(chain::Block block, const Hash& hash, chain::Supplement supplement,
                                        std::span<const chain::ForcedTransaction> due, Executed executed) {
    const auto parent = reader.head().block;
    sequencer::BuiltBlock built;
    built.changes = std::move(executed.changes);
    const auto prepared = database->prepare(built.changes);
    BOOST_OUTCOME_TRYV(validate_state_root(block.header, prepared.state_root()));
    std::vector<Hash> transaction_hashes;
    for (const auto& transaction : block.transactions) {
        transaction_hashes.push_back(chain::transaction_hash(transaction));
    }
    auto& stored = built.block;
    stored.hash = hash;
    stored.total_difficulty = parent->total_difficulty + block.header.difficulty;
    stored.receipts = std::move(executed.result.receipts);
    stored.outcomes = std::move(supplement.outcomes);
    stored.beacon = supplement.beacon;
    stored.read_models = std::move(executed.result.read_models);
    stored.owed = chain::commitment_of(due);
    built.encoded = chain::encode_block(block);
    stored.rlp_size = built.encoded.size();
    stored.facts = sequencer::derive_facts(block, stored.receipts, executed.senders, transaction_hashes);
    stored.block = std::move(block);
    BOOST_OUTCOME_TRYV(commit(std::move(built), prepared));
    return success();
}

Result<void> Node::Impl::reorganise_to(const sequencer::StoredBlock& tip) {
    std::vector<sequencer::SharedBlock> branch{std::make_shared<const sequencer::StoredBlock>(tip)};
    for (;;) {
        const auto& parent_hash = branch.back()->block.header.parent_hash;
        if (reader.is_canonical(branch.back()->number() - 1, parent_hash)) break;
        auto parent = blocks.block(parent_hash);
        if (parent == nullptr) return Error{NodeError::unknown_parent, base::to_hex_prefixed(parent_hash)};
        branch.push_back(std::move(parent));
    }
    const auto fork = branch.back()->number() - 1;
    std::vector<sequencer::SharedBlock> left;
    for (auto n = fork + 1; n <= reader.head_number(); ++n)
        left.push_back(blocks.canonical(n));

    BOOST_OUTCOME_TRYV(unwind_to(fork));
    for (auto block = branch.rbegin(); block != branch.rend(); ++block) {
        auto adopted =
            adopt_next((*block)->block, (*block)->hash, (*block)->supplement(), {}, *config.models);
        if (adopted) continue;
        // The heavier chain is not valid: back to the one before, which is.
        BOOST_OUTCOME_TRYV(unwind_to(fork));
        for (const auto& old : left) {
            BOOST_OUTCOME_TRYV(adopt_next(old->block, old->hash, old->supplement(), {}, *config.models));
        }
        return adopted;
    }
    return success();
}

}  // namespace valence::node
