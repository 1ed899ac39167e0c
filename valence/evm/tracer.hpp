// Tracer: what can be watched while the machine runs. The machine is compiled twice, with and without the
// calls to it, so that it costs nothing when absent. A tracer observes; all it can do to the run is to end
// it.
//
// Order of calls in one frame: on_enter, then per instruction on_step before it is executed and on_step_cost
// once its cost is known (before any frame it opens is entered), then on_exit.
#pragma once

#include <span>

#include "valence/evm/host.hpp"
#include "valence/evm/message.hpp"

namespace valence::evm {

/// The machine before an instruction; views are valid during the call only.
struct Step {
    std::uint32_t pc = 0;
    std::uint8_t opcode = 0;
    /// Before the instruction.
    Gas gas = 0;
    std::int32_t depth = 0;
    /// Bottom first.
    std::span<const U256> stack;
    BytesView memory;
    /// Return data of the last call.
    BytesView return_data;
    const Message* message = nullptr;
    /// The code that runs.
    BytesView code;
};

class Tracer {
public:
    virtual ~Tracer() = default;

    /// A frame begins: a call, a creation, a precompile; `message.recipient` is known for creations too.
    virtual void on_enter(const Message&, Host&) {}
    virtual void on_exit(const Message&, const CallResult&, Host&) {}
    virtual void on_step(const Step&, Host&) {}
    /// All gas the last instruction takes, with what it hands to a callee. `status` is success unless it
    /// failed.
    virtual void on_step_cost(Gas, Status) {}
    virtual void on_log(const Log&) {}
    /// SELFDESTRUCT moved `balance` to `beneficiary`.
    virtual void on_self_destruct(const Address& account, const Address& beneficiary, const U256& balance) {
        static_cast<void>(account);
        static_cast<void>(beneficiary);
        static_cast<void>(balance);
    }

    /// Whether the run is to end before its next instruction, every frame of it (Status::abandoned).
    bool gave_up() const { return gave_up_; }

protected:
    /// Ends the run: the tracer's time is over, or it has seen enough.
    void give_up() { gave_up_ = true; }

private:
    bool gave_up_ = false;
};

}  // namespace valence::evm
