#include "valence/sequencer/inference/local_desk.hpp"

#include "valence/base/thread_priority.hpp"
#include "valence/outcome/replay.hpp"

namespace valence::sequencer {

LocalDesk::LocalDesk(outcome::ModelSource& models, const Address& payee, unsigned threads)
    : models_(models), payee_(payee) {
    for (unsigned i = 0; i < threads; ++i)
        threads_.emplace_back([this](const std::stop_token& stop) { loop(stop); });
}

LocalDesk::~LocalDesk() { LocalDesk::stop(); }

void LocalDesk::stop() {
    for (auto& thread : threads_)
        thread.request_stop();
    threads_.clear();
}

void LocalDesk::dispatch(const JobOrder& order) {
    const auto& job = order.needed;
    {
        const std::lock_guard guard(mutex_);
        if (!under_way_.insert(job.id).second) return;
        queue_.push_back(job);
    }
    changed_.notify_one();
}

void LocalDesk::loop(const std::stop_token& stop) {
    base::give_way_to_the_chain(base::Work::compute);
    for (;;) {
        chain::NeededJob needed;
        {
            std::unique_lock lock(mutex_);
            if (!changed_.wait(lock, stop, [this] { return !queue_.empty(); })) return;
            needed = std::move(queue_.front());
            queue_.pop_front();
        }
        const auto settled = compute(needed.job);
        {
            const std::lock_guard guard(mutex_);
            under_way_.erase(needed.id);
        }
        static_cast<void>(handler_(needed.id, settled));
    }
}

outcome::Settled LocalDesk::compute(const outcome::Job& job) const {
    const auto none = [&](outcome::UnavailableReason reason) {
        return outcome::Settled{job, {{}, {}, outcome::Unavailable{reason}}};
    };
    if (job.mode != outcome::Mode::replay) return none(outcome::UnavailableReason::no_capable_node);
    const auto model = models_.load(job.model);
    if (!model) return none(outcome::UnavailableReason::no_capable_node);
    auto output = outcome::replay(*model.value(), job.input);
    if (!output) return none(outcome::UnavailableReason::no_capable_node);
    return {job, {std::move(output).value(), payee_, outcome::ReplayEvidence{}}};
}

}  // namespace valence::sequencer
