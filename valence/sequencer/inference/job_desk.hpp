// JobDesk: where the sequencer hands in jobs and gets outcomes back, whoever computes them.
#pragma once

#include <functional>

#include "valence/chain/inference/record.hpp"
#include "valence/outcome/settled.hpp"

namespace valence::sequencer {

/// Called on any thread with an answer, believed by nobody yet; Unavailable where there will be none.
using AnswerHandler = std::function<void(const outcome::JobId& id, outcome::Settled settled)>;

class JobDesk {
public:
    virtual ~JobDesk() = default;
    /// Answers come to this handler from now on, until `stop`. Called once, before any job.
    virtual void set_handler(AnswerHandler handler) = 0;
    /// Gives up what is under way; returns when no handler runs any more.
    virtual void stop() = 0;
    /// Takes in a job, at once; one that is under way already is not begun again.
    virtual void dispatch(const chain::NeededJob& job) = 0;
};

}  // namespace valence::sequencer
