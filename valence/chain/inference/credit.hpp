// Who is paid for a transaction's inferences.
#pragma once

#include "valence/chain/inference/inference_rules.hpp"
#include "valence/chain/inference/record.hpp"
#include "valence/state/journaled_state.hpp"

namespace valence::chain {

/// Pays the compute part of every outcome that the transaction is the first of its block to use, at `price`
/// wei per gas: to the treasury its share, to the model's owner the royalty, to the payee the rest. Answers
/// the gas that was paid; what else was taken is the sender's again: shared outcomes, those that were not
/// available, inferences that were given up. The journal has nothing to do with it: reverting takes no pay
/// back.
std::uint64_t credit_compute(const InferenceRules& rules, state::JournaledState& state,
                             const InferenceRecord& record, const JobSet* used_before, const U256& price);

/// The gas that credit_compute would pay for now.
std::uint64_t compute_to_pay(const InferenceRecord& record, const JobSet* used_before);

/// The same as credit_compute for what the contract of a system transaction has settled, from its balance;
/// nothing when that does not suffice, which only governance can bring about.
void credit_settlement(const InferenceRules& rules, state::JournaledState& state,
                       const InferenceRecord& record, const JobSet* used_before);

}  // namespace valence::chain
