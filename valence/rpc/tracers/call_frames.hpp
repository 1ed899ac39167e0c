// CallFrames: the tree of calls a transaction made, recorded from the machine's hooks. callTracer and
// flatCallTracer print it, each in its own form.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "valence/rpc/tracers/failure_texts.hpp"
#include "valence/rpc/tracers/transaction_tracer.hpp"

namespace valence::rpc::tracers {

struct FrameLog {
    evm::Log log;
    /// Within the block, as if this transaction's reverted logs had not been.
    std::uint64_t index = 0;
    /// Calls the frame had made before it.
    std::size_t position = 0;
};

struct CallFrame {
    evm::Op op = evm::Op::call;
    Address from;
    /// Nothing for a creation that failed.
    std::optional<Address> to;
    std::uint64_t gas = 0;
    std::uint64_t gas_used = 0;
    Bytes input;
    Bytes output;
    /// How it failed, in geth's words; empty if it did not.
    std::string error;
    std::string revert_reason;
    std::vector<CallFrame> calls;
    std::vector<FrameLog> logs;
    /// Nothing for STATICCALL, which has none.
    std::optional<U256> value;

    bool failed() const { return !error.empty(); }
    bool is_creation() const { return op == evm::Op::create || op == evm::Op::create2; }
};

/// Who calls, as the code that runs sees it: DELEGATECALL's caller is the account whose code delegates.
Address caller_of(const evm::Message& message);

/// Whose code runs, or the account a creation makes.
Address callee_of(const evm::Message& message);

class CallFrames {
public:
    struct Options {
        bool only_top_call = false;
        bool with_logs = false;
    };

    explicit CallFrames(Options options) : options_(options) {}

    void on_transaction_start(const TransactionStart& start);
    void on_transaction_end(std::uint64_t gas_used);
    void on_enter(const evm::Message& message);
    void on_exit(const evm::Message& message, const evm::CallResult& result);
    void on_step(const evm::Step& step) { texts_.on_step(step); }
    void on_step_cost(evm::Status status) { texts_.on_step_cost(status); }
    void on_log(const evm::Log& log);
    void on_self_destruct(const Address& account, const Address& beneficiary, const U256& balance);

    /// Whether it remembers more than kMostFindings.
    bool is_full() const { return bytes_ > kMostFindings; }
    /// The transaction's own frame; null when it made none.
    CallFrame* root() { return root_ ? &*root_ : nullptr; }
    /// The frame that waits for the one which just ended; null at the top.
    CallFrame* innermost() { return stack_.empty() ? nullptr : &stack_.back(); }

private:
    Options options_;
    FailureTexts texts_;
    std::uint64_t gas_limit_ = 0;
    std::uint64_t log_index_ = 0;
    /// Value of `log_index_` when each open frame began: a frame that fails takes its logs back.
    std::vector<std::uint64_t> log_checkpoints_;
    std::vector<CallFrame> stack_;
    std::optional<CallFrame> root_;
    /// About what all frames and their logs take.
    std::size_t bytes_ = 0;
};

}  // namespace valence::rpc::tracers
