// callTracer: the tree of calls, as geth's tracer of that name prints it.
#pragma once

#include "valence/rpc/json_writer.hpp"
#include "valence/rpc/tracers/call_frames.hpp"

namespace valence::rpc::tracers {

class CallTracer : public TransactionTracer {
public:
    /// Options `onlyTopCall` and `withLog`.
    explicit CallTracer(CallFrames::Options options) : frames_(options) {}
    static Answer<std::unique_ptr<TransactionTracer>> from_config(const boost::json::value& config);

    void on_transaction_start(const TransactionStart& start) override { frames_.on_transaction_start(start); }
    void on_transaction_end(std::uint64_t gas_used) override { frames_.on_transaction_end(gas_used); }
    void on_enter(const evm::Message& message, evm::Host&) override { frames_.on_enter(message); }
    void on_exit(const evm::Message& message, const evm::CallResult& result, evm::Host&) override {
        frames_.on_exit(message, result);
    }
    void on_step(const evm::Step& step, evm::Host&) override {
        frames_.on_step(step);
        if (frames_.is_full()) give_up();
    }
    void on_step_cost(evm::Gas, evm::Status status) override { frames_.on_step_cost(status); }
    void on_log(const evm::Log& log) override { frames_.on_log(log); }
    void on_self_destruct(const Address& account, const Address& beneficiary, const U256& balance) override {
        frames_.on_self_destruct(account, beneficiary, balance);
    }
    Answer<std::string> result() override;

private:
    CallFrames frames_;
};

/// The fields of one log entry of a frame: address, topics, data, position, index.
void write_frame_log(JsonWriter& out, const FrameLog& log);

}  // namespace valence::rpc::tracers
