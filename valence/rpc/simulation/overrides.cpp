#include "valence/rpc/simulation/overrides.hpp"

#include "valence/rpc/simulation/object_reader.hpp"

namespace valence::rpc::simulation {

namespace json = boost::json;

namespace {

/// As many accounts, slots and withdrawals as one request of 5 MiB can name.
constexpr std::size_t kMaxWithdrawals = 10'000;

Decoded<std::map<U256, U256>> decode_slots(const json::value& value) {
    const auto* object = value.if_object();
    if (object == nullptr) {
        return DecodeError{std::string{kind_name(value)}, "map[common.Hash]common.Hash"};
    }
    std::map<U256, U256> slots;
    for (const auto& [key, word] : *object) {
        BOOST_OUTCOME_TRY(const auto slot, decode_hash(json::value(key)));
        BOOST_OUTCOME_TRY(const auto content, decode_hash(word));
        slots[U256::from_hash(slot)] = U256::from_hash(content);
    }
    return slots;
}

Decoded<AccountOverride> decode_account(const json::value& value) {
    BOOST_OUTCOME_TRY(const auto fields, ObjectReader::of(value, "OverrideAccount"));
    AccountOverride out;
    BOOST_OUTCOME_TRY(fields.read("balance", out.balance));
    BOOST_OUTCOME_TRY(fields.read("nonce", out.nonce));
    BOOST_OUTCOME_TRY(fields.read("code", out.code));
    BOOST_OUTCOME_TRY(fields.read("state", out.state, decode_slots));
    BOOST_OUTCOME_TRY(fields.read("stateDiff", out.state_diff, decode_slots));
    BOOST_OUTCOME_TRY(fields.read("movePrecompileToAddress", out.move_precompile_to));
    return out;
}

Decoded<chain::Withdrawal> decode_withdrawal(const json::value& value) {
    BOOST_OUTCOME_TRY(const auto fields, ObjectReader::of(value, "Withdrawal"));
    std::optional<std::uint64_t> index;
    std::optional<std::uint64_t> validator;
    std::optional<Address> address;
    std::optional<std::uint64_t> amount;
    BOOST_OUTCOME_TRY(fields.read("index", index));
    BOOST_OUTCOME_TRY(fields.read("validatorIndex", validator));
    BOOST_OUTCOME_TRY(fields.read("address", address));
    BOOST_OUTCOME_TRY(fields.read("amount", amount));
    return chain::Withdrawal{index.value_or(0), validator.value_or(0), address.value_or(Address{}),
                             amount.value_or(0)};
}

}  // namespace

Decoded<StateOverrides> decode_state_overrides(const json::value& value) {
    const auto* object = value.if_object();
    if (object == nullptr) return DecodeError{std::string{kind_name(value)}, "override.StateOverride"};
    StateOverrides out;
    for (const auto& [key, account] : *object) {
        BOOST_OUTCOME_TRY(const auto address, decode_address(json::value(key)));
        BOOST_OUTCOME_TRY(out[address], decode_account(account));
    }
    return out;
}

Decoded<BlockOverrides> decode_block_overrides(const json::value& value) {
    BOOST_OUTCOME_TRY(const auto fields, ObjectReader::of(value, "BlockOverrides"));
    BlockOverrides out;
    BOOST_OUTCOME_TRY(fields.read("number", out.number));
    // Other nodes' names for the same fields stand before ours, which win.
    BOOST_OUTCOME_TRY(fields.read("timestamp", out.time));
    BOOST_OUTCOME_TRY(fields.read("time", out.time));
    BOOST_OUTCOME_TRY(fields.read("gasLimit", out.gas_limit));
    BOOST_OUTCOME_TRY(fields.read("coinbase", out.fee_recipient));
    BOOST_OUTCOME_TRY(fields.read("feeRecipient", out.fee_recipient));
    BOOST_OUTCOME_TRY(fields.read("random", out.prev_randao));
    BOOST_OUTCOME_TRY(fields.read("prevRandao", out.prev_randao));
    BOOST_OUTCOME_TRY(fields.read("baseFee", out.base_fee_per_gas));
    BOOST_OUTCOME_TRY(fields.read("baseFeePerGas", out.base_fee_per_gas));
    BOOST_OUTCOME_TRY(fields.read("blobBaseFee", out.blob_base_fee));
    BOOST_OUTCOME_TRY(fields.read("difficulty", out.difficulty));
    BOOST_OUTCOME_TRY(fields.read("beaconRoot", out.beacon_root));
    BOOST_OUTCOME_TRY(fields.read_list("withdrawals", out.withdrawals, kMaxWithdrawals, decode_withdrawal));
    return out;
}

void BlockOverrides::apply(evm::BlockContext& context) const {
    if (number) context.number = number->saturated_u64();
    if (time) context.timestamp = *time;
    if (gas_limit) context.gas_limit = *gas_limit;
    if (fee_recipient) context.coinbase = *fee_recipient;
    if (prev_randao) context.prev_randao = U256::from_hash(*prev_randao);
    if (base_fee_per_gas) context.base_fee = *base_fee_per_gas;
    if (blob_base_fee) context.blob_base_fee = *blob_base_fee;
}

}  // namespace valence::rpc::simulation
