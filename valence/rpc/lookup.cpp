#include "valence/rpc/lookup.hpp"

#include <fmt/format.h>

namespace valence::rpc {

namespace {

/// Nothing for what this node cannot say.
std::optional<std::uint64_t> tagged_number(const node::ChainReader& chain, BlockTag tag) {
    switch (tag) {
        case BlockTag::earliest:
            return 0;
        case BlockTag::safe:
            return chain.safe_number();
        case BlockTag::finalized:
            return chain.finalized_number();
        case BlockTag::latest:
        case BlockTag::pending:
            break;
    }
    return chain.head_number();
}

}  // namespace

std::optional<std::uint64_t> block_number_of(const node::Node& node, const BlockId& id) {
    if (const auto* number = std::get_if<std::uint64_t>(&id)) return *number;
    if (const auto* tag = std::get_if<BlockTag>(&id)) {
        const auto number = tagged_number(node.chain(), *tag);
        return *tag == BlockTag::pending ? *number + 1 : number;
    }
    return std::nullopt;
}

Answer<FoundBlock> find_block(const node::Node& node, const BlockId& id) {
    const auto& chain = node.chain();
    if (const auto* number = std::get_if<std::uint64_t>(&id)) return FoundBlock{chain.block(*number)};
    if (const auto* tag = std::get_if<BlockTag>(&id)) {
        if (*tag == BlockTag::pending) return FoundBlock{node.pending()->block, Sealing::pending};
        if (*tag == BlockTag::latest) return FoundBlock{chain.head().block};
        const auto number = tagged_number(chain, *tag);
        return FoundBlock{number ? chain.block(*number) : nullptr};
    }
    const auto& wanted = std::get<BlockByHash>(id);
    auto block = chain.block(wanted.hash);
    if (block && wanted.require_canonical && !chain.is_canonical(block->number(), wanted.hash)) {
        return server_error("hash is not currently canonical");
    }
    return FoundBlock{std::move(block)};
}

Answer<FoundBlock> require_block(const node::Node& node, const BlockId& id) {
    BOOST_OUTCOME_TRY(auto found, find_block(node, id));
    if (!found) {
        return server_error(std::holds_alternative<BlockByHash>(id) ? "header for hash not found"
                                                                    : "header not found");
    }
    return found;
}

Answer<FoundState> find_state(const node::Node& node, const BlockId& id) {
    const auto& chain = node.chain();
    if (const auto* tag = std::get_if<BlockTag>(&id)) {
        if (*tag == BlockTag::pending) {
            const auto pending = node.pending();
            return FoundState{pending->block, Sealing::pending, pending->state};
        }
        if (*tag == BlockTag::latest) {
            auto head = chain.head();
            return FoundState{std::move(head.block), Sealing::sealed, std::move(head.state)};
        }
    }
    BOOST_OUTCOME_TRY(auto found, require_block(node, id));
    auto head = chain.head();
    if (found.block->hash == head.block->hash) {
        return FoundState{std::move(head.block), Sealing::sealed, std::move(head.state)};
    }
    if (!chain.is_canonical(found.block->number(), found.block->hash)) {
        return server_error("state of a block off the canonical chain is not kept");
    }
    auto state = chain.state_at(found.block->number());
    if (state.has_error()) return from_error(state.error());
    // Blocks may have left the chain since it was looked at: the state would be another block's.
    if (!chain.is_canonical(found.block->number(), found.block->hash)) {
        return server_error("state of a block off the canonical chain is not kept");
    }
    return FoundState{std::move(found.block), Sealing::sealed, std::move(state).value()};
}

}  // namespace valence::rpc
