// CallArguments: a transaction as a caller describes it, with any field left out (geth's TransactionArgs).
#pragma once

#include <optional>
#include <vector>

#include <boost/json/fwd.hpp>

#include "valence/chain/transaction.hpp"
#include "valence/rpc/parameters/decode.hpp"

namespace valence::rpc::simulation {

struct CallArguments {
    std::optional<Address> from;
    /// Absent: a creation.
    std::optional<Address> to;
    std::optional<std::uint64_t> gas;
    /// Wei per gas. Either this or the two below.
    std::optional<U256> gas_price;
    std::optional<U256> max_fee_per_gas;
    std::optional<U256> max_priority_fee_per_gas;
    std::optional<U256> value;
    std::optional<std::uint64_t> nonce;
    /// "data" and "input" are the same field; "input" wins where they differ and a call is only simulated.
    std::optional<Bytes> data;
    std::optional<Bytes> input;
    std::optional<chain::AccessList> access_list;
    std::optional<U256> chain_id;
    std::optional<U256> max_fee_per_blob_gas;
    std::optional<std::vector<Hash>> blob_hashes;
    std::optional<std::vector<chain::Authorization>> authorizations;

    Address sender() const { return from.value_or(Address{}); }
    BytesView calldata() const;
    bool names_dynamic_fee() const { return max_fee_per_gas || max_priority_fee_per_gas; }
};

Decoded<CallArguments> decode_call_arguments(const boost::json::value& value);

/// [{address, storageKeys}, …]
Decoded<chain::AccessList> decode_access_list(const boost::json::value& value);

}  // namespace valence::rpc::simulation
