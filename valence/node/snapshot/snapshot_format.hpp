// The file of a snapshot: a block and the whole state after it, from which a full node can start.
//
//   frames, one after the other: length (4 bytes, big-endian), then that many bytes of RLP, a list that
//   begins with the frame's kind
//
//   start      [0, "valence snapshot", version, hash of block 0, number, hash]           first
//   ancestors  [1, header …]   the headers before the block, newest first, 256 or down to block 0
//   block      [2, block, outcomes, beacon or nothing, receipts]
//   accounts   [3, [address, nonce, balance, code, [[slot, value] …]] …]    any number of them
//   end        [4, accounts, slots]                                                       last
//
// Accounts come in the order of addresses and slots in the order of keys, each once. A frame of accounts ends
// where it is full and not before, but for the last; an account whose slots do not fit goes on at the
// beginning of the next, without code. So a state has one file, and a reader, which holds one frame at a
// time, knows how much may come out of one.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <system_error>

#include "valence/base/base.hpp"

namespace valence::node {

inline constexpr std::string_view kSnapshotMark = "valence snapshot";
inline constexpr std::uint64_t kSnapshotVersion = 1;

enum class SnapshotFrame : std::uint64_t { start, ancestors, block, accounts, end };

/// A frame of accounts is full, so that nothing more begins in it, once what it holds weighs so much: each
/// account, or part of one, this and its code, each slot that.
inline constexpr std::size_t kFullFrame = std::size_t{1} << 20;
inline constexpr std::size_t kAccountWeight = 100;
inline constexpr std::size_t kSlotWeight = 66;
/// Bytes that a frame has at most, by its kind: logs may fill a block, one code may follow a nearly full
/// frame.
inline constexpr std::array<std::size_t, 5> kLargestFrame{1 << 10, 1 << 20, 256 << 20, 16 << 20, 1 << 10};
/// What the BLOCKHASH instruction reaches.
inline constexpr std::uint64_t kSnapshotAncestors = 256;

/// What a snapshot says it is of; nothing of it has been checked.
struct SnapshotInfo {
    Hash genesis_hash;
    std::uint64_t number = 0;
    Hash hash;
};

enum class SnapshotError {
    /// The file cannot be read or written.
    io = 1,
    /// It is no snapshot, or one of another version.
    unknown_format,
    /// It ends early, goes on after its end, or holds what its place does not allow.
    malformed,
    /// Of a chain with another genesis.
    other_genesis,
    /// The headers before the block do not lead to it.
    not_linked,
    /// The block is not what its header commits to, or breaks a rule.
    block_invalid,
    /// The state is not the one that the block commits to.
    state_root_wrong,
    /// The block, or that of a chain which the folder has already, is not the one that was asked for.
    other_block,
    /// The folder has a chain already.
    folder_in_use,
    /// There is no chain to take a snapshot of, or its block is not kept any more.
    nothing_to_export,
};
std::error_code make_error_code(SnapshotError);

}  // namespace valence::node

template <>
struct std::is_error_code_enum<valence::node::SnapshotError> : std::true_type {};
