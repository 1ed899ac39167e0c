// StructLogger: one entry per instruction, the default of debug_trace*. Writes its JSON while the transaction
// runs, since a trace may have millions of entries.
#pragma once

#include <map>

#include "valence/rpc/json_writer.hpp"
#include "valence/rpc/tracers/failure_texts.hpp"
#include "valence/rpc/tracers/transaction_tracer.hpp"

namespace valence::rpc::tracers {

class StructLogger : public TransactionTracer {
public:
    struct Options {
        bool enable_memory = false;
        bool disable_stack = false;
        bool disable_storage = false;
        bool enable_return_data = false;
        /// Bytes of entries after which no more are recorded; 0 for kMostFindings, and then it is an error.
        std::uint64_t limit = 0;
    };

    explicit StructLogger(Options options) : options_(options) {}
    static Answer<std::unique_ptr<TransactionTracer>> from_config(const boost::json::value& config);

    void on_transaction_start(const TransactionStart& start) override;
    void on_transaction_end(std::uint64_t gas_used) override { gas_used_ = gas_used; }
    void on_enter(const evm::Message& message, evm::Host&) override;
    void on_exit(const evm::Message& message, const evm::CallResult& result, evm::Host&) override;
    void on_step(const evm::Step& step, evm::Host& host) override;
    void on_step_cost(evm::Gas cost, evm::Status status) override;
    Answer<std::string> result() override;

private:
    bool is_full() const;
    void write_entry();
    void write_views(const evm::Step& step, evm::Host& host);
    void write_storage(JsonWriter& out, const evm::Step& step);

    Options options_;
    FailureTexts texts_;
    state::JournaledState* state_ = nullptr;
    /// Slots each contract has read or written so far, which every SLOAD and SSTORE shows.
    std::map<Address, std::map<U256, U256>> storage_;
    /// The entries, separated by commas.
    std::string entries_;
    /// The pending entry: its fields before and behind `gasCost` and `error`, which are known only later.
    std::string head_;
    std::string tail_;
    std::string error_;
    std::int32_t depth_ = 0;
    evm::Gas cost_ = 0;
    bool is_creation_ = false;
    enum class Pending : std::uint8_t { nothing, step, step_with_cost };
    Pending pending_ = Pending::nothing;

    std::uint64_t gas_used_ = 0;
    evm::Status status_ = evm::Status::success;
    Bytes output_;
};

}  // namespace valence::rpc::tracers
