#include "valence/sequencer/stored_block.hpp"

namespace valence::sequencer {

std::vector<TransactionFacts> derive_facts(const chain::Block& block,
                                           std::span<const chain::Receipt> receipts,
                                           std::span<const Address> senders, std::span<const Hash> hashes) {
    const auto count = block.transactions.size();
    VALENCE_CHECK(receipts.size() == count && senders.size() == count && hashes.size() == count);
    const auto base_fee = block.header.base_fee.value_or(U256{});
    std::vector<TransactionFacts> facts(count);
    std::uint64_t gas_before = 0;
    std::uint64_t logs_before = 0;
    for (std::size_t i = 0; i < count; ++i) {
        const auto& transaction = block.transactions[i];
        auto& f = facts[i];
        f.hash = hashes[i];
        f.sender = senders[i];
        f.effective_gas_price = chain::effective_gas_price(transaction, base_fee);
        f.gas_used = receipts[i].cumulative_gas_used - gas_before;
        f.first_log_index = logs_before;
        if (transaction.is_creation())
            f.contract_address = chain::creation_address(f.sender, transaction.nonce);
        gas_before = receipts[i].cumulative_gas_used;
        logs_before += receipts[i].logs.size();
    }
    return facts;
}

std::vector<ml::ModelId> StoredBlock::needed_models() const {
    auto needed = read_models;
    for (const auto& [job, outcome] : outcomes) {
        if (job.mode != outcome::Mode::replay) continue;
        if (std::ranges::find(needed, job.model) == needed.end()) needed.push_back(job.model);
    }
    return needed;
}

}  // namespace valence::sequencer
