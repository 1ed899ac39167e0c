// Transactions as accounts of the dev chain send them: for tests and benches.
#pragma once

#include "valence/chain/transaction.hpp"

namespace valence::chain::testing {

inline constexpr std::uint64_t kGwei = 1'000'000'000;

/// A signed transfer of 1 wei to nobody, for 21,000 gas; `change` may set anything before. Its encoding.
template <typename Change>
Bytes signed_transaction(const Hash& private_key, std::uint64_t nonce, Change&& change) {
    Transaction t;
    t.type = TransactionType::dynamic_fee;
    t.chain_id = 1986;
    t.nonce = nonce;
    t.max_fee_per_gas = 100 * kGwei;
    t.max_priority_fee_per_gas = kGwei;
    t.gas_limit = 21'000;
    t.to = Address{};
    t.value = 1;
    change(t);
    sign_transaction(t, private_key);
    return encode_transaction(t);
}

}  // namespace valence::chain::testing
