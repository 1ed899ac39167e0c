// MemoryHost: a world in memory for tests, fuzzers and benchmarks: a map of accounts and a list of undo
// steps. Simple rather than fast.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <unordered_map>

#include "valence/evm/host.hpp"

namespace valence::evm::testing {

/// What an account is, for set-up and comparison.
struct TestAccount {
    U256 balance;
    std::uint64_t nonce = 0;
    Bytes code;
    Hash code_hash;
    std::map<U256, U256> storage;
    bool operator==(const TestAccount&) const = default;
};

class MemoryHost : public Host {
public:
    MemoryHost() = default;
    /// Undo steps refer to the host.
    MemoryHost(const MemoryHost&) = delete;
    MemoryHost& operator=(const MemoryHost&) = delete;

    // ---- Set-up and inspection, not journaled.
    void put(const Address& address, U256 balance, Bytes code, std::uint64_t nonce = 0);
    void put_storage(const Address& address, const U256& key, const U256& value);
    /// Begins a transaction: what is there now is what slots were at its start; warm sets, logs and refund
    /// are empty.
    void begin_transaction();

    /// All accounts; slots that are not zero.
    std::map<Address, TestAccount> accounts() const;
    const std::vector<Log>& logs() const { return logs_; }
    std::set<Address> destroyed() const;
    std::set<Address> touched() const;
    std::size_t journal_size() const { return undo_.size(); }

    /// Answers calls to the address, for tests of host precompiles.
    std::map<Address, std::function<PrecompileResult(const Message&)>> precompiles;

    // ---- Host
    bool exists(const Address&) override;
    bool is_empty(const Address&) override;
    U256 balance(const Address&) override;
    std::uint64_t nonce(const Address&) override;
    CodeView code(const Address&) override;
    Hash code_hash(const Address&) override;
    bool has_storage(const Address&) override;
    void touch(const Address&) override;
    void create_account(const Address&) override;
    void set_nonce(const Address&, std::uint64_t) override;
    void set_code(const Address&, Bytes code) override;
    void transfer(const Address& from, const Address& to, const U256& value) override;
    bool created_in_transaction(const Address&) override;
    bool destroy(const Address&) override;
    SlotView access_slot(const Address&, const U256& key) override;
    void set_storage(const Address&, const U256& key, const U256& value) override;
    U256 transient_storage(const Address&, const U256& key) override;
    void set_transient_storage(const Address&, const U256& key, const U256& value) override;
    Warmth access_account(const Address&) override;
    std::size_t checkpoint() override;
    void revert_to(std::size_t) override;
    void emit_log(Log) override;
    void add_refund(Gas) override;
    Gas refund() override;
    Hash block_hash(std::uint64_t number) override;
    bool has_precompile(const Address&) override;
    PrecompileResult run_precompile(const Message&) override;

private:
    struct Slot {
        U256 current;
        U256 original;
        bool warm = false;
    };
    struct Account {
        U256 balance;
        std::uint64_t nonce = 0;
        Bytes code;
        Hash code_hash;
        bool exists = false;
        bool warm = false;
        bool touched = false;
        bool created = false;
        bool destroyed = false;
        std::unordered_map<U256, Slot> storage;
        std::unordered_map<U256, U256> transient;
    };

    const Account* find_existing(const Address&) const;
    /// The entry of an account that may not exist (yet).
    Account& entry(const Address& address) { return accounts_[address]; }
    Account& find_or_make(const Address&);
    void set_balance(const Address&, const U256&);
    template <typename T>
    void change(T& place, T value);

    /// Nodes are stable, so that undo steps and code views may point into them.
    std::unordered_map<Address, Account> accounts_;
    /// Code that was replaced while frames may still run it.
    std::vector<Bytes> retired_code_;
    std::vector<Log> logs_;
    Gas refund_ = 0;
    std::vector<std::function<void()>> undo_;
};

}  // namespace valence::evm::testing
