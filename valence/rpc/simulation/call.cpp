#include "valence/rpc/simulation/call.hpp"

#include "valence/rpc/simulation/message.hpp"
#include "valence/rpc/simulation/revert_error.hpp"

namespace valence::rpc::simulation {

RpcError failed_call(const chain::TransactionResult& result, const std::string& text) {
    if (result.status == evm::Status::revert) return revert_error(result.output);
    return server_error(text);
}

Answer<Bytes> call(const Base& base, const CallArguments& arguments, const Overrides& overrides,
                   const Limits& limits, evm::Tracer* tracer) {
    BOOST_OUTCOME_TRY(const auto message, message_of(arguments, limits.gas_cap, base.rules.chain_id));
    BOOST_OUTCOME_TRY(const auto sandbox, Sandbox::open(base, overrides));
    auto run = sandbox->run(message, arguments.sender(), tracer);
    if (run.has_error()) return rejected_call(base, run.error(), message.gas_limit);
    auto& result = run.value();
    if (result.succeeded()) return std::move(result.output);
    std::string text;
    if (result.status != evm::Status::revert) {
        BOOST_OUTCOME_TRY(text, failure_of(base, overrides, message, arguments.sender()));
    }
    return failed_call(result, text);
}

}  // namespace valence::rpc::simulation
