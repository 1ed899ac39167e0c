// Instructions that read what is known without the host: message, block, transaction, code.
#pragma once

#include "valence/evm/instructions/step.hpp"

namespace valence::evm {

template <Op op>
constexpr bool kIsContext =
    op == Op::address || op == Op::origin || op == Op::caller || op == Op::callvalue ||
    op == Op::calldatasize || op == Op::codesize || op == Op::gasprice || op == Op::returndatasize ||
    op == Op::coinbase || op == Op::timestamp || op == Op::number || op == Op::prevrandao ||
    op == Op::gaslimit || op == Op::chainid || op == Op::basefee || op == Op::blobbasefee || op == Op::msize;

template <Op op>
VALENCE_INLINE U256 read_context(const Frame& frame) {
    const auto& message = *frame.message;
    const auto& block = frame.environment->block;
    const auto& transaction = frame.environment->transaction;
    if constexpr (op == Op::address) return U256::from_address(message.recipient);
    if constexpr (op == Op::origin) return U256::from_address(transaction.origin);
    if constexpr (op == Op::caller) return U256::from_address(message.sender);
    if constexpr (op == Op::callvalue) return message.value;
    if constexpr (op == Op::calldatasize) return frame.calldata.size();
    if constexpr (op == Op::codesize) return frame.code.size();
    if constexpr (op == Op::gasprice) return transaction.gas_price;
    if constexpr (op == Op::returndatasize) return frame.return_data.size();
    if constexpr (op == Op::coinbase) return U256::from_address(block.coinbase);
    if constexpr (op == Op::timestamp) return block.timestamp;
    if constexpr (op == Op::number) return block.number;
    if constexpr (op == Op::prevrandao) return block.prev_randao;
    if constexpr (op == Op::gaslimit) return block.gas_limit;
    if constexpr (op == Op::chainid) return block.chain_id;
    if constexpr (op == Op::basefee) return block.base_fee;
    if constexpr (op == Op::blobbasefee) return block.blob_base_fee;
    if constexpr (op == Op::msize) return frame.memory.size();
}

/// EIP-4844: zero past the end.
[[gnu::noinline]] inline U256 blob_hash(const Frame& frame, const U256& index) {
    const auto& hashes = frame.environment->transaction.blob_hashes;
    return index.saturated_u64() < hashes.size() ? U256::from_hash(hashes[index.low_u64()]) : U256{};
}

}  // namespace valence::evm
