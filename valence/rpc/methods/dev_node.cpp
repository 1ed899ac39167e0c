// Dev helpers that tell about the node.
#include <boost/json.hpp>

#include "valence/rpc/context.hpp"
#include "valence/rpc/methods/dev_answers.hpp"
#include "valence/rpc/methods/fees.hpp"
#include "valence/rpc/methods/handlers.hpp"

namespace valence::rpc {

/// The node logs what it logs.
Answer<void> dev_set_logging_enabled(Call& call) {
    BOOST_OUTCOME_TRY(call.parameters.boolean(0));
    return done(call);
}

/// As anvil_nodeInfo; there is no fork.
Answer<void> anvil_node_info(Call& call) {
    const auto& node = call.context.node;
    const auto head = node.chain().head().block;
    const auto next = node.next_block();
    const auto mining = node.mining();
    auto& out = call.result;
    out.begin_object();
    out.key("currentBlockNumber").quantity(head->number());
    out.key("currentBlockTimestamp").number(head->block.header.timestamp);
    out.key("currentBlockHash").data(head->hash);
    out.key("hardFork").string("Osaka");
    out.key("transactionOrder").string("fees");
    out.key("environment").begin_object();
    out.key("baseFee").quantity(next.base_fee);
    out.key("chainId").number(node.chain_id());
    out.key("gasLimit").quantity(next.gas_limit);
    out.key("gasPrice").quantity(suggested_tip(node) + next.base_fee);
    out.end_object();
    out.key("forkConfig").begin_object();
    out.key("forkUrl").null();
    out.key("forkBlockNumber").null();
    out.key("forkRetryBackoff").null();
    out.end_object();
    out.key("automine").boolean(std::holds_alternative<node::Automine>(mining));
    out.end_object();
    return success();
}

/// As hardhat_metadata and anvil_metadata, which agree but for a few names.
Answer<void> dev_metadata(Call& call) {
    const auto& node = call.context.node;
    const auto head = node.chain().head().block;
    const auto genesis = node.chain().block_hash(0).value_or(Hash{});
    auto& out = call.result;
    out.begin_object();
    out.key("clientVersion").string(call.context.client_version);
    out.key("chainId").number(node.chain_id());
    out.key("instanceId").data(genesis);
    out.key("latestBlockNumber").number(head->number());
    out.key("latestBlockHash").data(head->hash);
    out.end_object();
    return success();
}

}  // namespace valence::rpc
