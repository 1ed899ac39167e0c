// TimedTracer: another tracer, until its time is over. The run itself goes on to its end, which its gas
// bounds.
#pragma once

#include <chrono>

#include "valence/rpc/tracers/transaction_tracer.hpp"

namespace valence::rpc::tracers {

class TimedTracer : public TransactionTracer {
public:
    using Clock = std::chrono::steady_clock;

    TimedTracer(std::unique_ptr<TransactionTracer> tracer, std::chrono::milliseconds limit)
        : tracer_(std::move(tracer)), end_(Clock::now() + limit) {}

    void on_transaction_start(const TransactionStart& start) override {
        tracer_->on_transaction_start(start);
    }
    void on_transaction_end(std::uint64_t gas_used) override {
        is_over();
        if (!over_) tracer_->on_transaction_end(gas_used);
    }
    void on_enter(const evm::Message& message, evm::Host& host) override {
        if (!over_) tracer_->on_enter(message, host);
    }
    void on_exit(const evm::Message& message, const evm::CallResult& result, evm::Host& host) override {
        if (!over_) tracer_->on_exit(message, result, host);
    }
    void on_step(const evm::Step& step, evm::Host& host) override {
        if (++steps_ % kStepsBetweenLooks == 0) is_over();
        if (!over_) tracer_->on_step(step, host);
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
    static constexpr std::uint64_t kStepsBetweenLooks = 1'024;
    void is_over() { over_ = over_ || Clock::now() > end_; }

    std::unique_ptr<TransactionTracer> tracer_;
    Clock::time_point end_;
    std::uint64_t steps_ = 0;
    bool over_ = false;
};

}  // namespace valence::rpc::tracers
