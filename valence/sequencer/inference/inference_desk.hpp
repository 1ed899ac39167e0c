// InferenceDesk: the sequencer's side of inferences, from the first miss to the outcome in a block.
//
//     block builder ─ needs ─► Parking ─► JobDesk ─► … ─► answer ─ verify() ─► OutcomePool ─► block builder
//
// It never holds up a block: a transaction whose outcomes are not there yet is left out of it.
#pragma once

#include <atomic>
#include <functional>

#include "valence/chain/inference/described_model.hpp"
#include "valence/chain/inference/inference_precompile.hpp"
#include "valence/outcome/verify.hpp"
#include "valence/sequencer/inference/delivery_wait.hpp"
#include "valence/sequencer/inference/job_desk.hpp"
#include "valence/sequencer/inference/outcome_pool.hpp"
#include "valence/sequencer/inference/parking.hpp"
#include "valence/sequencer/inference/turned_away.hpp"

namespace valence::sequencer {

struct DeskOptions {
    std::uint64_t chain_id = 0;
    ParkingLimits parking;
    /// Of the outcomes that the sequencer computes itself.
    Address payee;
    /// What proofs are held against: those of the head's state.
    outcome::ProvableModels* provable = nullptr;
    /// What was found right; shared with whoever imports blocks.
    outcome::VerifiedProofs* verified = nullptr;
};

class InferenceDesk {
public:
    /// Told, on any thread, that a parked transaction can go on.
    using ReadyHandler = std::function<void()>;

    /// All must outlive the desk.
    InferenceDesk(DeskOptions options, chain::ModelCatalogue& catalogue, outcome::ModelSource& models,
                  JobDesk& jobs, ReadyHandler ready);

    /// A run of the transaction, in the block with this number, was abandoned for what the record says.
    void needs(const PooledTransaction& transaction, SenderKind sender, const chain::InferenceRecord& record,
               std::uint64_t block);
    /// It was run in vain for the block with this number.
    void turn_away(const PoolTransaction& transaction, InVain why, std::uint64_t block) {
        turned_away_.add(transaction, why, block);
    }
    /// Whether it is not to be run for the block with this number: it would only be abandoned again.
    bool is_waiting(const PoolTransaction& transaction, Offer offer, std::uint64_t block) const {
        return parking_.is_waiting(transaction.hash) || turned_away_.is_resting(transaction, offer, block);
    }
    /// Whether it was run in vain before, and nobody is to be paid by it: others may have their turn first.
    bool can_wait(const PoolTransaction& transaction) const {
        return turned_away_.is_known(transaction) && !parking_.is_bound(transaction.hash);
    }
    /// Whether it is included whatever it takes from other bound senders: it is bound for longer than any of
    /// them, and has been put off as often as anything is. Two that take what each other owes would else both
    /// stay for ever, and nobody would pay.
    bool goes_first(const PoolTransaction& transaction) const {
        return turned_away_.is_worn_out(transaction) && parking_.is_oldest(transaction.hash);
    }
    /// It is in a block, or will never be.
    void forget(const Address& sender, const Hash& transaction) {
        parking_.forget(transaction);
        turned_away_.forget(sender, transaction);
    }
    void retain(const std::function<bool(const Hash&)>& keep) {
        parking_.retain(keep);
        turned_away_.forget_idle(head_);
    }

    /// The same of a delivery, the head of the Scheduler's line.
    void delivery_needs(const chain::Delivery& delivery, const chain::InferenceRecord& record,
                        std::uint64_t block);
    const DeliveryWait& delivery_wait() const { return delivery_wait_; }

    /// The deliveries of the block with this number left a bound sender with less than it owes.
    void deliveries_took(std::uint64_t block) { wary_until_ = block + options_.parking.wary_blocks; }
    /// Whether delegated senders are not bound in the block with this number. REPLAY is computed for them
    /// where the block is built, so that they pay before anything else happens.
    bool is_wary(std::uint64_t block) const { return block <= wary_until_; }
    /// Whether such a transaction would be bound, were it not for that; who is bound already stays so.
    bool refuses(const Hash& transaction, SenderKind sender, std::uint64_t block) const {
        return sender == SenderKind::delegated && is_wary(block) && !parking_.is_bound(transaction);
    }

    /// The head: evidence is held against the block that follows it.
    void advance(std::uint64_t head) { head_ = head; }

    /// What a block with this number may use.
    SharedOutcome find(const outcome::JobId& id, std::uint64_t block) const {
        return outcomes_.find(id, block);
    }
    const Parking& parking() const { return parking_; }
    /// What is to be written down of the parking.
    std::vector<Parking::Change> take_changes() { return parking_.take_changes(); }
    const Address& payee() const { return options_.payee; }
    chain::ModelCatalogue& catalogue() const { return catalogue_; }
    outcome::ModelSource& models() const { return models_; }

private:
    bool has_form_of_output(const outcome::Settled& settled) const;
    Verdict answered(const outcome::JobId& id, const outcome::Settled& settled);
    /// REPLAY, where nobody else gave a right answer.
    void compute_here(const outcome::JobId& id, const outcome::Job& job);
    void accept(const outcome::JobId& id, outcome::Settled settled);
    /// Nobody can answer it, this node neither: who waits for it is bound no longer and is tried again later.
    void give_up(const outcome::JobId& id);

    const DeskOptions options_;
    chain::ModelCatalogue& catalogue_;
    outcome::ModelSource& models_;
    JobDesk& jobs_;
    ReadyHandler ready_;
    std::atomic<std::uint64_t> head_{0};
    std::atomic<std::uint64_t> wary_until_{0};
    OutcomePool outcomes_;
    Parking parking_;
    DeliveryWait delivery_wait_;
    TurnedAway turned_away_;
};

/// Whether a transaction that waits for outcomes can be bound.
enum class Binding : std::uint8_t { possible, refused };

/// The desk's outcomes as a block that is built uses them; keeps alive what was used.
class BuildingOutcomes final : public chain::OutcomeSource {
public:
    /// What is answered here when it is asked for and not known: nothing; REPLAY, computed; or everything,
    /// others than REPLAY being not available.
    enum class AtOnce : std::uint8_t { nothing, replay, everything };

    /// `parent`: the state before the block. Both must outlive this.
    BuildingOutcomes(const InferenceDesk& desk, const chain::InferenceRules& rules,
                     const state::StateReader& parent, std::uint64_t block)
        : desk_(desk), parent_(parent), block_(block), proof_bytes_left_(rules.proof_bytes) {}

    /// A transaction is run from here on. One that has come back too often is answered at once.
    void begin(const Hash& transaction, Binding binding) {
        at_once_ = desk_.parking().asks_too_often(transaction) ? AtOnce::everything
                   : binding == Binding::refused               ? AtOnce::replay
                                                               : AtOnce::nothing;
    }

    /// A transaction that is in this block whatever it asks is run from here on.
    void answer_all() { at_once_ = AtOnce::everything; }

    /// A delivery is run from here on.
    void begin_delivery(AtOnce at_once) { at_once_ = at_once; }
    /// The delivery that was run waits for these. Nobody else gets them in this block: with them in its body,
    /// the delivery would have been due in it.
    void withhold(const std::vector<chain::NeededJob>& jobs);

    const outcome::Outcome* find(const outcome::JobId& id, const outcome::Job& job) override;
    /// What was found under this id.
    SharedOutcome used(const outcome::JobId& id) const;
    /// Of everything that was found: at least what the block's outcomes take in its body.
    std::size_t bytes() const { return bytes_; }

private:
    SharedOutcome answer_at_once(const outcome::Job& job) const;
    /// Whether full nodes would take it in this block: there is room for its proof, and the model was known
    /// before the block, for they verify proofs before they execute.
    bool fits(const outcome::Settled& settled) const;

    const InferenceDesk& desk_;
    const state::StateReader& parent_;
    const std::uint64_t block_;
    std::uint64_t proof_bytes_left_;
    std::size_t bytes_ = 0;
    AtOnce at_once_ = AtOnce::nothing;
    boost::unordered_flat_set<outcome::JobId, std::hash<outcome::JobId>> withheld_;
    boost::unordered_flat_map<outcome::JobId, SharedOutcome, std::hash<outcome::JobId>> used_;
};

}  // namespace valence::sequencer
