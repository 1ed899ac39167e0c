// LocalDesk: computes REPLAY jobs in this process, on threads of its own: for a sequencer without compute
// nodes. Other modes have nobody here who could serve them.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

#include "valence/outcome/model_source.hpp"
#include "valence/sequencer/inference/job_desk.hpp"

namespace valence::sequencer {

class LocalDesk final : public JobDesk {
public:
    /// `models` must outlive the desk; `payee` is credited.
    LocalDesk(outcome::ModelSource& models, const Address& payee, unsigned threads = 1);
    ~LocalDesk() override;

    void set_handler(AnswerHandler handler) override { handler_ = std::move(handler); }
    void stop() override;
    void dispatch(const JobOrder& order) override;

private:
    void loop(const std::stop_token& stop);
    outcome::Settled compute(const outcome::Job& job) const;

    outcome::ModelSource& models_;
    const Address payee_;
    AnswerHandler handler_;
    std::mutex mutex_;  // guards what follows
    std::condition_variable_any changed_;
    std::deque<chain::NeededJob> queue_;
    std::set<outcome::JobId> under_way_;
    /// Last, so that they end before what they use goes.
    std::vector<std::jthread> threads_;
};

}  // namespace valence::sequencer
