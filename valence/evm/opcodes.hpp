// Every opcode of the EVM in one table: name, stack use, static gas per fork, fork that brought it, immediate
// bytes. Dispatch, gas, stack checks, tracers and tests derive from it.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "valence/evm/message.hpp"
#include "valence/evm/revision.hpp"

namespace valence::evm {

enum class Op : std::uint8_t {
    stop = 0x00,
    add,
    mul,
    sub,
    div,
    sdiv,
    mod,
    smod,
    addmod,
    mulmod,
    exp,
    signextend,
    lt = 0x10,
    gt,
    slt,
    sgt,
    eq,
    iszero,
    and_,
    or_,
    xor_,
    not_,
    byte,
    shl,
    shr,
    sar,
    clz,
    keccak256 = 0x20,
    address = 0x30,
    balance,
    origin,
    caller,
    callvalue,
    calldataload,
    calldatasize,
    calldatacopy,
    codesize,
    codecopy,
    gasprice,
    extcodesize,
    extcodecopy,
    returndatasize,
    returndatacopy,
    extcodehash,
    blockhash = 0x40,
    coinbase,
    timestamp,
    number,
    prevrandao,
    gaslimit,
    chainid,
    selfbalance,
    basefee,
    blobhash,
    blobbasefee,
    pop = 0x50,
    mload,
    mstore,
    mstore8,
    sload,
    sstore,
    jump,
    jumpi,
    pc,
    msize,
    gas,
    jumpdest,
    tload,
    tstore,
    mcopy,
    push0 = 0x5f,
    push1,
    push32 = 0x7f,
    dup1 = 0x80,
    dup16 = 0x8f,
    swap1 = 0x90,
    swap16 = 0x9f,
    log0 = 0xa0,
    log1,
    log2,
    log3,
    log4,
    create = 0xf0,
    call,
    callcode,
    return_,
    delegatecall,
    create2,
    staticcall = 0xfa,
    revert = 0xfd,
    invalid,
    selfdestruct,
};

// The members of families that are spoken of by name.
inline constexpr auto kPush1 = Op::push1;
inline constexpr auto kPush2 = static_cast<Op>(0x61);
constexpr Op dup(unsigned n) { return static_cast<Op>(0x7f + n); }
constexpr Op swap(unsigned n) { return static_cast<Op>(0x8f + n); }

struct OpInfo {
    /// As geth prints it; empty if no fork defines the opcode.
    std::string_view name;
    /// Words taken from and put on the stack. DUPn takes n and puts n + 1, SWAPn takes and puts n + 1.
    std::uint8_t in = 0;
    std::uint8_t out = 0;
    /// Static gas at `since`; kGasChanges lists what later forks made of it.
    std::int16_t gas = 0;
    Revision since = Revision::frontier;
    std::uint8_t immediate = 0;

    constexpr bool defined() const { return !name.empty(); }
};

namespace detail {

struct OpRow {
    Op op;
    OpInfo info;
};

// clang-format off
inline constexpr OpRow kOpRows[] = {
    {Op::stop,           {"STOP",           0, 0,     0}},
    {Op::add,            {"ADD",            2, 1,     3}},
    {Op::mul,            {"MUL",            2, 1,     5}},
    {Op::sub,            {"SUB",            2, 1,     3}},
    {Op::div,            {"DIV",            2, 1,     5}},
    {Op::sdiv,           {"SDIV",           2, 1,     5}},
    {Op::mod,            {"MOD",            2, 1,     5}},
    {Op::smod,           {"SMOD",           2, 1,     5}},
    {Op::addmod,         {"ADDMOD",         3, 1,     8}},
    {Op::mulmod,         {"MULMOD",         3, 1,     8}},
    {Op::exp,            {"EXP",            2, 1,    10}},
    {Op::signextend,     {"SIGNEXTEND",     2, 1,     5}},
    {Op::lt,             {"LT",             2, 1,     3}},
    {Op::gt,             {"GT",             2, 1,     3}},
    {Op::slt,            {"SLT",            2, 1,     3}},
    {Op::sgt,            {"SGT",            2, 1,     3}},
    {Op::eq,             {"EQ",             2, 1,     3}},
    {Op::iszero,         {"ISZERO",         1, 1,     3}},
    {Op::and_,           {"AND",            2, 1,     3}},
    {Op::or_,            {"OR",             2, 1,     3}},
    {Op::xor_,           {"XOR",            2, 1,     3}},
    {Op::not_,           {"NOT",            1, 1,     3}},
    {Op::byte,           {"BYTE",           2, 1,     3}},
    {Op::shl,            {"SHL",            2, 1,     3, Revision::constantinople}},     // EIP-145
    {Op::shr,            {"SHR",            2, 1,     3, Revision::constantinople}},
    {Op::sar,            {"SAR",            2, 1,     3, Revision::constantinople}},
    {Op::clz,            {"CLZ",            1, 1,     5, Revision::osaka}},              // EIP-7939
    {Op::keccak256,      {"KECCAK256",      2, 1,    30}},
    {Op::address,        {"ADDRESS",        0, 1,     2}},
    {Op::balance,        {"BALANCE",        1, 1,    20}},
    {Op::origin,         {"ORIGIN",         0, 1,     2}},
    {Op::caller,         {"CALLER",         0, 1,     2}},
    {Op::callvalue,      {"CALLVALUE",      0, 1,     2}},
    {Op::calldataload,   {"CALLDATALOAD",   1, 1,     3}},
    {Op::calldatasize,   {"CALLDATASIZE",   0, 1,     2}},
    {Op::calldatacopy,   {"CALLDATACOPY",   3, 0,     3}},
    {Op::codesize,       {"CODESIZE",       0, 1,     2}},
    {Op::codecopy,       {"CODECOPY",       3, 0,     3}},
    {Op::gasprice,       {"GASPRICE",       0, 1,     2}},
    {Op::extcodesize,    {"EXTCODESIZE",    1, 1,    20}},
    {Op::extcodecopy,    {"EXTCODECOPY",    4, 0,    20}},
    {Op::returndatasize, {"RETURNDATASIZE", 0, 1,     2, Revision::byzantium}},          // EIP-211
    {Op::returndatacopy, {"RETURNDATACOPY", 3, 0,     3, Revision::byzantium}},
    {Op::extcodehash,    {"EXTCODEHASH",    1, 1,   400, Revision::constantinople}},     // EIP-1052
    {Op::blockhash,      {"BLOCKHASH",      1, 1,    20}},
    {Op::coinbase,       {"COINBASE",       0, 1,     2}},
    {Op::timestamp,      {"TIMESTAMP",      0, 1,     2}},
    {Op::number,         {"NUMBER",         0, 1,     2}},
    {Op::prevrandao,     {"DIFFICULTY",     0, 1,     2}},                               // EIP-4399
    {Op::gaslimit,       {"GASLIMIT",       0, 1,     2}},
    {Op::chainid,        {"CHAINID",        0, 1,     2, Revision::istanbul}},           // EIP-1344
    {Op::selfbalance,    {"SELFBALANCE",    0, 1,     5, Revision::istanbul}},           // EIP-1884
    {Op::basefee,        {"BASEFEE",        0, 1,     2, Revision::london}},             // EIP-3198
    {Op::blobhash,       {"BLOBHASH",       1, 1,     3, Revision::cancun}},             // EIP-4844
    {Op::blobbasefee,    {"BLOBBASEFEE",    0, 1,     2, Revision::cancun}},             // EIP-7516
    {Op::pop,            {"POP",            1, 0,     2}},
    {Op::mload,          {"MLOAD",          1, 1,     3}},
    {Op::mstore,         {"MSTORE",         2, 0,     3}},
    {Op::mstore8,        {"MSTORE8",        2, 0,     3}},
    {Op::sload,          {"SLOAD",          1, 1,    50}},
    {Op::sstore,         {"SSTORE",         2, 0,     0}},
    {Op::jump,           {"JUMP",           1, 0,     8}},
    {Op::jumpi,          {"JUMPI",          2, 0,    10}},
    {Op::pc,             {"PC",             0, 1,     2}},
    {Op::msize,          {"MSIZE",          0, 1,     2}},
    {Op::gas,            {"GAS",            0, 1,     2}},
    {Op::jumpdest,       {"JUMPDEST",       0, 0,     1}},
    {Op::tload,          {"TLOAD",          1, 1,   100, Revision::cancun}},             // EIP-1153
    {Op::tstore,         {"TSTORE",         2, 0,   100, Revision::cancun}},
    {Op::mcopy,          {"MCOPY",          3, 0,     3, Revision::cancun}},             // EIP-5656
    {Op::push0,          {"PUSH0",          0, 1,     2, Revision::shanghai}},           // EIP-3855
    {Op::log0,           {"LOG0",           2, 0,   375}},
    {Op::log1,           {"LOG1",           3, 0,   750}},
    {Op::log2,           {"LOG2",           4, 0,  1125}},
    {Op::log3,           {"LOG3",           5, 0,  1500}},
    {Op::log4,           {"LOG4",           6, 0,  1875}},
    {Op::create,         {"CREATE",         3, 1, 32000}},
    {Op::call,           {"CALL",           7, 1,    40}},
    {Op::callcode,       {"CALLCODE",       7, 1,    40}},
    {Op::return_,        {"RETURN",         2, 0,     0}},
    {Op::delegatecall,   {"DELEGATECALL",   6, 1,    40, Revision::homestead}},          // EIP-7
    {Op::create2,        {"CREATE2",        4, 1, 32000, Revision::constantinople}},     // EIP-1014
    {Op::staticcall,     {"STATICCALL",     6, 1,   700, Revision::byzantium}},          // EIP-214
    {Op::revert,         {"REVERT",         2, 0,     0, Revision::byzantium}},          // EIP-140
    {Op::invalid,        {"INVALID",        0, 0,     0}},                               // EIP-141
    {Op::selfdestruct,   {"SELFDESTRUCT",   1, 0,     0}},
};

struct GasChange {
    Revision since;
    Op op;
    std::int16_t gas;
};

/// From Berlin the static gas of account and slot accesses is that of a warm one (EIP-2929).
inline constexpr GasChange kGasChanges[] = {
    {Revision::tangerine_whistle, Op::extcodesize,  700},   // EIP-150
    {Revision::tangerine_whistle, Op::extcodecopy,  700},
    {Revision::tangerine_whistle, Op::balance,      400},
    {Revision::tangerine_whistle, Op::sload,        200},
    {Revision::tangerine_whistle, Op::call,         700},
    {Revision::tangerine_whistle, Op::callcode,     700},
    {Revision::tangerine_whistle, Op::delegatecall, 700},
    {Revision::tangerine_whistle, Op::selfdestruct, 5000},
    {Revision::istanbul,          Op::balance,      700},   // EIP-1884
    {Revision::istanbul,          Op::sload,        800},
    {Revision::istanbul,          Op::extcodehash,  700},
    {Revision::berlin,            Op::extcodesize,  100},   // EIP-2929
    {Revision::berlin,            Op::extcodecopy,  100},
    {Revision::berlin,            Op::extcodehash,  100},
    {Revision::berlin,            Op::balance,      100},
    {Revision::berlin,            Op::sload,        100},
    {Revision::berlin,            Op::call,         100},
    {Revision::berlin,            Op::callcode,     100},
    {Revision::berlin,            Op::delegatecall, 100},
    {Revision::berlin,            Op::staticcall,   100},
};
// clang-format on

inline constexpr std::string_view kPushNames[] = {
    "PUSH1",  "PUSH2",  "PUSH3",  "PUSH4",  "PUSH5",  "PUSH6",  "PUSH7",  "PUSH8",
    "PUSH9",  "PUSH10", "PUSH11", "PUSH12", "PUSH13", "PUSH14", "PUSH15", "PUSH16",
    "PUSH17", "PUSH18", "PUSH19", "PUSH20", "PUSH21", "PUSH22", "PUSH23", "PUSH24",
    "PUSH25", "PUSH26", "PUSH27", "PUSH28", "PUSH29", "PUSH30", "PUSH31", "PUSH32"};
inline constexpr std::string_view kDupNames[] = {"DUP1",  "DUP2",  "DUP3",  "DUP4",  "DUP5",  "DUP6",
                                                 "DUP7",  "DUP8",  "DUP9",  "DUP10", "DUP11", "DUP12",
                                                 "DUP13", "DUP14", "DUP15", "DUP16"};
inline constexpr std::string_view kSwapNames[] = {"SWAP1",  "SWAP2",  "SWAP3",  "SWAP4",  "SWAP5",  "SWAP6",
                                                  "SWAP7",  "SWAP8",  "SWAP9",  "SWAP10", "SWAP11", "SWAP12",
                                                  "SWAP13", "SWAP14", "SWAP15", "SWAP16"};

constexpr std::array<OpInfo, 256> make_opcodes() {
    std::array<OpInfo, 256> table{};
    for (const auto& row : kOpRows)
        table[static_cast<std::size_t>(row.op)] = row.info;
    for (std::uint8_t n = 1; n <= 32; ++n) {
        table[0x5fU + n] = {kPushNames[n - 1], 0, 1, 3, Revision::frontier, n};
    }
    for (std::uint8_t n = 1; n <= 16; ++n) {
        table[0x7fU + n] = {kDupNames[n - 1], n, static_cast<std::uint8_t>(n + 1), 3};
        table[0x8fU + n] = {kSwapNames[n - 1], static_cast<std::uint8_t>(n + 1),
                            static_cast<std::uint8_t>(n + 1), 3};
    }
    return table;
}

}  // namespace detail

inline constexpr std::array<OpInfo, 256> kOpcodes = detail::make_opcodes();

using GasTable = std::array<std::int16_t, 256>;

namespace detail {

constexpr std::array<GasTable, kRevisionCount> make_gas_tables() {
    std::array<GasTable, kRevisionCount> tables{};
    for (std::size_t r = 0; r < kRevisionCount; ++r) {
        for (std::size_t i = 0; i < 256; ++i)
            tables[r][i] = kOpcodes[i].gas;
        // The list is ordered by fork, so the last match stands.
        for (const auto& change : kGasChanges) {
            if (static_cast<std::size_t>(change.since) <= r) {
                tables[r][static_cast<std::size_t>(change.op)] = change.gas;
            }
        }
    }
    return tables;
}

}  // namespace detail

/// Static gas by fork and opcode. 0 for undefined ones.
inline constexpr std::array<GasTable, kRevisionCount> kStaticGas = detail::make_gas_tables();

constexpr const OpInfo& info(Op op) { return kOpcodes[static_cast<std::size_t>(op)]; }

/// Whether a fork knows the opcode.
constexpr bool is_defined(std::uint8_t opcode, Revision revision) {
    return kOpcodes[opcode].defined() && kOpcodes[opcode].since <= revision;
}

}  // namespace valence::evm
