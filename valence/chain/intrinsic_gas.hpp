// What a transaction costs before its first instruction.
#pragma once

#include "valence/chain/transaction.hpp"
#include "valence/evm/message.hpp"
#include "valence/evm/revision.hpp"

namespace valence::chain {

/// The largest gas limit of a transaction (EIP-7825). Where contracts can call models it bounds what
/// execution may use, and the limit itself has the second, which no sum of compute parts outgrows.
inline constexpr std::uint64_t kTransactionGasCap = std::uint64_t{1} << 24;
inline constexpr std::uint64_t kComputeGasCap = std::uint64_t{1} << 50;

struct IntrinsicGas {
    /// Taken from the gas limit before execution (EIP-2, 2028, 2930, 3860, 7702).
    std::uint64_t cost = 0;
    /// What is paid at least, however little execution takes (EIP-7623); 0 before Prague.
    std::uint64_t floor = 0;
};

IntrinsicGas intrinsic_gas(const Transaction& transaction, evm::Revision revision);

}  // namespace valence::chain
