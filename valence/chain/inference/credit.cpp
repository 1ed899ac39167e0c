#include "valence/chain/inference/credit.hpp"

#include <algorithm>
#include <span>

namespace valence::chain {
namespace {

constexpr std::uint64_t kWhole = 10'000;

void pay(const InferenceRules& rules, state::JournaledState& state, const UsedOutcome& use,
         const U256& price) {
    if (price.is_zero()) return;
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

using Uses = std::span<const UsedOutcome>;

/// Calls take(use) for each of those that are available and that the block uses for the first time; answers
/// the gas of their compute parts.
template <typename Take>
std::uint64_t for_each_first(Uses uses, const JobSet* used_before, Take&& take) {
    std::uint64_t gas = 0;
    for (auto use = uses.begin(); use != uses.end(); ++use) {
        if (!use->is_available) continue;
        if (used_before != nullptr && used_before->contains(use->id)) continue;
        if (std::any_of(uses.begin(), use, [&](const auto& earlier) { return earlier.id == use->id; }))
            continue;
        take(*use);
        gas += use->compute_gas;
    }
    return gas;
}

}  // namespace

std::uint64_t credit_compute(const InferenceRules& rules, state::JournaledState& state,
                             const InferenceRecord& record, const JobSet* used_before, const U256& price) {
    return for_each_first(record.used, used_before,
                          [&](const UsedOutcome& use) { pay(rules, state, use, price); });
}

std::uint64_t compute_to_pay(const InferenceRecord& record, const JobSet* used_before) {
    return for_each_first(record.used, used_before, [](const UsedOutcome&) {});
}

void credit_settlement(const InferenceRules& rules, state::JournaledState& state,
                       const InferenceRecord& record, const JobSet* used_before) {
    if (!record.settlement || !record.system_contract) return;
    const auto& [price, count] = *record.settlement;
    const auto uses = Uses{record.used}.first(count);
    const auto gas = for_each_first(uses, used_before, [](const UsedOutcome&) {});
    const auto amount = U256{gas} * price;
    if (state.balance(*record.system_contract) < amount) return;
    state.subtract_balance(*record.system_contract, amount);
    for_each_first(uses, used_before, [&](const UsedOutcome& use) { pay(rules, state, use, price); });
}

}  // namespace valence::chain
