// Dev helpers that make blocks: mine, automine, intervals, snapshots, unwinding.
#include <functional>

#include <boost/json.hpp>

#include "valence/rpc/context.hpp"
#include "valence/rpc/methods/dev_answers.hpp"
#include "valence/rpc/methods/handlers.hpp"
#include "valence/rpc/render/block.hpp"

namespace valence::rpc {

namespace json = boost::json;

namespace {

/// Blocks one call may make.
constexpr std::uint64_t kMostBlocks = 1'000'000;

using Blocks = std::vector<sequencer::SharedBlock>;

/// Blocks made in one piece: between two, the chain does other work, and a server that stops is not kept.
constexpr std::uint64_t kBlocksAtOnce = 64;

/// Makes `count` blocks, `interval` seconds apart where that is given, and hands them to `take`.
Answer<void> mine_blocks(Call& call, std::uint64_t count, std::optional<std::uint64_t> interval,
                         const std::function<void(Blocks&&)>& take) {
    auto& node = call.context.node;
    std::optional<std::uint64_t> next;
    while (count > 0) {
        if (call.context.stopping) return server_error("the node stops");
        if (next) {
            const auto set = node.set_next_block_timestamp(*next);
            if (set.has_error()) return from_error(set.error());
        }
        const auto many = std::min(count, kBlocksAtOnce);
        auto mined = node.mine(many, interval);
        if (mined.has_error()) return from_error(mined.error());
        if (interval) next = mined.value().back()->block.header.timestamp + *interval;
        take(std::move(mined).value());
        count -= many;
    }
    return success();
}

/// evm_mine's parameter: nothing, a timestamp, or {timestamp, blocks}.
Answer<void> mine_as_asked(Call& call, const std::function<void(Blocks&&)>& take) {
    auto& node = call.context.node;
    std::uint64_t count = 1;
    std::optional<std::uint64_t> timestamp;
    const auto read = [&](const json::value& value, std::optional<std::uint64_t>& to) -> Answer<void> {
        if (value.is_null()) return success();
        const auto number = decode_lenient_u64(value);
        if (number.has_error()) return invalid_argument(0, number.error().message());
        to = number.value();
        return success();
    };
    if (const auto* options = call.parameters.find(0)) {
        if (const auto* object = options->if_object()) {
            std::optional<std::uint64_t> blocks;
            if (const auto* value = object->if_contains("timestamp")) {
                BOOST_OUTCOME_TRY(read(*value, timestamp));
            }
            if (const auto* value = object->if_contains("blocks")) {
                BOOST_OUTCOME_TRY(read(*value, blocks));
            }
            count = blocks.value_or(1);
        } else {
            BOOST_OUTCOME_TRY(read(*options, timestamp));
        }
    }
    if (count > kMostBlocks) return invalid_params("too many blocks");
    // Zero means "now", as other dev nodes have it.
    if (timestamp && *timestamp != 0) {
        const auto set = node.set_next_block_timestamp(*timestamp);
        if (set.has_error()) return from_error(set.error());
    }
    return mine_blocks(call, count, std::nullopt, take);
}

Answer<void> set_interval(Call& call, std::chrono::milliseconds every) {
    auto& node = call.context.node;
    if (every.count() > 0) {
        node.set_mining(node::IntervalMining{every});
    } else if (std::holds_alternative<node::IntervalMining>(node.mining())) {
        node.set_mining(node::ManualMining{});
    }
    return done(call);
}

}  // namespace

Answer<void> evm_mine(Call& call) {
    BOOST_OUTCOME_TRY(mine_as_asked(call, [](Blocks&&) {}));
    call.result.string("0x0");
    return success();
}

/// As evm_mine, answering the blocks.
Answer<void> evm_mine_detailed(Call& call) {
    call.result.begin_array();
    BOOST_OUTCOME_TRY(mine_as_asked(call, [&](Blocks&& blocks) {
        for (const auto& block : blocks)
            write_block(call.result, *block, TransactionForm::objects);
    }));
    call.result.end_array();
    return success();
}

/// (count?, seconds between blocks?)
Answer<void> dev_mine(Call& call) {
    std::uint64_t count = 1;
    std::optional<std::uint64_t> interval;
    if (call.parameters.given(0)) {
        BOOST_OUTCOME_TRY(count, call.parameters.lenient_u64(0));
    }
    if (call.parameters.given(1)) {
        BOOST_OUTCOME_TRY(interval, call.parameters.lenient_u64(1));
    }
    if (count > kMostBlocks) return invalid_params("too many blocks");
    BOOST_OUTCOME_TRY(mine_blocks(call, count, interval, [](Blocks&&) {}));
    return done(call);
}

Answer<void> dev_set_automine(Call& call) {
    BOOST_OUTCOME_TRY(const auto on, call.parameters.boolean(0));
    auto& node = call.context.node;
    if (on) {
        node.set_mining(node::Automine{});
    } else if (std::holds_alternative<node::Automine>(node.mining())) {
        node.set_mining(node::ManualMining{});
    }
    return done(call);
}

Answer<void> dev_get_automine(Call& call) {
    call.result.boolean(std::holds_alternative<node::Automine>(call.context.node.mining()));
    return success();
}

/// Seconds between blocks, 0 for none; a list is Hardhat's [least, most] in milliseconds, of which the mean
/// is taken.
Answer<void> dev_set_interval_mining(Call& call) {
    BOOST_OUTCOME_TRY(const auto* value, call.parameters.require(0));
    if (const auto* list = value->if_array(); list != nullptr && list->size() == 2) {
        const auto least = decode_lenient_u64((*list)[0]);
        const auto most = decode_lenient_u64((*list)[1]);
        if (least.has_error() || most.has_error()) return invalid_argument(0, "expected two numbers");
        return set_interval(call,
                            std::chrono::milliseconds((least.value() / 2 + most.value() / 2) & 0xffffffff));
    }
    BOOST_OUTCOME_TRY(const auto seconds, call.parameters.lenient_u64(0));
    if (seconds > 0xffffffff) return invalid_argument(0, "interval too long");
    return set_interval(call, std::chrono::seconds(seconds));
}

/// Seconds, or null when blocks do not come by the clock.
Answer<void> dev_get_interval_mining(Call& call) {
    const auto mode = call.context.node.mining();
    if (const auto* interval = std::get_if<node::IntervalMining>(&mode)) {
        call.result.number(static_cast<double>(interval->every.count()) / 1000);
    } else {
        call.result.null();
    }
    return success();
}

Answer<void> evm_snapshot(Call& call) {
    const auto id = call.context.node.snapshot();
    if (id.has_error()) return from_error(id.error());
    call.result.quantity(id.value());
    return success();
}

/// False for a snapshot that does not exist or was used.
Answer<void> evm_revert(Call& call) {
    BOOST_OUTCOME_TRY(const auto id, call.parameters.lenient_u64(0));
    const auto reverted = call.context.node.revert(id);
    if (reverted.has_error() && reverted.error() != Error{node::NodeError::unknown_snapshot}) {
        return from_error(reverted.error());
    }
    call.result.boolean(reverted.has_value());
    return success();
}

Answer<void> anvil_rollback(Call& call) {
    std::uint64_t depth = 1;
    if (call.parameters.given(0)) {
        BOOST_OUTCOME_TRY(depth, call.parameters.lenient_u64(0));
    }
    return done(call, call.context.node.unwind(depth));
}

Answer<void> dev_reset(Call& call) {
    if (const auto* options = call.parameters.find(0)) {
        const auto* object = options->if_object();
        if (object != nullptr && object->contains("forking"))
            return server_error("forking another chain is not supported");
    }
    return done(call, call.context.node.reset());
}

}  // namespace valence::rpc
