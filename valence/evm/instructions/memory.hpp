// Instructions on memory: loads, stores, copies, KECCAK256.
#pragma once

#include "valence/crypto/keccak.hpp"
#include "valence/evm/gas.hpp"
#include "valence/evm/instructions/word.hpp"

namespace valence::evm {

VALENCE_INLINE bool mload(Frame& frame, U256* top, Gas& gas) {
    U256& word = top[-1];
    if (!touch_memory(frame, word, 32, gas)) [[unlikely]]
        return fail(frame, Status::out_of_gas);
    put(word, U256::from_be32(frame.memory.data() + word.low_u64()));
    return true;
}

VALENCE_INLINE bool mstore(Frame& frame, U256* top, Gas& gas) {
    if (!touch_memory(frame, top[-1], 32, gas)) [[unlikely]]
        return fail(frame, Status::out_of_gas);
    top[-2].store_be32(frame.memory.data() + top[-1].low_u64());
    return true;
}

VALENCE_INLINE bool mstore8(Frame& frame, U256* top, Gas& gas) {
    if (!touch_memory(frame, top[-1], 1, gas)) [[unlikely]]
        return fail(frame, Status::out_of_gas);
    frame.memory.data()[top[-1].low_u64()] = static_cast<std::uint8_t>(top[-2].low_u64());
    return true;
}

/// The word at `offset` of `data`, which is followed by endless zeros.
VALENCE_INLINE U256 load_padded(BytesView data, const U256& offset) {
    if (!offset.fits_u64() || offset.low_u64() >= data.size()) return {};
    const auto at = offset.low_u64();
    if (data.size() - at >= 32) [[likely]]
        return U256::from_be32(data.data() + at);
    std::array<std::uint8_t, 32> word{};
    std::memcpy(word.data(), data.data() + at, data.size() - at);
    return U256::from_be32(word.data());
}

/// CALLDATACOPY, CODECOPY, EXTCODECOPY after their static gas: `top[-1]` is the memory offset, then source
/// offset, size.
[[gnu::noinline]] inline Done copy_padded(Frame& frame, const U256* top, BytesView from, Gas gas) {
    const auto& offset = top[-1];
    const auto& source = top[-2];
    const auto& size = top[-3];
    if (!touch_memory(frame, offset, size, gas)) return fail(frame, Status::out_of_gas, gas);
    const auto n = size.low_u64();
    gas -= gas::kCopyWord * words(n);
    if (gas < 0) return fail(frame, Status::out_of_gas, gas);
    if (n == 0) return {gas, true};
    auto* const to = frame.memory.data() + offset.low_u64();
    const auto begin = std::min<std::uint64_t>(source.saturated_u64(), from.size());
    const auto present = std::min<std::uint64_t>(n, from.size() - begin);
    if (present != 0) std::memcpy(to, from.data() + begin, present);
    std::memset(to + present, 0, n - present);
    return {gas, true};
}

/// Unlike the other copies it may not read past the end (EIP-211).
[[gnu::noinline]] inline Done returndatacopy(Frame& frame, const U256* top, Gas gas) {
    const auto& offset = top[-1];
    const auto& source = top[-2];
    const auto& size = top[-3];
    if (!touch_memory(frame, offset, size, gas)) return fail(frame, Status::out_of_gas, gas);
    const auto n = size.low_u64();
    gas -= gas::kCopyWord * words(n);
    if (gas < 0) return fail(frame, Status::out_of_gas, gas);
    const auto available = frame.return_data.size();
    if (source.saturated_u64() > available || n > available - source.low_u64()) {
        return fail(frame, Status::return_data_out_of_bounds, gas);
    }
    if (n != 0) {
        std::memcpy(frame.memory.data() + offset.low_u64(), frame.return_data.data() + source.low_u64(), n);
    }
    return {gas, true};
}

/// EIP-5656: destination, source, size; the ranges may overlap.
[[gnu::noinline]] inline Done mcopy(Frame& frame, const U256* top, Gas gas) {
    const auto& to = top[-1];
    const auto& from = top[-2];
    const auto& size = top[-3];
    if (!touch_memory(frame, std::max(to, from), size, gas)) return fail(frame, Status::out_of_gas, gas);
    const auto n = size.low_u64();
    gas -= gas::kCopyWord * words(n);
    if (gas < 0) return fail(frame, Status::out_of_gas, gas);
    if (n != 0) std::memmove(frame.memory.data() + to.low_u64(), frame.memory.data() + from.low_u64(), n);
    return {gas, true};
}

[[gnu::noinline]] inline Done keccak256(Frame& frame, U256* top, Gas gas) {
    const auto& offset = top[-1];
    const auto n = top[-2];
    if (!touch_memory(frame, offset, n, gas)) return fail(frame, Status::out_of_gas, gas);
    gas -= gas::kKeccakWord * words(n.low_u64());
    if (gas < 0) return fail(frame, Status::out_of_gas, gas);
    const auto input = n.is_zero() ? BytesView{} : frame.memory.view().subspan(offset.low_u64(), n.low_u64());
    top[-2] = U256::from_hash(crypto::keccak256(input));
    return {gas, true};
}

}  // namespace valence::evm
