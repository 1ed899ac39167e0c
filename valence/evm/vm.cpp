#include "valence/evm/vm.hpp"

#include "valence/evm/call_stack.hpp"

namespace valence::evm {

Vm::Vm(Revision revision, const BlockContext& block, const TransactionContext& transaction, Host& host,
       Tracer* tracer, Limits limits)
    : revision_(revision),
      block_(block),
      transaction_(transaction),
      host_(host),
      tracer_(tracer),
      limits_(limits) {}

CallResult Vm::execute(const Message& message) {
    if (message.depth == 0) AnalysisCache::of_this_thread().begin_transaction();
    const Environment environment{revision_, block_, transaction_, host_, tracer_, limits_};
    return CallStack{environment}.run(message);
}

}  // namespace valence::evm
