// FailureTracer: how a transaction failed as a whole, in geth's words. Gives the run up when its time is
// over.
#pragma once

#include "valence/rpc/deadline.hpp"
#include "valence/rpc/tracers/failure_texts.hpp"

namespace valence::rpc::tracers {

class FailureTracer : public DeadlineTracer {
public:
    FailureTracer(evm::Revision revision, const Deadline& deadline)
        : DeadlineTracer(deadline), texts_(revision) {}

    void on_enter(const evm::Message&, evm::Host&) override { texts_.on_enter(); }
    void on_step(const evm::Step& step, evm::Host& host) override {
        DeadlineTracer::on_step(step, host);
        texts_.on_step(step);
    }
    void on_step_cost(evm::Gas, evm::Status status) override { texts_.on_step_cost(status); }
    void on_exit(const evm::Message& message, const evm::CallResult& result, evm::Host&) override {
        text_ = texts_.on_exit(message, result);
    }

    /// Of the frame that ended last, which is the transaction's own; empty when it did not fail.
    const std::string& text() const { return text_; }

private:
    FailureTexts texts_;
    std::string text_;
};

}  // namespace valence::rpc::tracers
