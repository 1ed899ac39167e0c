// flatCallTracer: the calls of a transaction as a flat list in depth-first order, in the form of Parity's
// trace_transaction.
#pragma once

#include "valence/rpc/json_writer.hpp"
#include "valence/rpc/tracers/call_frames.hpp"

namespace valence::rpc::tracers {

class FlatCallTracer : public TransactionTracer {
public:
    struct Options {
        /// Errors in Parity's words.
        bool convert_parity_errors = false;
        /// Calls of precompiles too, which Parity leaves out.
        bool include_precompiles = false;
    };

    explicit FlatCallTracer(Options options) : options_(options), frames_({}) {}
    static Answer<std::unique_ptr<TransactionTracer>> from_config(const boost::json::value& config);

    void on_transaction_start(const TransactionStart& start) override;
    void on_transaction_end(std::uint64_t gas_used) override { frames_.on_transaction_end(gas_used); }
    void on_enter(const evm::Message& message, evm::Host&) override { frames_.on_enter(message); }
    void on_exit(const evm::Message& message, const evm::CallResult& result, evm::Host&) override;
    void on_step(const evm::Step& step, evm::Host&) override {
        frames_.on_step(step);
        if (frames_.is_full()) give_up();
    }
    void on_step_cost(evm::Gas, evm::Status status) override { frames_.on_step_cost(status); }
    void on_self_destruct(const Address& account, const Address& beneficiary, const U256& balance) override {
        frames_.on_self_destruct(account, beneficiary, balance);
    }
    Answer<std::string> result() override;

private:
    void write(JsonWriter& out, const CallFrame& frame, std::vector<std::size_t>& path) const;

    Options options_;
    CallFrames frames_;
    evm::Revision revision_ = evm::kLatestRevision;
    TracePosition position_;
};

}  // namespace valence::rpc::tracers
