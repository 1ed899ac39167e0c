// TransferTracer: the logs of a simulated call, and moves of the chain's coin as if an ERC-20 at 0xeeee…ee
// logged them (ERC-7528's address), each where it happened.
#pragma once

#include <vector>

#include "valence/rpc/tracers/failure_tracer.hpp"

namespace valence::rpc::simulation {

struct NumberedLog {
    evm::Log log;
    /// Within the simulated block; numbers of reverted logs are not given again.
    std::uint64_t index = 0;
};

class TransferTracer : public tracers::FailureTracer {
public:
    enum class Transfers : std::uint8_t { ignored, logged };

    /// `first_index` is the number of the call's first log.
    TransferTracer(evm::Revision revision, const Deadline& deadline, Transfers transfers,
                   std::uint64_t first_index)
        : FailureTracer(revision, deadline), transfers_(transfers), next_index_(first_index) {}

    void on_enter(const evm::Message& message, evm::Host& host) override;
    void on_exit(const evm::Message& message, const evm::CallResult& result, evm::Host& host) override;
    void on_log(const evm::Log& log) override { add(log); }
    void on_self_destruct(const Address& account, const Address& beneficiary, const U256& balance) override;

    const std::vector<NumberedLog>& logs() const { return logs_; }
    std::uint64_t next_index() const { return next_index_; }

private:
    void add(evm::Log log) { logs_.push_back({std::move(log), next_index_++}); }
    void add_transfer(const Address& from, const Address& to, const U256& value);

    Transfers transfers_;
    std::uint64_t next_index_;
    std::vector<NumberedLog> logs_;
    /// Number of logs when each open frame began.
    std::vector<std::size_t> checkpoints_;
};

}  // namespace valence::rpc::simulation
