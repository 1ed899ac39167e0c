// eth_*: the chain as a whole.
#include "valence/rpc/context.hpp"
#include "valence/rpc/methods/handlers.hpp"

namespace valence::rpc {

Answer<void> eth_chain_id(Call& call) {
    call.result.quantity(call.context.node.chain_id());
    return success();
}

/// eth/68, what geth answers; there is no peer-to-peer network here.
Answer<void> eth_protocol_version(Call& call) {
    call.result.string("0x44");
    return success();
}

Answer<void> eth_block_number(Call& call) {
    call.result.quantity(call.context.node.chain().head_number());
    return success();
}

/// False, or how far the node is that follows another one and is behind it. The one that makes the blocks
/// never is.
Answer<void> eth_syncing(Call& call) {
    const auto& source = call.context.syncing;
    const auto progress = source ? source() : std::nullopt;
    if (!progress) {
        call.result.boolean(false);
        return success();
    }
    call.result.begin_object();
    call.result.key("startingBlock").quantity(progress->starting);
    call.result.key("currentBlock").quantity(progress->current);
    call.result.key("highestBlock").quantity(progress->highest);
    call.result.end_object();
    return success();
}

Answer<void> eth_coinbase(Call& call) {
    call.result.data(call.context.node.config().coinbase);
    return success();
}

Answer<void> eth_mining(Call& call) {
    call.result.boolean(!std::holds_alternative<node::ManualMining>(call.context.node.mining()));
    return success();
}

Answer<void> eth_hashrate(Call& call) {
    call.result.quantity(std::uint64_t{0});
    return success();
}

/// Accounts the node signs for: those of the dev mode.
Answer<void> eth_accounts(Call& call) {
    call.result.begin_array();
    if (call.context.mode == Mode::dev) {
        for (const auto& account : call.context.node.config().dev_accounts)
            call.result.data(account.address);
    }
    call.result.end_array();
    return success();
}

/// What this node can answer about which blocks, so that a router can choose between nodes.
Answer<void> eth_capabilities(Call& call) {
    auto& out = call.result;
    const auto head = call.context.node.chain().head().block;
    const auto depth = call.context.node.config().history_depth;
    const auto oldest_state = head->number() > depth ? head->number() - depth : 0;
    const auto kept = [&](std::string_view name, std::uint64_t oldest) {
        out.key(name).begin_object();
        out.key("disabled").boolean(false);
        out.key("oldestBlock").quantity(oldest);
        out.end_object();
    };
    const auto window = [&](std::string_view name) {
        if (depth == state::kKeepAll) return kept(name, 0);
        out.key(name).begin_object();
        out.key("disabled").boolean(false);
        out.key("oldestBlock").quantity(oldest_state);
        out.key("deleteStrategy").begin_object();
        out.key("type").string("window");
        out.key("retentionBlocks").quantity(depth);
        out.end_object();
        out.end_object();
    };
    out.begin_object();
    out.key("head").begin_object();
    out.key("number").quantity(head->number());
    out.key("hash").data(head->hash);
    out.end_object();
    window("state");
    kept("tx", 0);
    kept("logs", 0);
    kept("receipts", 0);
    kept("blocks", 0);
    window("stateproofs");
    out.end_object();
    return success();
}

}  // namespace valence::rpc
