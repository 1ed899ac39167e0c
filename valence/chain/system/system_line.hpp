// SystemLine: the system transactions of a block, one after the other, as its rules derive them. Builder,
// full node and tracer all go along it.
#pragma once

#include <set>

#include "valence/chain/execute_block.hpp"
#include "valence/chain/system/system_transaction.hpp"

namespace valence::chain {

class SystemLine {
public:
    /// From the beginning of a block that refers to `header`; everything must outlive this.
    SystemLine(const SystemRules& rules, const Header& block, const DaHeader& header,
               BlockExecution& execution)
        : block_(block), execution_(execution), header_(header), gas_left_(rules.delivery_gas) {}

    /// What the block's rules ask for now; nothing when its system transactions end here: nothing is due, or
    /// what is due does not fit into what is left of the block's gas for deliveries, or the Scheduler, which
    /// governance may have spoilt, names again what this block has delivered.
    std::optional<SystemTransaction> next();

    /// Runs what next() gave. Error, as BlockExecution's: transaction_abandoned when it needs outcomes that
    /// are not known: the block's system transactions end here, unless it is run again and they are; what is
    /// wrong with an outcome. The line is then where it was.
    Result<TransactionResult> run(const SystemTransaction& transaction, evm::Tracer* tracer = nullptr);

private:
    const Header& block_;
    BlockExecution& execution_;
    const DaHeader header_;
    std::uint64_t gas_left_;
    enum class Stage : std::uint8_t { da_info, deliveries, drop, ended };
    Stage stage_ = Stage::da_info;
    Delivery failed_;
    /// Ids of the deliveries so far.
    std::set<U256> named_;
};

/// The same for a block that is there: runs what its rules derive, and compares. Answers how many of its
/// transactions are the system's. Errors: system_transaction_missing, system_transaction_wrong,
/// and those of the runs; that another one follows is for whoever runs the others to find.
Result<std::size_t> execute_system_transactions(const SystemRules& rules, const Block& block,
                                                BlockExecution& execution);

}  // namespace valence::chain
