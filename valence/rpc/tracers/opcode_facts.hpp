// What texts of tracers say of an instruction, from the machine's table.
#pragma once

#include <string>

#include "valence/evm/opcodes.hpp"

namespace valence::rpc::tracers {

/// "KECCAK256", "PUSH1", …; "opcode 0xc not defined" for what no fork defines.
std::string opcode_name(std::uint8_t opcode);

/// Words an instruction takes from the stack, or must find on it (DUP, SWAP).
std::size_t stack_required(std::uint8_t opcode);

/// The greatest stack height at which the instruction may run.
std::size_t stack_limit(std::uint8_t opcode);

constexpr bool is_call(evm::Op op) {
    return op == evm::Op::call || op == evm::Op::callcode || op == evm::Op::delegatecall ||
           op == evm::Op::staticcall;
}

}  // namespace valence::rpc::tracers
