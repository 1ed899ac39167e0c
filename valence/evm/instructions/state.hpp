// Instructions that ask or change the world: accounts, storage, logs, SELFDESTRUCT. Each is called after its
// static gas is paid and answers the gas left; the stack is the caller's to adjust.
#pragma once

#include "valence/evm/instructions/step.hpp"

namespace valence::evm {

Done balance(Frame&, U256* top, Gas);
Done self_balance(Frame&, U256* top, Gas);
Done ext_code_size(Frame&, U256* top, Gas);
Done ext_code_hash(Frame&, U256* top, Gas);
Done ext_code_copy(Frame&, U256* top, Gas);
Done block_hash(Frame&, U256* top, Gas);
Done sload(Frame&, U256* top, Gas);
Done sstore(Frame&, U256* top, Gas);
Done tload(Frame&, U256* top, Gas);
Done tstore(Frame&, U256* top, Gas);
Done log(Frame&, U256* top, Gas, std::size_t topics);
/// Ends the frame if it succeeds.
Done self_destruct(Frame&, U256* top, Gas);

/// EIP-2929: what a cold account costs beyond the warm price; 0 before Berlin. Makes it warm.
Gas account_access_extra(const Frame&, const Address&);

}  // namespace valence::evm
