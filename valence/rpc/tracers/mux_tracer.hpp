// muxTracer: several tracers over one run; finds {"name": findings, …}.
#pragma once

#include "valence/rpc/tracers/transaction_tracer.hpp"

namespace valence::rpc::tracers {

class MuxTracer : public TransactionTracer {
public:
    struct Part {
        std::string name;
        std::unique_ptr<TransactionTracer> tracer;
    };

    explicit MuxTracer(std::vector<Part> parts) : parts_(std::move(parts)) {}
    /// {"callTracer": {…its options…}, …}
    static Answer<std::unique_ptr<TransactionTracer>> from_config(const boost::json::value& config);

    void on_transaction_start(const TransactionStart& start) override;
    void on_transaction_end(std::uint64_t gas_used) override;
    void on_enter(const evm::Message& message, evm::Host& host) override;
    void on_exit(const evm::Message& message, const evm::CallResult& result, evm::Host& host) override;
    void on_step(const evm::Step& step, evm::Host& host) override;
    void on_step_cost(evm::Gas cost, evm::Status status) override;
    void on_log(const evm::Log& log) override;
    void on_self_destruct(const Address& account, const Address& beneficiary, const U256& balance) override;
    Answer<std::string> result() override;

private:
    std::vector<Part> parts_;
};

}  // namespace valence::rpc::tracers
