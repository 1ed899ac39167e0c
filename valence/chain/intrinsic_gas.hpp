// What a transaction costs before its first instruction.
#pragma once

#include "valence/chain/transaction.hpp"
#include "valence/evm/message.hpp"
#include "valence/evm/revision.hpp"

namespace valence::chain {

struct IntrinsicGas {
    /// Taken from the gas limit before execution (EIP-2, 2028, 2930, 3860, 7702).
    std::uint64_t cost = 0;
    /// What is paid at least, however little execution takes (EIP-7623); 0 before Prague.
    std::uint64_t floor = 0;
};

IntrinsicGas intrinsic_gas(const Transaction& transaction, evm::Revision revision);

}  // namespace valence::chain
