// Host: everything the machine asks of the world it runs in. `chain` implements it over
// state::JournaledState; tests, fuzzers and simulations may bring their own. Calls are made on one thread.
//
// The host keeps the journal (checkpoints), warm and cold sets (EIP-2929), transient storage and the refund
// counter; the machine knows gas and rules, the host knows none.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "valence/base/base.hpp"
#include "valence/evm/message.hpp"

namespace valence::evm {

class AnalysedCode;

enum class Warmth : std::uint8_t { cold, warm };

/// A storage slot as SSTORE's gas rules need it (EIP-2200, EIP-3529).
struct SlotView {
    U256 current;
    /// At the start of the transaction.
    U256 original;
    /// Before this access; the access itself makes the slot warm.
    Warmth warmth = Warmth::cold;
};

/// Code as stored at an account. `bytes` stays valid until the end of the transaction.
struct CodeView {
    BytesView bytes;
    /// keccak256 of `bytes`, the key under which its analysis is cached.
    Hash hash;
};

/// What a precompile answers: status success, precompile_failure (takes all gas), revert, out_of_gas or
/// abandoned.
struct PrecompileResult {
    Status status = Status::success;
    Gas gas_left = 0;
    Bytes output;
};

class Host {
public:
    virtual ~Host() = default;

    // ---- Accounts. An absent account reads as balance 0, nonce 0, no code.

    /// Present in the state, even if empty (the notion of existence before EIP-161).
    virtual bool exists(const Address&) = 0;
    /// No code, nonce 0, balance 0 (EIP-161), or absent.
    virtual bool is_empty(const Address&) = 0;
    virtual U256 balance(const Address&) = 0;
    virtual std::uint64_t nonce(const Address&) = 0;
    virtual CodeView code(const Address&) = 0;
    /// EXTCODEHASH's view of an existing account: keccak256 of its code.
    virtual Hash code_hash(const Address&) = 0;
    /// True if the storage root is not empty (EIP-7610, for address collisions).
    virtual bool has_storage(const Address&) = 0;

    /// Marks the account as touched (EIP-158 state clearing).
    virtual void touch(const Address&) = 0;
    /// Creates the account if it is absent; keeps its balance; marks it created in this transaction
    /// (EIP-6780).
    virtual void create_account(const Address&) = 0;
    virtual void set_nonce(const Address&, std::uint64_t) = 0;
    virtual void set_code(const Address&, Bytes code) = 0;
    /// Moves value; the machine has checked that the sender has it. Touches both.
    virtual void transfer(const Address& from, const Address& to, const U256& value) = 0;
    virtual bool created_in_transaction(const Address&) = 0;
    /// Marks the account for deletion at the transaction's end and sets its balance to 0. True the first
    /// time.
    virtual bool destroy(const Address&) = 0;

    // ---- Storage. `access_slot` makes the slot warm.

    virtual SlotView access_slot(const Address&, const U256& key) = 0;
    virtual void set_storage(const Address&, const U256& key, const U256& value) = 0;
    virtual U256 transient_storage(const Address&, const U256& key) = 0;
    virtual void set_transient_storage(const Address&, const U256& key, const U256& value) = 0;

    /// Makes the account warm; answers what it was before.
    virtual Warmth access_account(const Address&) = 0;

    // ---- Journal

    virtual std::size_t checkpoint() = 0;
    /// Undoes everything since: balances, storage, transient storage, logs, refund, warmth, creations.
    virtual void revert_to(std::size_t checkpoint) = 0;

    virtual void emit_log(Log) = 0;
    /// Adds to the refund counter, which is journaled; may be negative within a transaction.
    virtual void add_refund(Gas) = 0;
    /// The counter as it stands, for tracers.
    virtual Gas refund() = 0;

    // ---- Environment

    /// Hash of one of the last 256 blocks, or zero.
    virtual Hash block_hash(std::uint64_t number) = 0;

    // ---- Precompiles beyond Ethereum's

    /// Whether the host answers calls to this address itself (further precompiles, or Ethereum's moved or
    /// overridden).
    virtual bool has_precompile(const Address&) { return false; }
    /// False hides an Ethereum precompile, as state overrides of simulations do.
    virtual bool allows_builtin_precompile(const Address&) { return true; }
    /// Runs it; `message.code_address` names it. Called only where `has_precompile`.
    virtual PrecompileResult run_precompile(const Message&) { return {Status::precompile_failure, 0, {}}; }
};

}  // namespace valence::evm
