#include "valence/chain/inference/credit.hpp"

#include <algorithm>

namespace valence::chain {
namespace {

constexpr std::uint64_t kWhole = 10'000;

void pay(const InferenceRules& rules, state::JournaledState& state, const UsedOutcome& use,
         const U256& price) {
    const auto amount = U256{use.compute_gas} * price;
    // amount · share / 10,000, in steps that no amount overflows.
    const auto [whole, rest] = base::div_mod(amount, U256{kWhole});
    const auto part = [&](std::uint64_t share) {
        return whole * U256{share} + rest * U256{share} / U256{kWhole};
    };
    const auto protocol = part(rules.protocol_share);
    const auto royalty = part(std::min<std::uint64_t>(use.royalty, kWhole - rules.protocol_share));
    state.add_balance(rules.treasury, protocol);
    state.add_balance(use.model_owner, royalty);
    state.add_balance(use.payee, amount - protocol - royalty);
}

}  // namespace

std::uint64_t credit_compute(const InferenceRules& rules, state::JournaledState& state,
                             const InferenceRecord& record, const JobSet* used_before, const U256& price) {
    std::uint64_t paid = 0;
    for (auto use = record.used.begin(); use != record.used.end(); ++use) {
        if (!use->is_available) continue;
        if (used_before != nullptr && used_before->contains(use->id)) continue;
        if (std::any_of(record.used.begin(), use, [&](const auto& earlier) { return earlier.id == use->id; }))
            continue;
        if (!price.is_zero()) pay(rules, state, *use, price);
        paid += use->compute_gas;
    }
    return paid;
}

}  // namespace valence::chain
