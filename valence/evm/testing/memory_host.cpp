#include "valence/evm/testing/memory_host.hpp"

#include "valence/crypto/keccak.hpp"

namespace valence::evm::testing {

TestAccount& MemoryHost::put(const Address& address, U256 balance, Bytes code, std::uint64_t nonce) {
    auto& account = accounts_[address];
    account.balance = balance;
    account.nonce = nonce;
    account.code_hash = crypto::keccak256(code);
    account.code = std::move(code);
    return account;
}

void MemoryHost::put_storage(const Address& address, const U256& key, const U256& value) {
    accounts_[address].storage[key] = value;
}

void MemoryHost::begin_transaction() {
    original_.clear();
    transient_.clear();
    warm_accounts_.clear();
    warm_slots_.clear();
    created_.clear();
    destroyed_.clear();
    touched_.clear();
    retired_code_.clear();
    logs_.clear();
    refund_ = 0;
    undo_.clear();
}

TestAccount* MemoryHost::find(const Address& address) {
    const auto it = accounts_.find(address);
    return it == accounts_.end() ? nullptr : &it->second;
}

TestAccount& MemoryHost::find_or_make(const Address& address) {
    if (auto* account = find(address)) return *account;
    undo_.emplace_back([this, address] { accounts_.erase(address); });
    auto& account = accounts_[address];
    account.code_hash = crypto::kEmptyKeccak;
    return account;
}

bool MemoryHost::exists(const Address& address) { return find(address) != nullptr; }

bool MemoryHost::is_empty(const Address& address) {
    const auto* account = find(address);
    return account == nullptr || (account->nonce == 0 && account->balance.is_zero() && account->code.empty());
}

U256 MemoryHost::balance(const Address& address) {
    const auto* account = find(address);
    return account == nullptr ? U256{} : account->balance;
}

std::uint64_t MemoryHost::nonce(const Address& address) {
    const auto* account = find(address);
    return account == nullptr ? 0 : account->nonce;
}

CodeView MemoryHost::code(const Address& address) {
    const auto* account = find(address);
    return account == nullptr ? CodeView{} : CodeView{account->code, account->code_hash};
}

Hash MemoryHost::code_hash(const Address& address) {
    const auto* account = find(address);
    return account == nullptr ? Hash{} : account->code_hash;
}

bool MemoryHost::has_storage(const Address& address) {
    const auto* account = find(address);
    return account != nullptr && !account->storage.empty();
}

void MemoryHost::touch(const Address& address) {
    if (touched_.insert(address).second) undo_.emplace_back([this, address] { touched_.erase(address); });
}

void MemoryHost::create_account(const Address& address) {
    find_or_make(address);
    if (created_.insert(address).second) undo_.emplace_back([this, address] { created_.erase(address); });
}

void MemoryHost::set_nonce(const Address& address, std::uint64_t nonce) {
    auto& account = find_or_make(address);
    undo_.emplace_back([this, address, old = account.nonce] { accounts_[address].nonce = old; });
    account.nonce = nonce;
}

void MemoryHost::set_code(const Address& address, Bytes code) {
    auto& account = find_or_make(address);
    undo_.emplace_back([this, address, old = account.code, hash = account.code_hash] {
        accounts_[address].code = old;
        accounts_[address].code_hash = hash;
    });
    account.code_hash = crypto::keccak256(code);
    retired_code_.push_back(std::exchange(account.code, std::move(code)));
}

void MemoryHost::set_balance(const Address& address, const U256& balance) {
    auto& account = find_or_make(address);
    undo_.emplace_back([this, address, old = account.balance] { accounts_[address].balance = old; });
    account.balance = balance;
}

void MemoryHost::transfer(const Address& from, const Address& to, const U256& value) {
    set_balance(from, balance(from) - value);
    set_balance(to, balance(to) + value);
    touch(from);
    touch(to);
}

bool MemoryHost::created_in_transaction(const Address& address) { return created_.contains(address); }

bool MemoryHost::destroy(const Address& address) {
    set_balance(address, {});
    if (!destroyed_.insert(address).second) return false;
    undo_.emplace_back([this, address] { destroyed_.erase(address); });
    return true;
}

SlotView MemoryHost::access_slot(const Address& address, const U256& key) {
    const std::pair slot{address, key};
    SlotView view;
    if (const auto* account = find(address)) {
        if (const auto it = account->storage.find(key); it != account->storage.end())
            view.current = it->second;
    }
    const auto original = original_.find(slot);
    view.original = original == original_.end() ? view.current : original->second;
    if (warm_slots_.insert(slot).second) {
        undo_.emplace_back([this, slot] { warm_slots_.erase(slot); });
    } else {
        view.warmth = Warmth::warm;
    }
    return view;
}

void MemoryHost::set_storage(const Address& address, const U256& key, const U256& value) {
    auto& account = find_or_make(address);
    const auto it = account.storage.find(key);
    const auto old = it == account.storage.end() ? U256{} : it->second;
    original_.try_emplace({address, key}, old);
    const auto write = [this, address, key](const U256& v) {
        auto& storage = accounts_[address].storage;
        if (v.is_zero()) {
            storage.erase(key);
        } else {
            storage[key] = v;
        }
    };
    undo_.emplace_back([write, old] { write(old); });
    write(value);
}

U256 MemoryHost::transient_storage(const Address& address, const U256& key) {
    const auto it = transient_.find({address, key});
    return it == transient_.end() ? U256{} : it->second;
}

void MemoryHost::set_transient_storage(const Address& address, const U256& key, const U256& value) {
    undo_.emplace_back(
        [this, address, key, old = transient_storage(address, key)] { transient_[{address, key}] = old; });
    transient_[{address, key}] = value;
}

Warmth MemoryHost::access_account(const Address& address) {
    if (!warm_accounts_.insert(address).second) return Warmth::warm;
    undo_.emplace_back([this, address] { warm_accounts_.erase(address); });
    return Warmth::cold;
}

std::size_t MemoryHost::checkpoint() { return undo_.size(); }

void MemoryHost::revert_to(std::size_t checkpoint) {
    while (undo_.size() > checkpoint) {
        undo_.back()();
        undo_.pop_back();
    }
}

void MemoryHost::emit_log(Log log) {
    undo_.emplace_back([this] { logs_.pop_back(); });
    logs_.push_back(std::move(log));
}

void MemoryHost::add_refund(Gas amount) {
    undo_.emplace_back([this, amount] { refund_ -= amount; });
    refund_ += amount;
}

Gas MemoryHost::refund() { return refund_; }

Hash MemoryHost::block_hash(std::uint64_t number) { return crypto::keccak256(U256{number}.to_hash().bytes); }

bool MemoryHost::has_precompile(const Address& address) { return precompiles.contains(address); }

PrecompileResult MemoryHost::run_precompile(const Message& message) {
    return precompiles.at(message.code_address)(message);
}

}  // namespace valence::evm::testing
