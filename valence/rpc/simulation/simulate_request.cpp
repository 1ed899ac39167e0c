#include "valence/rpc/simulation/simulate_request.hpp"

#include <fmt/format.h>

#include "valence/rpc/simulation/object_reader.hpp"

namespace valence::rpc::simulation {

namespace json = boost::json;

namespace {

/// Seconds between blocks whose timestamps are not given.
constexpr std::uint64_t kBlockTime = 12;

/// A request may list no more than this, whatever the simulation's own limits are.
constexpr std::size_t kMaxCalls = 100'000;

Decoded<BlockCalls> decode_block(const json::value& value) {
    BOOST_OUTCOME_TRY(const auto fields, ObjectReader::of(value, "simBlock"));
    std::optional<BlockOverrides> block;
    std::optional<StateOverrides> state;
    std::optional<std::vector<CallArguments>> calls;
    BOOST_OUTCOME_TRY(fields.read("blockOverrides", block, decode_block_overrides));
    BOOST_OUTCOME_TRY(fields.read("stateOverrides", state, decode_state_overrides));
    BOOST_OUTCOME_TRY(fields.read_list("calls", calls, kMaxCalls, decode_call_arguments));
    return BlockCalls{std::move(block).value_or(BlockOverrides{}),
                      std::move(state).value_or(StateOverrides{}),
                      std::move(calls).value_or(std::vector<CallArguments>{})};
}

RpcError too_much(std::string message) { return {code::kTooMuch, std::move(message)}; }

}  // namespace

Decoded<SimulateRequest> decode_simulate_request(const json::value& value) {
    BOOST_OUTCOME_TRY(const auto fields, ObjectReader::of(value, "simOpts"));
    SimulateRequest out;
    std::optional<std::vector<BlockCalls>> blocks;
    BOOST_OUTCOME_TRY(fields.read_list("blockStateCalls", blocks, kMaxCalls, decode_block));
    BOOST_OUTCOME_TRY(fields.read("traceTransfers", out.trace_transfers));
    BOOST_OUTCOME_TRY(fields.read("validation", out.validation));
    BOOST_OUTCOME_TRY(fields.read("returnFullTransactions", out.full_transactions));
    out.blocks = std::move(blocks).value_or(std::vector<BlockCalls>{});
    return out;
}

Answer<std::vector<BlockCalls>> plan_blocks(std::vector<BlockCalls> requested, const chain::Header& base,
                                            const Limits& limits) {
    std::vector<BlockCalls> out;
    auto number = base.number;
    auto timestamp = base.timestamp;
    std::uint64_t calls = 0;
    for (auto& block : requested) {
        calls += block.calls.size();
        if (calls > limits.simulated_calls) return too_much("too many calls");
        const auto wanted = block.block.number.value_or(U256{number} + U256{1});
        if (wanted <= U256{number}) {
            return RpcError{code::kBlockNumberOrder, fmt::format("block numbers must be in order: {} <= {}",
                                                                 wanted.low_u64(), number)};
        }
        if (wanted - U256{base.number} > U256{limits.simulated_blocks}) return too_much("too many blocks");
        while (U256{number + 1} < wanted) {
            auto& gap = out.emplace_back();
            gap.block.number = U256{++number};
            gap.block.time = timestamp += kBlockTime;
        }
        ++number;
        const auto time = block.block.time.value_or(timestamp + kBlockTime);
        if (time <= timestamp) {
            return RpcError{code::kBlockTimestampOrder,
                            fmt::format("block timestamps must be in order: {} <= {}", time, timestamp)};
        }
        block.block.number = U256{number};
        block.block.time = timestamp = time;
        out.push_back(std::move(block));
    }
    return out;
}

}  // namespace valence::rpc::simulation
