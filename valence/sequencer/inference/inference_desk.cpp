#include "valence/sequencer/inference/inference_desk.hpp"

#include "valence/chain/genesis_contracts.hpp"
#include "valence/chain/inference/job_input.hpp"
#include "valence/outcome/replay.hpp"

namespace valence::sequencer {
namespace {

/// For how many blocks an operator's answer may be used: long enough for any queue.
constexpr std::uint64_t kUsableBlocks = 10'000;

/// Of an outcome in a block's body, but for its integers and its proof.
constexpr std::size_t kMostFixedBytes = 256;

}  // namespace

InferenceDesk::InferenceDesk(DeskOptions options, chain::ModelCatalogue& catalogue,
                             outcome::ModelSource& models, JobDesk& jobs, ReadyHandler ready)
    : options_(options),
      catalogue_(catalogue),
      models_(models),
      jobs_(jobs),
      ready_(std::move(ready)),
      parking_(options.parking) {
    jobs_.set_handler(
        [this](const outcome::JobId& id, const outcome::Settled& settled) { return answered(id, settled); });
}

void InferenceDesk::needs(const PooledTransaction& transaction, SenderKind sender,
                          const chain::InferenceRecord& record, std::uint64_t block) {
    const auto parked = refuses(transaction->hash, sender, block)
                            ? std::nullopt
                            : parking_.park(transaction, record.needed, sender);
    if (!parked) {
        turned_away_.add(*transaction, InVain::not_now, block);
        return;
    }
    turned_away_.forget(transaction->sender, transaction->hash);
    for (const auto& job : *parked)
        if (outcomes_.find(job.id, block) == nullptr)
            jobs_.dispatch({job, transaction->sender, block + kUsableBlocks});
    // An outcome may have come between the run and the parking.
    bool is_ready = false;
    for (const auto& job : record.needed)
        if (outcomes_.find(job.id, block) != nullptr) is_ready = parking_.arrived(job.id) || is_ready;
    if (is_ready) ready_();
}

void InferenceDesk::delivery_needs(const chain::Delivery& delivery, const chain::InferenceRecord& record,
                                   std::uint64_t block) {
    head_ = block - 1;
    delivery_wait_.wait(delivery, record.needed, block);
    for (const auto& job : record.needed) {
        if (outcomes_.find(job.id, block) != nullptr) {
            if (delivery_wait_.arrived(job.id)) ready_();
        } else {
            jobs_.dispatch({job, chain::kScheduler, block + kUsableBlocks});
        }
    }
}

Verdict InferenceDesk::answered(const outcome::JobId& id, const outcome::Settled& settled) {
    // Nobody could: what the sequencer can compute itself, it does.
    if (!settled.outcome.is_available() && settled.job.mode == outcome::Mode::replay) {
        compute_here(id, settled.job);
        return Verdict::believed;
    }
    outcome::NothingProvable nothing;
    const outcome::VerifyContext context{
        options_.chain_id, head_ + 1, models_, options_.provable == nullptr ? nothing : *options_.provable,
        options_.verified, 1};
    if (id != outcome::job_id(settled.job) || !outcome::verify(settled, context)) return Verdict::refused;
    // An operator may sign anything. No block can hold what is none of the model's outputs, and who asked
    // would be free of what else was computed for it.
    if (!has_form_of_output(settled)) return Verdict::refused;
    accept(id, settled);
    return Verdict::believed;
}

bool InferenceDesk::has_form_of_output(const outcome::Settled& settled) const {
    const auto& output = settled.outcome.output;
    if (!settled.outcome.is_available()) return true;
    if (const auto described = catalogue_.find_read(settled.job.model))
        return chain::is_output_of(described->graph(), output);
    const auto model = models_.load(settled.job.model);
    return model && chain::is_output_of(model.value()->graph(), output);
}

void InferenceDesk::compute_here(const outcome::JobId& id, const outcome::Job& job) {
    const auto model = models_.load(job.model);
    if (!model) return give_up(id);
    auto output = outcome::replay(*model.value(), job.input);
    if (!output) return give_up(id);
    accept(id, {job, {std::move(output).value(), options_.payee, outcome::ReplayEvidence{}}});
}

void InferenceDesk::accept(const outcome::JobId& id, outcome::Settled settled) {
    outcomes_.add(id, std::move(settled), head_ + 1);
    const bool delivery_is_ready = delivery_wait_.arrived(id);
    if (parking_.arrived(id) || delivery_is_ready) ready_();
}

void InferenceDesk::give_up(const outcome::JobId& id) {
    delivery_wait_.given_up(id);
    for (const auto& transaction : parking_.release(id))
        turned_away_.add(*transaction, InVain::not_now, head_ + 1);
}

const outcome::Outcome* BuildingOutcomes::find(const outcome::JobId& id, const outcome::Job& job) {
    // A job of this block stays answered as it was.
    if (const auto used = used_.find(id); used != used_.end()) return &used->second->outcome;
    if (withheld_.contains(id)) return nullptr;
    auto found = desk_.find(id, block_);
    // In this block it is as if nobody had it: whoever is answered at once gets that for an answer.
    if (found != nullptr && !fits(*found)) found = nullptr;
    const bool is_answered =
        at_once_ == AtOnce::everything || (at_once_ == AtOnce::replay && job.mode == outcome::Mode::replay);
    if (found == nullptr && is_answered) found = answer_at_once(job);
    if (found == nullptr) return nullptr;
    const auto proof_bytes = outcome::proof_bytes(found->outcome);
    proof_bytes_left_ -= proof_bytes;
    bytes_ += kMostFixedBytes + proof_bytes +
              sizeof(std::int32_t) * (found->job.input.size() + found->outcome.output.size());
    return &used_.emplace(id, std::move(found)).first->second->outcome;
}

bool BuildingOutcomes::fits(const outcome::Settled& settled) const {
    const auto bytes = outcome::proof_bytes(settled.outcome);
    return bytes == 0 || (bytes <= proof_bytes_left_ && chain::keeps_key(parent_, settled.job.model));
}

void BuildingOutcomes::withhold(const std::vector<chain::NeededJob>& jobs) {
    for (const auto& job : jobs)
        withheld_.insert(job.id);
}

SharedOutcome BuildingOutcomes::answer_at_once(const outcome::Job& job) const {
    if (job.mode != outcome::Mode::replay) {
        return std::make_shared<outcome::Settled>(
            outcome::Settled{job, {{}, {}, outcome::Unavailable{outcome::UnavailableReason::asked_anew}}});
    }
    const auto model = desk_.models().load(job.model);
    if (!model) return nullptr;
    auto output = outcome::replay(*model.value(), job.input);
    if (!output) return nullptr;
    return std::make_shared<outcome::Settled>(
        outcome::Settled{job, {std::move(output).value(), desk_.payee(), outcome::ReplayEvidence{}}});
}

SharedOutcome BuildingOutcomes::used(const outcome::JobId& id) const {
    const auto found = used_.find(id);
    return found == used_.end() ? nullptr : found->second;
}

}  // namespace valence::sequencer
