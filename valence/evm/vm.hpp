// Vm: runs a message and all the messages it causes, against a Host.
#pragma once

#include "valence/evm/host.hpp"
#include "valence/evm/message.hpp"
#include "valence/evm/tracer.hpp"

namespace valence::evm {

/// The parameters a chain may change without changing the machine.
struct Limits {
    /// EIP-170.
    std::size_t code_size = 24'576;
    /// EIP-3860, from Shanghai.
    std::size_t init_code_size = 49'152;
};

/// One transaction's machine. Not thread-safe; cheap to make (stacks and memories are pooled per thread).
class Vm {
public:
    Vm(Revision revision, const BlockContext& block, const TransactionContext& transaction, Host& host,
       Tracer* tracer = nullptr, Limits limits = {});

    /// Runs a frame at `message.depth`: value transfer, precompile or code, EIP-7702 delegation of the
    /// callee, creation with its nonce, collision and code rules. The host's state is rolled back on anything
    /// but success. The caller has charged intrinsic gas, incremented the sender's nonce (calls only: a
    /// creation increments it here) and filled the warm sets.
    ///
    /// The address of a creation derives from the sender's nonce *before* it is incremented here.
    CallResult execute(const Message& message);

private:
    Revision revision_;
    const BlockContext& block_;
    const TransactionContext& transaction_;
    Host& host_;
    Tracer* tracer_;
    Limits limits_;
};

}  // namespace valence::evm
