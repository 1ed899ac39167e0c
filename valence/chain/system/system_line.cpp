#include "valence/chain/system/system_line.hpp"

#include "valence/chain/genesis_contracts.hpp"

namespace valence::chain {

std::optional<SystemTransaction> SystemLine::next() {
    switch (stage_) {
        case Stage::da_info:
            return da_info_transaction(block_, header_);
        case Stage::drop:
            if (kDropGas <= execution_.gas_left()) return drop_transaction(block_, failed_);
            return std::nullopt;
        case Stage::ended:
            return std::nullopt;
        case Stage::deliveries:
            break;
    }
    const auto answer = execution_.view(kScheduler, encode_next_call());
    if (!answer) return std::nullopt;
    const auto delivery = decode_next_answer(answer.value());
    if (!delivery || named_.contains(delivery->id)) return std::nullopt;
    if (delivery->counted_gas > std::min(gas_left_, execution_.gas_left())) return std::nullopt;
    return delivery_transaction(block_, *delivery);
}

Result<TransactionResult> SystemLine::run(const SystemTransaction& transaction, evm::Tracer* tracer) {
    auto ran = execution_.execute_system(transaction, tracer);
    if (!ran) return ran;
    const bool succeeded = ran.value().succeeded();
    if (transaction.kind != SystemCall::da_info)
        gas_left_ -= std::min(gas_left_, ran.value().execution_gas());
    switch (transaction.kind) {
        case SystemCall::da_info:
            stage_ = Stage::deliveries;
            break;
        case SystemCall::delivery:
            named_.insert(transaction.delivery.id);
            // It would be named again and again.
            stage_ = succeeded ? Stage::deliveries : Stage::drop;
            failed_ = transaction.delivery;
            break;
        case SystemCall::drop:
            stage_ = succeeded ? Stage::deliveries : Stage::ended;
            break;
    }
    return ran;
}

Result<std::size_t> execute_system_transactions(const SystemRules& rules, const Block& block,
                                                BlockExecution& execution) {
    BOOST_OUTCOME_TRY(const auto header, referred_da_header(block));
    SystemLine line{rules, block.header, header, execution};
    std::size_t count = 0;
    const auto place = [&] { return "place " + std::to_string(count); };
    while (const auto derived = line.next()) {
        const auto ran = line.run(*derived);
        if (!ran && ran.error() == Error{ChainError::transaction_abandoned}) break;
        if (!ran) return Error{ran.error().code, place() + ": " + ran.error().context};
        if (count >= block.transactions.size() || !block.transactions[count].is_system())
            return Error{ChainError::system_transaction_missing, place()};
        if (block.transactions[count] != derived->transaction)
            return Error{ChainError::system_transaction_wrong, place()};
        ++count;
    }
    return count;
}

}  // namespace valence::chain
