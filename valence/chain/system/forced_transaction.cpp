#include "valence/chain/system/forced_transaction.hpp"

#include "valence/base/hex.hpp"
#include "valence/chain/execute_block.hpp"
#include "valence/chain/validate_transaction.hpp"

namespace valence::chain {

bool is_skipped(const Error& why) {
    for (const auto not_its_own : {ChainError::transaction_abandoned, ChainError::model_missing,
                                   ChainError::outcome_invalid, ChainError::outcome_missing})
        if (why == Error{not_its_own}) return false;
    return why.code.category() == make_error_code(ChainError{}).category();
}

Result<void> require_room(std::span<const ForcedTransaction> due, const BlockExecution& execution) {
    const auto& environment = execution.environment();
    std::uint64_t gas = 0;
    for (const auto& forced : due)
        gas += execution_gas_limit(environment.rules, environment.revision, forced.transaction.gas_limit);
    if (gas <= execution.gas_left()) return success();
    return Error{ChainError::gas_above_block_limit, "forced transactions need " + std::to_string(gas) +
                                                        ", left are " + std::to_string(execution.gas_left())};
}

Result<std::size_t> execute_forced_transactions(const Block& block, std::size_t first,
                                                std::span<const ForcedTransaction> due,
                                                BlockExecution& execution) {
    BOOST_OUTCOME_TRYV(require_room(due, execution));
    std::size_t count = 0;
    for (const auto& [transaction, sender] : due) {
        const auto executed = execution.execute(transaction, sender);
        if (!executed && is_skipped(executed.error())) continue;
        const auto name = [&] { return base::to_hex_prefixed(transaction_hash(transaction)); };
        if (!executed)
            return Error{executed.error().code, "forced " + name() + ": " + executed.error().context};
        const auto at = first + count;
        if (at >= block.transactions.size() || block.transactions[at] != transaction)
            return Error{ChainError::forced_transaction_missing, name() + " at place " + std::to_string(at)};
        ++count;
    }
    return count;
}

}  // namespace valence::chain
