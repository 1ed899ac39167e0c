// Dev helpers that write the state, act for other accounts and clear the pool.
#include <boost/json.hpp>

#include "valence/rpc/context.hpp"
#include "valence/rpc/methods/dev_answers.hpp"
#include "valence/rpc/methods/handlers.hpp"

namespace valence::rpc {

Answer<void> dev_set_balance(Call& call) {
    BOOST_OUTCOME_TRY(const auto account, call.parameters.address(0));
    BOOST_OUTCOME_TRY(const auto balance, call.parameters.lenient_number(1));
    call.context.node.set_balance(account, balance);
    return done(call);
}

Answer<void> anvil_add_balance(Call& call) {
    BOOST_OUTCOME_TRY(const auto account, call.parameters.address(0));
    BOOST_OUTCOME_TRY(const auto amount, call.parameters.lenient_number(1));
    const auto before =
        call.context.node.chain().head().state->account(account).value_or(state::Account{}).balance;
    const auto [sum, overflow] = base::add_overflow(before, amount);
    if (overflow) return invalid_argument(1, "the balance would not fit in 256 bits");
    call.context.node.set_balance(account, sum);
    return done(call);
}

Answer<void> dev_set_nonce(Call& call) {
    BOOST_OUTCOME_TRY(const auto account, call.parameters.address(0));
    BOOST_OUTCOME_TRY(const auto nonce, call.parameters.lenient_u64(1));
    call.context.node.set_nonce(account, nonce);
    return done(call);
}

Answer<void> dev_set_code(Call& call) {
    BOOST_OUTCOME_TRY(const auto account, call.parameters.address(0));
    BOOST_OUTCOME_TRY(auto code, call.parameters.data(1));
    call.context.node.set_code(account, std::move(code));
    return done(call);
}

/// Answers true under every name: clients of all dev nodes expect it.
Answer<void> dev_set_storage_at(Call& call) {
    BOOST_OUTCOME_TRY(const auto account, call.parameters.address(0));
    BOOST_OUTCOME_TRY(const auto key, call.parameters.lenient_number(1));
    BOOST_OUTCOME_TRY(const auto value, call.parameters.lenient_word(2));
    call.context.node.set_storage(account, key, U256::from_hash(value));
    call.result.boolean(true);
    return success();
}

Answer<void> dev_impersonate_account(Call& call) {
    BOOST_OUTCOME_TRY(const auto account, call.parameters.address(0));
    call.context.node.impersonate(account);
    return done(call);
}

Answer<void> dev_stop_impersonating_account(Call& call) {
    BOOST_OUTCOME_TRY(const auto account, call.parameters.address(0));
    call.context.node.stop_impersonating(account);
    return done(call);
}

Answer<void> anvil_auto_impersonate_account(Call& call) {
    BOOST_OUTCOME_TRY(const auto on, call.parameters.boolean(0));
    call.context.node.set_impersonation(on ? node::Node::Impersonation::everybody
                                           : node::Node::Impersonation::listed);
    return done(call);
}

/// anvil answers the hash or null, Hardhat whether there was such a transaction.
Answer<void> dev_drop_transaction(Call& call) {
    BOOST_OUTCOME_TRY(const auto hash, call.parameters.hash(0));
    const bool dropped = call.context.node.drop_transaction(hash);
    if (!call.method.starts_with("anvil_")) {
        call.result.boolean(dropped);
    } else if (dropped) {
        call.result.data(hash);
    } else {
        call.result.null();
    }
    return success();
}

Answer<void> anvil_drop_all_transactions(Call& call) {
    call.context.node.drop_all_transactions();
    return done(call);
}

Answer<void> anvil_remove_pool_transactions(Call& call) {
    BOOST_OUTCOME_TRY(const auto sender, call.parameters.address(0));
    call.context.node.drop_transactions_of(sender);
    return done(call);
}

}  // namespace valence::rpc
