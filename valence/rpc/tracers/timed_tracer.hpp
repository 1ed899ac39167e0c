// TimedTracer: another tracer, until its time is over. Then, or when the other one has seen enough, it gives
// the run up.
#pragma once

#include "valence/rpc/deadline.hpp"
#include "valence/rpc/tracers/transaction_tracer.hpp"

namespace valence::rpc::tracers {

class TimedTracer : public TransactionTracer {
public:
    TimedTracer(std::unique_ptr<TransactionTracer> tracer, const Deadline& deadline)
        : tracer_(std::move(tracer)), deadline_(deadline) {}

    void on_transaction_start(const TransactionStart& start) override {
        tracer_->on_transaction_start(start);
    }
    void on_transaction_end(std::uint64_t gas_used) override {
        look();
        if (!over_) tracer_->on_transaction_end(gas_used);
    }
    void on_enter(const evm::Message& message, evm::Host& host) override {
        look();
        if (!over_) tracer_->on_enter(message, host);
    }
    void on_exit(const evm::Message& message, const evm::CallResult& result, evm::Host& host) override {
        if (!over_) tracer_->on_exit(message, result, host);
    }
    void on_step(const evm::Step& step, evm::Host& host) override {
        if (++steps_ % kStepsBetweenLooks == 0) look();
        if (over_) return;
        tracer_->on_step(step, host);
        if (tracer_->gave_up()) give_up();
    }
    void on_step_cost(evm::Gas cost, evm::Status status) override {
        if (!over_) tracer_->on_step_cost(cost, status);
    }
    void on_log(const evm::Log& log) override {
        if (!over_) tracer_->on_log(log);
    }
    void on_self_destruct(const Address& account, const Address& beneficiary, const U256& balance) override {
        if (!over_) tracer_->on_self_destruct(account, beneficiary, balance);
    }
    Answer<std::string> result() override {
        if (over_) return server_error("execution timeout");
        return tracer_->result();
    }

private:
    /// Some tracers copy a megabyte at every step.
    static constexpr std::uint64_t kStepsBetweenLooks = 64;
    void look() {
        if (over_ || !deadline_.over()) return;
        over_ = true;
        give_up();
    }

    std::unique_ptr<TransactionTracer> tracer_;
    Deadline deadline_;
    std::uint64_t steps_ = 0;
    bool over_ = false;
};

}  // namespace valence::rpc::tracers
