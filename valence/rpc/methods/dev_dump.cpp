// anvil_dumpState, anvil_loadState: the accounts of one dev chain taken to another.
#include <boost/json.hpp>

#include "valence/rpc/context.hpp"
#include "valence/rpc/methods/handlers.hpp"
#include "valence/rpc/methods/state_dump.hpp"

namespace valence::rpc {

/// The head's state with what dev controls changed since. The parameter, whether to add the states of earlier
/// blocks, is taken and changes nothing: a dump has the present state.
Answer<void> anvil_dump_state(Call& call) {
    BOOST_OUTCOME_TRY(call.parameters.boolean_or(0, false));
    const auto& node = call.context.node;
    const auto view = node.walk_head();
    if (view.has_error()) return from_error(view.error());
    BOOST_OUTCOME_TRY(const auto dump,
                      write_state_dump(*view.value().walk, *view.value().block, call.deadline));
    call.result.data(dump);
    return success();
}

/// Accounts join those that are there; the blocks of a dump belong to another chain and stay out.
Answer<void> anvil_load_state(Call& call) {
    BOOST_OUTCOME_TRY(const auto dump, call.parameters.data(0));
    auto accounts = read_state_dump(dump);
    if (accounts.has_error()) return invalid_params(accounts.error().message());
    call.context.node.load_accounts(accounts.value());
    call.result.boolean(true);
    return success();
}

}  // namespace valence::rpc
