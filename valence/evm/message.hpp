// What goes into a frame and what comes out of it.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "valence/base/base.hpp"
#include "valence/evm/revision.hpp"

namespace valence::evm {

/// Units of gas. Signed, so that "not enough" is a comparison with zero.
using Gas = std::int64_t;

/// How a frame ended. Everything but `success` and `revert` takes all the frame's gas, except that what ends
/// a call before it begins (`call_depth_exceeded`, `insufficient_balance`, `nonce_overflow`) leaves it.
enum class Status : std::uint8_t {
    success,
    revert,
    out_of_gas,
    undefined_instruction,
    invalid_instruction,
    stack_overflow,
    stack_underflow,
    bad_jump_destination,
    return_data_out_of_bounds,
    static_mode_violation,
    call_depth_exceeded,
    insufficient_balance,
    nonce_overflow,
    address_collision,
    code_too_large,
    code_starts_with_ef,
    init_code_too_large,
    precompile_failure,
    /// A host's precompile gave up the whole run (EIP-less; see docs/architecture.md, "Inference inside a
    /// transaction"): every frame unwinds at once, no contract can observe it, and the caller drops the
    /// journal.
    abandoned,
};

enum class CallKind : std::uint8_t { call, delegate_call, call_code, create, create2 };

constexpr bool is_create(CallKind kind) { return kind == CallKind::create || kind == CallKind::create2; }

/// One message: a call or a creation. `input` is borrowed for the length of the frame.
struct Message {
    CallKind kind = CallKind::call;
    bool is_static = false;
    /// 0 for the transaction's own frame.
    std::int32_t depth = 0;
    Gas gas = 0;
    /// Whose storage and balance the frame works on; for a creation filled in by the machine.
    Address recipient;
    /// Whose code runs: the recipient but for DELEGATECALL and CALLCODE. Delegations of EIP-7702 are followed
    /// by the machine, so this is the account named by the caller.
    Address code_address;
    Address sender;
    U256 value;
    /// Calldata, or init code of a creation.
    BytesView input;
    /// CREATE2's salt.
    U256 salt;
    /// Made by STATICCALL itself, rather than by a CALL inside a static frame.
    bool by_static_call = false;
};

struct CallResult {
    Status status = Status::success;
    Gas gas_left = 0;
    /// Return data, or the revert reason.
    Bytes output;
    /// Of a successful creation.
    Address created;
};

/// A log entry (LOG0…LOG4).
struct Log {
    Address address;
    std::vector<Hash> topics;
    Bytes data;
    bool operator==(const Log&) const = default;
};

/// What the block says about itself to the code that runs in it.
struct BlockContext {
    std::uint64_t number = 0;
    /// Seconds since the epoch.
    std::uint64_t timestamp = 0;
    Address coinbase;
    std::uint64_t gas_limit = 0;
    /// PREVRANDAO since Paris, DIFFICULTY before.
    U256 prev_randao;
    /// 0 before London.
    U256 base_fee;
    /// Per unit of blob gas, wei; 0 before Cancun.
    U256 blob_base_fee;
    std::uint64_t chain_id = 1;
};

/// What the transaction says about itself.
struct TransactionContext {
    Address origin;
    /// Effective price, wei per gas.
    U256 gas_price;
    std::vector<Hash> blob_hashes;
};

}  // namespace valence::evm
