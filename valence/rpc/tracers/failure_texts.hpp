// FailureTexts: how a frame or an instruction failed, in the words of geth, which tools compare against.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "valence/evm/opcodes.hpp"
#include "valence/evm/tracer.hpp"

namespace valence::rpc::tracers {

/// The text of a status that needs no details; details are those of the last instruction otherwise.
std::string failure_text(evm::Status status);

/// Follows a run from a tracer's hooks and remembers each frame's last instruction, of which the texts speak
/// ("stack underflow (0 <=> 2)").
class FailureTexts {
public:
    explicit FailureTexts(evm::Revision revision = evm::kLatestRevision) : revision_(revision) {}

    void set_revision(evm::Revision revision) { revision_ = revision; }
    void on_enter() { frames_.emplace_back(); }
    void on_step(const evm::Step& step);
    void on_step_cost(evm::Status status);
    /// Ends the innermost frame: how it failed, or nothing.
    std::string on_exit(const evm::Message& message, const evm::CallResult& result);

    /// The instruction the innermost frame is at; nothing before its first.
    std::optional<evm::Op> running_op() const;

    /// How the instruction whose cost was told last failed before it could run: out of gas or a stack of the
    /// wrong height. Empty when it ran (and perhaps failed then).
    std::string step_failure() const;

private:
    struct LastStep {
        bool seen = false;
        std::uint8_t opcode = 0;
        std::size_t stack_height = 0;
        evm::Gas gas = 0;
        evm::Status status = evm::Status::success;
    };
    std::string describe(evm::Status status, const LastStep& step) const;

    evm::Revision revision_;
    std::vector<LastStep> frames_;
};

}  // namespace valence::rpc::tracers
