// JobDesk: where the sequencer hands in jobs and gets outcomes back, whoever computes them.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "valence/chain/inference/record.hpp"
#include "valence/outcome/settled.hpp"

namespace valence::sequencer {

/// Whether an answer was what it claims to be.
enum class Verdict : std::uint8_t { believed, refused };

/// Called on any thread with an answer that nobody has checked yet; Unavailable where there will be none. One
/// that is refused may be followed by another.
using AnswerHandler = std::function<Verdict(const outcome::JobId& id, const outcome::Settled& settled)>;

/// A job on its way to whoever computes it.
struct JobOrder {
    chain::NeededJob needed;
    /// Who pays for it.
    Address sender;
    /// The last block that may use the answer.
    std::uint64_t expiry_block = 0;
};

class JobDesk {
public:
    virtual ~JobDesk() = default;
    /// Answers come to this handler from now on, until `stop`. Called once, before any job.
    virtual void set_handler(AnswerHandler handler) = 0;
    /// Gives up what is under way; returns when no handler runs any more.
    virtual void stop() = 0;
    /// Takes in a job, at once; one that is under way already is not begun again.
    virtual void dispatch(const JobOrder& order) = 0;
    /// Why the job went where it went, in a line; nothing when that is not known.
    virtual std::optional<std::string> explain(const outcome::JobId&) const { return std::nullopt; }
};

}  // namespace valence::sequencer
