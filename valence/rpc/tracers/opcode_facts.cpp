#include "valence/rpc/tracers/opcode_facts.hpp"

#include <fmt/format.h>

namespace valence::rpc::tracers {

namespace {

/// Words the machine's stack holds at most.
constexpr std::size_t kStackWords = 1'024;

}  // namespace

std::string opcode_name(std::uint8_t opcode) {
    const auto& info = evm::kOpcodes[opcode];
    return info.defined() ? std::string{info.name} : fmt::format("opcode {:#x} not defined", opcode);
}

std::size_t stack_required(std::uint8_t opcode) { return evm::kOpcodes[opcode].in; }

std::size_t stack_limit(std::uint8_t opcode) {
    const auto& info = evm::kOpcodes[opcode];
    return kStackWords + info.in - info.out;
}

}  // namespace valence::rpc::tracers
