// debug_getRaw*: consensus encodings.
#include "valence/rpc/context.hpp"
#include "valence/rpc/lookup.hpp"
#include "valence/rpc/methods/handlers.hpp"

namespace valence::rpc {

namespace {

Answer<FoundBlock> block_parameter(const Call& call) {
    BOOST_OUTCOME_TRY(const auto id, call.parameters.block(0));
    return require_block(call.context.node, id);
}

}  // namespace

Answer<void> debug_get_raw_header(Call& call) {
    BOOST_OUTCOME_TRY(const auto found, block_parameter(call));
    call.result.data(chain::encode_header(found.block->block.header));
    return success();
}

Answer<void> debug_get_raw_block(Call& call) {
    BOOST_OUTCOME_TRY(const auto found, block_parameter(call));
    call.result.data(chain::encode_block(found.block->block));
    return success();
}

Answer<void> debug_get_raw_receipts(Call& call) {
    BOOST_OUTCOME_TRY(const auto found, block_parameter(call));
    call.result.begin_array();
    for (const auto& receipt : found.block->receipts)
        call.result.data(chain::encode_receipt(receipt));
    call.result.end_array();
    return success();
}

}  // namespace valence::rpc
