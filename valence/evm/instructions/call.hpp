// CALL and CREATE in all their kinds, as far as the calling frame is concerned: gas, memory, and the message
// they leave in `Frame::pending`. CallStack runs it and puts the answer on the stack.
#pragma once

#include "valence/evm/instructions/step.hpp"

namespace valence::evm {

Done prepare_call(Frame&, const U256* top, Gas, Op);
Done prepare_create(Frame&, const U256* top, Gas, Op);

/// EIP-7702: whom the code of an account delegates to, if it is a delegation.
std::optional<Address> delegation_target(BytesView code);

}  // namespace valence::evm
