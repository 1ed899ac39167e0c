// eth_*: blocks, headers and uncles.
#include "valence/rpc/context.hpp"
#include "valence/rpc/lookup.hpp"
#include "valence/rpc/methods/handlers.hpp"
#include "valence/rpc/render/block.hpp"

namespace valence::rpc {

namespace {

Answer<FoundBlock> block_by_number(const Call& call) {
    BOOST_OUTCOME_TRY(const auto id, call.parameters.block_number(0));
    return find_block(call.context.node, id);
}

Answer<FoundBlock> block_by_hash(const Call& call) {
    BOOST_OUTCOME_TRY(const auto hash, call.parameters.hash(0));
    return find_block(call.context.node, BlockByHash{hash});
}

/// Writes with `write(out, found)`, or null when there is no such block.
template <typename Write>
Answer<void> write_found(Call& call, const Answer<FoundBlock>& found, Write&& write) {
    if (found.has_error()) return found.error();
    if (found.value()) {
        write(call.result, found.value());
    } else {
        call.result.null();
    }
    return success();
}

Answer<void> get_block(Call& call, Answer<FoundBlock> (*find)(const Call&)) {
    const auto found = find(call);
    if (found.has_error()) return found.error();
    BOOST_OUTCOME_TRY(const auto full, call.parameters.boolean_or(1, false));
    return write_found(call, found, [&](JsonWriter& out, const FoundBlock& block) {
        write_block(out, *block.block, full ? TransactionForm::objects : TransactionForm::hashes,
                    block.sealing);
    });
}

void write_header_of(JsonWriter& out, const FoundBlock& found) {
    write_header(out, *found.block, found.sealing);
}

void write_transaction_count(JsonWriter& out, const FoundBlock& found) {
    out.quantity(std::uint64_t{found.block->block.transactions.size()});
}

void write_uncle_count(JsonWriter& out, const FoundBlock& found) {
    out.quantity(std::uint64_t{found.block->block.ommers.size()});
}

Answer<void> get_uncle(Call& call, const Answer<FoundBlock>& found) {
    BOOST_OUTCOME_TRY(const auto index, call.parameters.quantity(1));
    return write_found(call, found, [&](JsonWriter& out, const FoundBlock& block) {
        const auto& ommers = block.block->block.ommers;
        if (index < ommers.size()) {
            write_uncle(out, ommers[index]);
        } else {
            out.null();
        }
    });
}

}  // namespace

Answer<void> eth_get_block_by_number(Call& call) { return get_block(call, block_by_number); }
Answer<void> eth_get_block_by_hash(Call& call) { return get_block(call, block_by_hash); }

Answer<void> eth_get_header_by_number(Call& call) {
    return write_found(call, block_by_number(call), write_header_of);
}
Answer<void> eth_get_header_by_hash(Call& call) {
    return write_found(call, block_by_hash(call), write_header_of);
}

Answer<void> eth_get_block_transaction_count_by_number(Call& call) {
    return write_found(call, block_by_number(call), write_transaction_count);
}
Answer<void> eth_get_block_transaction_count_by_hash(Call& call) {
    return write_found(call, block_by_hash(call), write_transaction_count);
}

Answer<void> eth_get_uncle_count_by_block_number(Call& call) {
    return write_found(call, block_by_number(call), write_uncle_count);
}
Answer<void> eth_get_uncle_count_by_block_hash(Call& call) {
    return write_found(call, block_by_hash(call), write_uncle_count);
}

Answer<void> eth_get_uncle_by_block_number_and_index(Call& call) {
    return get_uncle(call, block_by_number(call));
}
Answer<void> eth_get_uncle_by_block_hash_and_index(Call& call) {
    return get_uncle(call, block_by_hash(call));
}

}  // namespace valence::rpc
