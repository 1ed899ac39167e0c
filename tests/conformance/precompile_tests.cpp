// geth's vectors for precompiles (input, output, gas; or an input that must fail) and for two-operand
// instructions.
#include "suites.hpp"
#include <fmt/core.h>

#include "valence/chain/evm_host.hpp"
#include "valence/evm/precompiles/precompiles.hpp"
#include "valence/evm/vm.hpp"

namespace valence::conformance {
namespace {

using evm::Revision;

/// Which precompile, and whose pricing, a file is about: said by its name alone.
struct Target {
    std::string_view stem;
    std::uint64_t address;
    Revision revision;
};
constexpr Target kTargets[] = {
    {"ecRecover", 1, Revision::prague},      {"modexp", 5, Revision::byzantium},
    {"modexp_eip2565", 5, Revision::prague}, {"modexp_eip7883", 5, Revision::osaka},
    {"bn256Add", 6, Revision::prague},       {"bn256ScalarMul", 7, Revision::prague},
    {"bn256Pairing", 8, Revision::prague},   {"blake2F", 9, Revision::prague},
    {"blake2f", 9, Revision::prague},        {"pointEvaluation", 10, Revision::prague},
    {"blsG1Add", 11, Revision::prague},      {"blsG1Mul", 12, Revision::prague},
    {"blsG1MultiExp", 12, Revision::prague}, {"blsG2Add", 13, Revision::prague},
    {"blsG2Mul", 14, Revision::prague},      {"blsG2MultiExp", 14, Revision::prague},
    {"blsPairing", 15, Revision::prague},    {"blsMapG1", 16, Revision::prague},
    {"blsMapG2", 17, Revision::prague},      {"p256Verify", 0x100, Revision::osaka},
};

const Target* target_of(std::string_view stem) {
    if (stem.starts_with("fail-")) stem.remove_prefix(5);
    for (const auto& target : kTargets) {
        if (target.stem == stem) return &target;
    }
    return nullptr;
}

std::string check(const evm::Precompile& precompile, Revision revision, const json::value& test) {
    constexpr evm::Gas kPlenty = 1'000'000'000'000;
    const auto input = bytes_of(member(test, "Input"));
    const auto run = precompile.run(input, kPlenty, revision);
    if (find(test, "ExpectedError") != nullptr) {
        return run.status == evm::Status::success ? "expected to fail, succeeded" : "";
    }
    if (run.status != evm::Status::success) return "failed";
    const auto want = bytes_of(member(test, "Expected"));
    if (run.output != want) return fmt::format("output: expected {}, actual {}", hex(want), hex(run.output));
    const auto* gas = find(test, "Gas");
    if (gas == nullptr) return {};
    const auto price = static_cast<evm::Gas>(u64_of(*gas));
    if (kPlenty - run.gas_left != price) {
        return fmt::format("gas: expected {}, actual {}", price, kPlenty - run.gas_left);
    }
    // One unit less must not be enough.
    if (price == 0 || precompile.run(input, price - 1, revision).status != evm::Status::success) return {};
    return "ran with less gas than it costs";
}

struct Instruction {
    std::string_view stem;
    std::uint8_t opcode;
};
constexpr Instruction kInstructions[] = {
    {"add", 0x01},     {"mul", 0x02}, {"sub", 0x03}, {"div", 0x04}, {"sdiv", 0x05}, {"mod", 0x06},
    {"smod", 0x07},    {"exp", 0x0a}, {"lt", 0x10},  {"gt", 0x11},  {"slt", 0x12},  {"sgt", 0x13},
    {"signext", 0x0b}, {"eq", 0x14},  {"and", 0x16}, {"or", 0x17},  {"xor", 0x18},  {"byte", 0x1a},
    {"shl", 0x1b},     {"shr", 0x1c}, {"sar", 0x1d},
};

/// Runs PUSH x, PUSH y, the instruction, and returns the top of the stack.
Bytes run_instruction(std::uint8_t opcode, const Hash& x, const Hash& y) {
    Bytes code{0x7f};
    base::append(code, x);
    code.push_back(0x7f);
    base::append(code, y);
    base::append(code, Bytes{opcode, 0x5f, 0x52, 0x60, 0x20, 0x5f, 0xf3});
    const auto address = base::address_from_number(0xc0de);
    const state::MemoryState empty;
    state::JournaledState state{empty};
    state.set_code(address, code);
    const chain::NoBlockHashes hashes;
    chain::EvmHost host{state, hashes, nullptr, evm::kLatestRevision};
    const evm::BlockContext block;
    const evm::TransactionContext transaction;
    evm::Vm vm{evm::kLatestRevision, block, transaction, host};
    evm::Message message;
    message.gas = 100'000;
    message.recipient = message.code_address = address;
    return vm.execute(message).output;
}

}  // namespace

void run_precompile_tests(const Fixture& f, FileReport& report) {
    const auto* target = target_of(f.path.stem().string());
    const auto* precompile =
        target == nullptr
            ? nullptr
            : evm::find_precompile(base::address_from_number(target->address), target->revision);
    for (const auto& test : array_of(f.root)) {
        const auto* name = find(test, "Name");
        const auto label = name != nullptr ? std::string{text_of(*name)} : "";
        if (precompile == nullptr) {
            report.skip(label, "the file's name is no precompile's");
            continue;
        }
        report.add(label, check(*precompile, target->revision, test));
    }
}

void run_instruction_tests(const Fixture& f, FileReport& report) {
    const auto stem = f.path.stem().string();
    const auto* instruction =
        std::find_if(std::begin(kInstructions), std::end(kInstructions),
                     [&](const auto& i) { return stem == "testcases_" + std::string{i.stem}; });
    std::size_t index = 0;
    for (const auto& test : array_of(f.root)) {
        const auto label = std::to_string(index++);
        if (instruction == std::end(kInstructions)) {
            report.skip(label, "the file's name is no instruction's");
            continue;
        }
        const auto want = bytes_of(member(test, "Expected"));
        const auto have =
            run_instruction(instruction->opcode, hash_of(member(test, "X")), hash_of(member(test, "Y")));
        report.add(label, have == want ? "" : fmt::format("expected {}, actual {}", hex(want), hex(have)));
    }
}

}  // namespace valence::conformance
