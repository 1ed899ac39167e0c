// The reference machine: the EVM written a second time, to be obviously right rather than fast. A switch over
// opcodes, vectors for stack and memory, every check at every step, gas as the EIPs state it, calls by
// recursion. It shares with the machine proper only the Host, the precompiles, Keccak and the message types;
// tests and the fuzzer compare the two.
#pragma once

#include "valence/evm/vm.hpp"

namespace valence::evm::reference {

/// As evm::Vm, without tracing.
class Machine {
public:
    Machine(Revision revision, const BlockContext& block, const TransactionContext& transaction, Host& host,
            Limits limits = {});

    CallResult execute(const Message& message);

private:
    friend class Run;

    CallResult call(const Message& message);
    CallResult create(Message message);
    /// Runs code to its end; the caller takes care of the journal.
    CallResult interpret(const Message& message, BytesView code, BytesView calldata);

    Revision revision_;
    const BlockContext& block_;
    const TransactionContext& transaction_;
    Host& host_;
    Limits limits_;
};

}  // namespace valence::evm::reference
