// What a simulation may pretend about the state and the block it runs on.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include <boost/json/fwd.hpp>

#include "valence/chain/block.hpp"
#include "valence/evm/message.hpp"
#include "valence/rpc/parameters/decode.hpp"

namespace valence::rpc::simulation {

struct AccountOverride {
    std::optional<U256> balance;
    std::optional<std::uint64_t> nonce;
    std::optional<Bytes> code;
    /// The whole storage; slots not named are 0. Not together with `state_diff`.
    std::optional<std::map<U256, U256>> state;
    /// Some slots.
    std::optional<std::map<U256, U256>> state_diff;
    /// The precompile of this account answers there instead.
    std::optional<Address> move_precompile_to;
};

using StateOverrides = std::map<Address, AccountOverride>;

/// {"0x…": {balance, nonce, code, state, stateDiff, movePrecompileToAddress}, …}
Decoded<StateOverrides> decode_state_overrides(const boost::json::value& value);

struct BlockOverrides {
    std::optional<U256> number;
    std::optional<std::uint64_t> time;
    std::optional<std::uint64_t> gas_limit;
    std::optional<Address> fee_recipient;
    std::optional<Hash> prev_randao;
    std::optional<U256> base_fee_per_gas;
    std::optional<U256> blob_base_fee;
    /// Of no effect once the chain has merged.
    std::optional<U256> difficulty;
    std::optional<Hash> beacon_root;
    std::optional<std::vector<chain::Withdrawal>> withdrawals;

    /// The context of a single call in this block. Fields a lone call cannot have (beacon root, withdrawals)
    /// are the caller's to refuse.
    void apply(evm::BlockContext& context) const;
};

Decoded<BlockOverrides> decode_block_overrides(const boost::json::value& value);

}  // namespace valence::rpc::simulation
