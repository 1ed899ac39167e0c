// Module evm: the Ethereum Virtual Machine, from Frontier to Osaka.
//
// A Message goes into Vm::execute, which asks the Host for code and state, runs precompiles and interprets
// code frame by frame, and answers a CallResult. The machine holds no state of its own between transactions.
//
//   revision.hpp   forks            message.hpp  frames in and out, block and transaction context
//   host.hpp       the world        tracer.hpp   what can be watched
//   vm.hpp         calls, creations, the interpreter's entry
//   precompiles/   Ethereum's precompiled contracts, one table
#pragma once

#include "valence/evm/vm.hpp"
