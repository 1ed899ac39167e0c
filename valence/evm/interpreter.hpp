// The interpreter's loop: runs a frame's code until it ends or calls.
#pragma once

#include "valence/evm/frame.hpp"

namespace valence::evm {

/// Continues `frame` at its `pc` until `frame.exit` says that it ended or waits for a call.
using Loop = void (*)(Frame& frame);

/// The copy of the loop made for a fork's rules, with or without the calls to a tracer.
Loop select_loop(Revision revision, bool tracing);

}  // namespace valence::evm
