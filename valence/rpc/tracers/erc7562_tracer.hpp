// erc7562Tracer: calls with what ERC-7562 (validation rules of account abstraction) restricts: slots,
// opcodes, code sizes and hashed preimages.
#pragma once

#include <array>
#include <map>
#include <set>

#include "valence/rpc/json_writer.hpp"
#include "valence/rpc/tracers/call_frames.hpp"

namespace valence::rpc::tracers {

class Erc7562Tracer : public TransactionTracer {
public:
    struct Options {
        bool with_logs = false;
        /// Opcodes left out of `usedOpcodes`; by default the plain stack and arithmetic ones.
        std::array<bool, 256> ignored{};
    };

    explicit Erc7562Tracer(Options options) : options_(options), calls_({false, options.with_logs}) {}
    static Answer<std::unique_ptr<TransactionTracer>> from_config(const boost::json::value& config);

    void on_transaction_start(const TransactionStart& start) override;
    void on_transaction_end(std::uint64_t gas_used) override { calls_.on_transaction_end(gas_used); }
    void on_enter(const evm::Message& message, evm::Host&) override;
    void on_exit(const evm::Message& message, const evm::CallResult& result, evm::Host&) override;
    void on_step(const evm::Step& step, evm::Host&) override;
    void on_step_cost(evm::Gas, evm::Status status) override { calls_.on_step_cost(status); }
    void on_log(const evm::Log& log) override { calls_.on_log(log); }
    void on_self_destruct(const Address& account, const Address& beneficiary, const U256& balance) override;
    Answer<std::string> result() override;

private:
    struct AccessedCode {
        std::size_t size = 0;
        std::uint8_t opcode = 0;
    };
    /// What a frame did; a tree of the same shape as the call frames'.
    struct Accesses {
        std::map<U256, U256> reads;
        std::map<U256, std::uint64_t> writes;
        std::map<U256, std::uint64_t> transient_reads;
        std::map<U256, std::uint64_t> transient_writes;
        std::vector<Address> ext_code;
        std::map<std::uint8_t, std::uint64_t> used_opcodes;
        std::map<Address, AccessedCode> code_sizes;
        bool out_of_gas = false;
        std::vector<Accesses> calls;
    };
    struct LastStep {
        std::uint8_t opcode = 0;
        std::optional<U256> top;
    };

    void note_storage(const evm::Step& step, Accesses& frame);
    void write(JsonWriter& out, const CallFrame& frame, const Accesses& accesses, bool is_root) const;

    Options options_;
    CallFrames calls_;
    state::JournaledState* state_ = nullptr;
    std::vector<Accesses> stack_;
    Accesses root_;
    std::optional<LastStep> last_;
    std::set<Bytes> preimages_;
};

}  // namespace valence::rpc::tracers
