// Dev helpers that make blocks: mine, automine, intervals, snapshots, unwinding.
#include <functional>
#include <map>

#include <boost/json.hpp>

#include "valence/rpc/context.hpp"
#include "valence/rpc/methods/dev_answers.hpp"
#include "valence/rpc/methods/handlers.hpp"
#include "valence/rpc/methods/send_as.hpp"
#include "valence/rpc/methods/send_raw.hpp"
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

namespace {

/// Lets no block come of itself while it lives.
class HeldMining {
public:
    explicit HeldMining(node::Node& node) : node_(node), before_(node.mining()) {
        node_.set_mining(node::ManualMining{});
    }
    ~HeldMining() { node_.set_mining(before_); }
    HeldMining(const HeldMining&) = delete;
    HeldMining& operator=(const HeldMining&) = delete;

private:
    node::Node& node_;
    const node::MiningMode before_;
};

/// Transactions by the number of their block among the new ones.
using Planned = std::map<std::uint64_t, std::vector<const json::value*>>;

/// [[transaction, number], …]
Answer<Planned> planned_transactions(const Call& call, std::size_t index, std::uint64_t depth) {
    Planned planned;
    if (!call.parameters.given(index)) return planned;
    BOOST_OUTCOME_TRY(const auto* value, call.parameters.require(index));
    const auto* pairs = value->if_array();
    if (pairs == nullptr) return invalid_argument(index, "expected a list of pairs");
    for (const auto& entry : *pairs) {
        const auto* pair = entry.if_array();
        if (pair == nullptr || pair->size() != 2)
            return invalid_argument(index, "expected pairs of a transaction and a number");
        const auto number = decode_lenient_u64((*pair)[1]);
        if (number.has_error()) return invalid_argument(index, number.error().message());
        if (number.value() >= depth) {
            return invalid_params(
                "Block number for reorg tx will exceed the reorged chain height. Block number " +
                std::to_string(number.value()) + " must not exceed (depth-1) " + std::to_string(depth - 1));
        }
        planned[number.value()].push_back(&pair->front());
    }
    return planned;
}

/// One given raw, or as eth_sendTransaction takes it.
Answer<void> send_planned(Call& call, const json::value& transaction) {
    if (transaction.is_string()) {
        const SendRawRequest request{&transaction};
        const auto sent = send_raw_transactions(call.context, {&request, 1});
        if (sent.front().has_error()) return sent.front().error();
        return success();
    }
    const auto arguments = simulation::decode_call_arguments(transaction);
    if (arguments.has_error()) return invalid_argument(1, arguments.error().message());
    BOOST_OUTCOME_TRY(send_as(call, arguments.value()));
    return success();
}

}  // namespace

/// (depth, [[transaction, number of its block], …]?): new blocks in place of the last ones.
Answer<void> anvil_reorg(Call& call) {
    BOOST_OUTCOME_TRY(const auto depth, call.parameters.lenient_u64(0));
    auto& node = call.context.node;
    const auto head = node.chain().head_number();
    if (depth > head) {
        return invalid_params("Reorg depth must not exceed current chain height: current height " +
                              std::to_string(head) + ", depth " + std::to_string(depth));
    }
    if (depth == 0) return done(call);
    BOOST_OUTCOME_TRY(const auto planned, planned_transactions(call, 1, depth));
    const auto replaced = node.chain().header(head - depth + 1);
    const HeldMining held(node);
    if (const auto unwound = node.unwind(depth); unwound.has_error()) return from_error(unwound.error());
    // Without this, a block made within the same second would be the very one that it replaces.
    if (const auto timestamp = node.next_block().timestamp; replaced && timestamp == replaced->timestamp) {
        const auto set = node.set_next_block_timestamp(timestamp + 1);
        if (set.has_error()) return from_error(set.error());
    }
    // The chain gets as long as it was even where a transaction is refused.
    Answer<void> sent = success();
    for (std::uint64_t number = 0; number < depth; ++number) {
        if (call.context.stopping) return server_error("the node stops");
        if (const auto found = planned.find(number); found != planned.end()) {
            for (const auto* transaction : found->second)
                if (sent.has_value()) sent = send_planned(call, *transaction);
        }
        if (const auto mined = node.mine(); mined.has_error()) return from_error(mined.error());
    }
    BOOST_OUTCOME_TRY(sent);
    return done(call);
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
