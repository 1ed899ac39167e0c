// The dynamic parts of gas: constants by the EIP that set them. The static part is in opcodes.hpp.
#pragma once

#include "valence/evm/message.hpp"
#include "valence/evm/revision.hpp"

namespace valence::evm::gas {

// Memory and data, per 32-byte word unless said otherwise.
inline constexpr Gas kCopyWord = 3;
inline constexpr Gas kKeccakWord = 6;
inline constexpr Gas kLogByte = 8;
/// EIP-3860.
inline constexpr Gas kInitCodeWord = 2;
inline constexpr Gas kCodeDepositByte = 200;

// EIP-2929: what a cold access costs beyond the warm 100 that is the static gas.
inline constexpr Gas kWarmAccess = 100;
inline constexpr Gas kColdAccount = 2600;
inline constexpr Gas kColdAccountExtra = kColdAccount - kWarmAccess;
inline constexpr Gas kColdSlot = 2100;
inline constexpr Gas kColdSlotExtra = kColdSlot - kWarmAccess;

// Calls.
inline constexpr Gas kCallValue = 9000;
inline constexpr Gas kCallStipend = 2300;
inline constexpr Gas kNewAccount = 25'000;

// SELFDESTRUCT's refund, until EIP-3529.
inline constexpr Gas kSelfDestructRefund = 24'000;

/// EXP, per byte of the exponent (EIP-160).
constexpr Gas exp_byte(Revision revision) { return revision >= Revision::spurious_dragon ? 50 : 10; }

/// What SSTORE costs and refunds under a fork's rules.
struct StorageRules {
    /// Net metering (EIP-1283, EIP-2200): the cost depends on the slot's value at the transaction's start.
    bool net = false;
    /// Not more gas than this left is a failure (EIP-2200); -1 for no such rule.
    Gas sentry = -1;
    /// Of an access that changes nothing, or changes a slot already changed.
    Gas warm = 5000;
    Gas set = 20'000;
    Gas reset = 5000;
    /// Refund for clearing.
    Gas clear = 15'000;
    /// Added if the slot is cold.
    Gas cold = 0;
};

constexpr StorageRules storage_rules(Revision revision) {
    if (revision >= Revision::london) return {true, 2300, 100, 20'000, 2900, 4800, kColdSlot};    // EIP-3529
    if (revision >= Revision::berlin) return {true, 2300, 100, 20'000, 2900, 15'000, kColdSlot};  // EIP-2929
    if (revision == Revision::istanbul) return {true, 2300, 800, 20'000, 5000, 15'000, 0};        // EIP-2200
    if (revision == Revision::constantinople) return {true, -1, 200, 20'000, 5000, 15'000, 0};    // EIP-1283
    return {};
}

}  // namespace valence::evm::gas
