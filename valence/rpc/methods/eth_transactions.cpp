// eth_*: transactions and receipts.
#include "valence/rpc/context.hpp"
#include "valence/rpc/lookup.hpp"
#include "valence/rpc/methods/find_transaction.hpp"
#include "valence/rpc/methods/handlers.hpp"
#include "valence/rpc/render/receipt.hpp"
#include "valence/rpc/render/transaction.hpp"

namespace valence::rpc {

namespace {

Answer<FoundBlock> numbered_block(const Call& call) {
    BOOST_OUTCOME_TRY(const auto id, call.parameters.block_number(0));
    return find_block(call.context.node, id);
}

Answer<FoundBlock> hashed_block(const Call& call) {
    BOOST_OUTCOME_TRY(const auto hash, call.parameters.hash(0));
    return find_block(call.context.node, BlockByHash{hash});
}

enum class Form : std::uint8_t { object, encoding };

Answer<void> by_block_and_index(Call& call, const Answer<FoundBlock>& found, Form form) {
    if (found.has_error()) return found.error();
    BOOST_OUTCOME_TRY(const auto index, call.parameters.quantity(1));
    const auto& block = found.value();
    if (!block || index >= block.block->block.transactions.size()) {
        // geth: null for an object, nothing ("0x") for an encoding.
        form == Form::object ? call.result.null() : call.result.data(BytesView{});
    } else if (form == Form::object) {
        write_transaction(call.result, *block.block, index, block.sealing);
    } else {
        call.result.data(chain::encode_transaction(block.block->block.transactions[index]));
    }
    return success();
}

}  // namespace

FoundTransaction find_transaction(const node::Node& node, const Hash& hash) {
    // Pool first: a transaction that moves from the pool into a block in between is found in one of them.
    auto pooled = node.pool().find(hash);
    if (const auto location = node.chain().locate(hash)) {
        auto block = node.chain().block(location->block_number);
        if (block && location->index < block->facts.size() && block->facts[location->index].hash == hash) {
            return {std::move(block), location->index, nullptr};
        }
    }
    return {nullptr, 0, std::move(pooled)};
}

Answer<void> eth_get_transaction_by_hash(Call& call) {
    BOOST_OUTCOME_TRY(const auto hash, call.parameters.hash(0));
    const auto found = find_transaction(call.context.node, hash);
    if (found.block) {
        write_transaction(call.result, *found.block, found.index);
    } else if (found.pooled) {
        write_pending_transaction(call.result, *found.pooled);
    } else {
        call.result.null();
    }
    return success();
}

Answer<void> eth_get_raw_transaction_by_hash(Call& call) {
    BOOST_OUTCOME_TRY(const auto hash, call.parameters.hash(0));
    const auto found = find_transaction(call.context.node, hash);
    if (found.block) {
        call.result.data(chain::encode_transaction(found.block->block.transactions[found.index]));
    } else if (found.pooled) {
        call.result.data(found.pooled->encoded);
    } else {
        call.result.data(BytesView{});
    }
    return success();
}

namespace {

/// The block in which an account used a nonce, or null. Looks from the head backwards, since older states may
/// not be kept.
Answer<sequencer::SharedBlock> block_that_used(const node::ChainReader& chain, const Address& account,
                                               std::uint64_t nonce) {
    const auto is_used_after = [&](std::uint64_t number) -> Answer<bool> {
        const auto state = chain.state_at(number);
        if (state.has_error()) return from_error(state.error());
        return state.value()->account(account).value_or(state::Account{}).nonce > nonce;
    };
    auto last = chain.head_number();
    BOOST_OUTCOME_TRY(auto is_used, is_used_after(last));
    if (!is_used) return sequencer::SharedBlock{};
    std::uint64_t first = 0;
    for (std::uint64_t step = 1; last > 0 && first == 0; step *= 2) {
        const auto before = last > step ? last - step : 0;
        BOOST_OUTCOME_TRY(is_used, is_used_after(before));
        (is_used ? last : first) = is_used ? before : before + 1;
    }
    while (first < last) {
        const auto middle = first + (last - first) / 2;
        BOOST_OUTCOME_TRY(is_used, is_used_after(middle));
        (is_used ? last : first) = is_used ? middle : middle + 1;
    }
    return chain.block(last);
}

}  // namespace

Answer<void> eth_get_transaction_by_sender_and_nonce(Call& call) {
    BOOST_OUTCOME_TRY(const auto sender, call.parameters.address(0));
    BOOST_OUTCOME_TRY(const auto nonce, call.parameters.lenient_u64(1));
    const auto& node = call.context.node;
    const auto waiting = node.pool().content(sender);
    for (const auto* part : {&waiting.pending, &waiting.queued}) {
        for (const auto& transaction : *part) {
            if (transaction->transaction.nonce != nonce) continue;
            write_pending_transaction(call.result, *transaction);
            return success();
        }
    }
    BOOST_OUTCOME_TRY(const auto block, block_that_used(node.chain(), sender, nonce));
    for (std::size_t i = 0; block != nullptr && i < block->facts.size(); ++i) {
        if (block->facts[i].sender != sender || block->block.transactions[i].nonce != nonce) continue;
        write_transaction(call.result, *block, i);
        return success();
    }
    call.result.null();
    return success();
}

Answer<void> eth_get_transaction_by_block_number_and_index(Call& call) {
    return by_block_and_index(call, numbered_block(call), Form::object);
}
Answer<void> eth_get_transaction_by_block_hash_and_index(Call& call) {
    return by_block_and_index(call, hashed_block(call), Form::object);
}
Answer<void> eth_get_raw_transaction_by_block_number_and_index(Call& call) {
    return by_block_and_index(call, numbered_block(call), Form::encoding);
}
Answer<void> eth_get_raw_transaction_by_block_hash_and_index(Call& call) {
    return by_block_and_index(call, hashed_block(call), Form::encoding);
}

Answer<void> eth_get_transaction_receipt(Call& call) {
    BOOST_OUTCOME_TRY(const auto hash, call.parameters.hash(0));
    const auto found = find_transaction(call.context.node, hash);
    if (found.block) {
        write_receipt(call.result, *found.block, found.index, call.context.node.config().genesis.rules);
    } else {
        call.result.null();
    }
    return success();
}

Answer<void> eth_get_block_receipts(Call& call) {
    BOOST_OUTCOME_TRY(const auto id, call.parameters.block(0));
    BOOST_OUTCOME_TRY(const auto found, find_block(call.context.node, id));
    if (!found) {
        call.result.null();
        return success();
    }
    call.result.begin_array();
    for (std::size_t i = 0; i < found.block->receipts.size(); ++i) {
        write_receipt(call.result, *found.block, i, call.context.node.config().genesis.rules);
    }
    call.result.end_array();
    return success();
}

}  // namespace valence::rpc
