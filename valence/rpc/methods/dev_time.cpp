// Dev helpers that move the clock and shape the next block's header.
#include <limits>

#include <boost/json.hpp>

#include "valence/rpc/context.hpp"
#include "valence/rpc/methods/dev_answers.hpp"
#include "valence/rpc/methods/handlers.hpp"

namespace valence::rpc {

/// Answers all that was added so far, in seconds.
Answer<void> dev_increase_time(Call& call) {
    BOOST_OUTCOME_TRY(const auto seconds, call.parameters.lenient_u64(0));
    if (seconds > static_cast<std::uint64_t>(std::numeric_limits<std::int32_t>::max()) * 100) {
        return invalid_argument(0, "too many seconds");
    }
    const auto sum = call.context.node.increase_time(static_cast<std::int64_t>(seconds));
    // Hardhat answers decimal text, anvil a number.
    if (call.method.starts_with("anvil_")) {
        call.result.number(sum);
    } else {
        call.result.string(std::to_string(sum));
    }
    return success();
}

/// The clock goes on from this time: seconds since the epoch, or milliseconds where it can only be those.
Answer<void> dev_set_time(Call& call) {
    BOOST_OUTCOME_TRY(auto timestamp, call.parameters.lenient_u64(0));
    if (timestamp > 100'000'000'000) timestamp /= 1000;
    call.result.number(call.context.node.set_time(timestamp));
    return success();
}

Answer<void> dev_set_next_block_timestamp(Call& call) {
    BOOST_OUTCOME_TRY(const auto timestamp, call.parameters.lenient_u64(0));
    return done(call, call.context.node.set_next_block_timestamp(timestamp));
}

Answer<void> anvil_set_block_timestamp_interval(Call& call) {
    BOOST_OUTCOME_TRY(const auto seconds, call.parameters.lenient_u64(0));
    call.context.node.set_block_timestamp_interval(seconds);
    return done(call);
}

Answer<void> anvil_remove_block_timestamp_interval(Call& call) {
    call.context.node.set_block_timestamp_interval(std::nullopt);
    call.result.boolean(true);
    return success();
}

Answer<void> dev_set_block_gas_limit(Call& call) {
    BOOST_OUTCOME_TRY(const auto limit, call.parameters.lenient_u64(0));
    if (limit == 0) return invalid_argument(0, "the gas limit cannot be 0");
    call.context.node.set_block_gas_limit(limit);
    call.result.boolean(true);
    return success();
}

Answer<void> dev_set_next_block_base_fee(Call& call) {
    BOOST_OUTCOME_TRY(const auto fee, call.parameters.lenient_number(0));
    call.context.node.set_next_block_base_fee(fee);
    return done(call);
}

Answer<void> dev_set_prev_randao(Call& call) {
    BOOST_OUTCOME_TRY(const auto value, call.parameters.lenient_word(0));
    call.context.node.set_next_prev_randao(value);
    return done(call);
}

Answer<void> dev_set_coinbase(Call& call) {
    BOOST_OUTCOME_TRY(const auto address, call.parameters.address(0));
    call.context.node.set_coinbase(address);
    return done(call);
}

/// A floor of the gas price means nothing where there is a base fee (EIP-1559).
Answer<void> dev_set_min_gas_price(Call& call) {
    return invalid_params(std::string(call.method) + " is not supported when EIP-1559 is active");
}

}  // namespace valence::rpc
