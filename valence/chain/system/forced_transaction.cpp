#include "valence/chain/system/forced_transaction.hpp"

#include "valence/base/hex.hpp"
#include "valence/chain/execute_block.hpp"
#include "valence/chain/system/system_transaction.hpp"
#include "valence/chain/validate_transaction.hpp"
#include "valence/crypto/keccak.hpp"

namespace valence::chain {

bool is_skipped(const Error& why) {
    for (const auto not_its_own : {ChainError::transaction_abandoned, ChainError::model_missing,
                                   ChainError::outcome_invalid, ChainError::outcome_missing})
        if (why == Error{not_its_own}) return false;
    return why.code.category() == make_error_code(ChainError{}).category();
}

ForcedTurns::ForcedTurns(std::span<const ForcedTransaction> due, BlockExecution& execution)
    : rest_(due), execution_(execution), before_(execution.gas_used()) {}

Result<const ForcedTransaction*> ForcedTurns::next() {
    if (rest_.empty()) return nullptr;
    const auto& environment = execution_.environment();
    const auto& rules = environment.rules;
    VALENCE_CHECK(rules.system && rules.system->layer);
    if (execution_.gas_used() - before_ >= most_forced_gas(*rules.system->layer)) return nullptr;
    const auto& forced = rest_.front();
    const auto gas = execution_gas_limit(rules, environment.revision, forced.transaction.gas_limit);
    if (gas > execution_.gas_left())
        return Error{ChainError::gas_above_block_limit, "a forced transaction needs " + std::to_string(gas) +
                                                            ", left are " +
                                                            std::to_string(execution_.gas_left())};
    rest_ = rest_.subspan(1);
    return &forced;
}

std::optional<std::uint64_t> ForcedTurns::left_over() const {
    if (rest_.empty()) return std::nullopt;
    return rest_.front().due;
}

Result<std::size_t> execute_forced_transactions(const Block& block, std::size_t first,
                                                std::span<const ForcedTransaction> due,
                                                BlockExecution& execution) {
    std::size_t count = 0;
    ForcedTurns turns(due, execution);
    for (;;) {
        BOOST_OUTCOME_TRY(const auto* forced, turns.next());
        if (forced == nullptr) break;
        const auto executed = execution.execute(forced->transaction, forced->sender);
        if (!executed && is_skipped(executed.error())) continue;
        const auto name = [&] { return base::to_hex_prefixed(transaction_hash(forced->transaction)); };
        if (!executed)
            return Error{executed.error().code, "forced " + name() + ": " + executed.error().context};
        const auto at = first + count;
        if (at >= block.transactions.size() || block.transactions[at] != forced->transaction)
            return Error{ChainError::forced_transaction_missing, name() + " at place " + std::to_string(at)};
        ++count;
    }
    const auto left = turns.left_over();
    if (!left) return count;
    BOOST_OUTCOME_TRY(const auto reference, referred_da_header(block));
    if (*left >= reference.height) return count;
    return Error{ChainError::forced_transaction_missing,
                 "what was due with the layer's block " + std::to_string(*left) +
                     " is left over, and the block refers to " + std::to_string(reference.height)};
}

Hash commitment_of(std::span<const ForcedTransaction> due) {
    if (due.empty()) return {};
    crypto::Keccak256 hash;
    for (const auto& [transaction, sender, height] : due) {
        hash.update(transaction_hash(transaction));
        std::array<std::uint8_t, 8> number{};
        for (std::size_t i = 0; i < number.size(); ++i)
            number[i] = static_cast<std::uint8_t>(height >> (56 - 8 * i));
        hash.update(number);
    }
    return hash.finish();
}

}  // namespace valence::chain
