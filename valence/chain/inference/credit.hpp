// Who is paid for a transaction's inferences.
#pragma once

#include "valence/chain/inference/inference_rules.hpp"
#include "valence/chain/inference/record.hpp"
#include "valence/state/journaled_state.hpp"

namespace valence::chain {

/// Pays the compute part of every outcome that the transaction is the first of its block to use, at `price`
/// wei per gas: to the treasury its share, to the model's owner the royalty, to the payee the rest. Answers
/// the gas that was paid (at a price of 0, in system transactions, that others pay for); what else was taken
/// is the sender's again: shared outcomes, those that were not available, inferences that were given up. The
/// journal has nothing to do with it: reverting takes no pay back.
std::uint64_t credit_compute(const InferenceRules& rules, state::JournaledState& state,
                             const InferenceRecord& record, const JobSet* used_before, const U256& price);

}  // namespace valence::chain
