// Why the pool refuses a transaction that breaks no rule of the chain; those it breaks are
// chain::ChainError's. The words are geth's, since that is what tools look for.
#pragma once

#include <system_error>

namespace valence::sequencer {

enum class PoolError {
    already_known = 1,
    replacement_underpriced,
    /// The pool is full of transactions that pay better.
    pool_full,
    /// This sender has as many as one may have.
    sender_full,
    /// The same, for an account whose code is a delegation (EIP-7702): whoever it delegates to may empty it,
    /// and then everything it has in the pool is worthless at once.
    delegated_sender_full,
    /// A transaction would delegate an account that has more in the pool than a delegated one may.
    authority_reserved,
    /// Larger than MempoolLimits::transaction_bytes.
    oversized,
    /// Of more gas than a whole block.
    exceeds_block_gas_limit,
    /// It would replace a transaction whose inferences are being computed.
    bound,
};
std::error_code make_error_code(PoolError);

}  // namespace valence::sequencer

template <>
struct std::is_error_code_enum<valence::sequencer::PoolError> : std::true_type {};
