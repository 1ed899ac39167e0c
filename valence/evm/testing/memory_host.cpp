#include "valence/evm/testing/memory_host.hpp"

#include <utility>

#include "valence/crypto/keccak.hpp"

namespace valence::evm::testing {

void MemoryHost::put(const Address& address, U256 balance, Bytes code, std::uint64_t nonce) {
    auto& account = entry(address);
    account.exists = true;
    account.balance = balance;
    account.nonce = nonce;
    account.code_hash = crypto::keccak256(code);
    account.code = std::move(code);
}

void MemoryHost::put_storage(const Address& address, const U256& key, const U256& value) {
    entry(address).storage[key] = {value, value, false};
}

void MemoryHost::begin_transaction() {
    for (auto& [address, account] : accounts_) {
        account.warm = account.touched = account.created = account.destroyed = false;
        account.transient.clear();
        for (auto& [key, slot] : account.storage)
            slot = {slot.current, slot.current, false};
    }
    retired_code_.clear();
    logs_.clear();
    refund_ = 0;
    undo_.clear();
}

std::map<Address, TestAccount> MemoryHost::accounts() const {
    std::map<Address, TestAccount> all;
    for (const auto& [address, account] : accounts_) {
        if (!account.exists) continue;
        TestAccount copy{account.balance, account.nonce, account.code, account.code_hash, {}};
        for (const auto& [key, slot] : account.storage) {
            if (!slot.current.is_zero()) copy.storage.emplace(key, slot.current);
        }
        all.emplace(address, std::move(copy));
    }
    return all;
}

std::set<Address> MemoryHost::destroyed() const {
    std::set<Address> all;
    for (const auto& [address, account] : accounts_) {
        if (account.destroyed) all.insert(address);
    }
    return all;
}

std::set<Address> MemoryHost::touched() const {
    std::set<Address> all;
    for (const auto& [address, account] : accounts_) {
        if (account.touched) all.insert(address);
    }
    return all;
}

template <typename T>
void MemoryHost::change(T& place, T value) {
    if (place == value) return;
    undo_.emplace_back([&place, old = std::exchange(place, std::move(value))] { place = old; });
}

const MemoryHost::Account* MemoryHost::find_existing(const Address& address) const {
    const auto it = accounts_.find(address);
    return it == accounts_.end() || !it->second.exists ? nullptr : &it->second;
}

MemoryHost::Account& MemoryHost::find_or_make(const Address& address) {
    auto& account = entry(address);
    if (!account.exists) {
        account.code_hash = crypto::kEmptyKeccak;
        change(account.exists, true);
    }
    return account;
}

bool MemoryHost::exists(const Address& address) { return find_existing(address) != nullptr; }

bool MemoryHost::is_empty(const Address& address) {
    const auto* account = find_existing(address);
    return account == nullptr || (account->nonce == 0 && account->balance.is_zero() && account->code.empty());
}

U256 MemoryHost::balance(const Address& address) {
    const auto* account = find_existing(address);
    return account == nullptr ? U256{} : account->balance;
}

std::uint64_t MemoryHost::nonce(const Address& address) {
    const auto* account = find_existing(address);
    return account == nullptr ? 0 : account->nonce;
}

CodeView MemoryHost::code(const Address& address) {
    const auto* account = find_existing(address);
    return account == nullptr ? CodeView{} : CodeView{account->code, account->code_hash};
}

Hash MemoryHost::code_hash(const Address& address) {
    const auto* account = find_existing(address);
    return account == nullptr ? Hash{} : account->code_hash;
}

bool MemoryHost::has_storage(const Address& address) {
    const auto* account = find_existing(address);
    return account != nullptr && std::any_of(account->storage.begin(), account->storage.end(),
                                             [](const auto& slot) { return !slot.second.current.is_zero(); });
}

void MemoryHost::touch(const Address& address) { change(entry(address).touched, true); }

void MemoryHost::create_account(const Address& address) { change(find_or_make(address).created, true); }

void MemoryHost::set_nonce(const Address& address, std::uint64_t nonce) {
    change(find_or_make(address).nonce, nonce);
}

void MemoryHost::set_code(const Address& address, Bytes code) {
    auto& account = find_or_make(address);
    change(account.code_hash, crypto::keccak256(code));
    // Frames that run the old code keep views of it.
    retired_code_.push_back(std::move(account.code));
    account.code = std::move(code);
    undo_.emplace_back([&account, old = retired_code_.back()] { account.code = old; });
}

void MemoryHost::set_balance(const Address& address, const U256& balance) {
    change(find_or_make(address).balance, balance);
}

void MemoryHost::transfer(const Address& from, const Address& to, const U256& value) {
    set_balance(from, balance(from) - value);
    set_balance(to, balance(to) + value);
    touch(from);
    touch(to);
}

bool MemoryHost::created_in_transaction(const Address& address) { return entry(address).created; }

bool MemoryHost::destroy(const Address& address) {
    set_balance(address, {});
    auto& account = entry(address);
    if (account.destroyed) return false;
    change(account.destroyed, true);
    return true;
}

SlotView MemoryHost::access_slot(const Address& address, const U256& key) {
    auto& slot = entry(address).storage[key];
    const SlotView view{slot.current, slot.original, slot.warm ? Warmth::warm : Warmth::cold};
    change(slot.warm, true);
    return view;
}

void MemoryHost::set_storage(const Address& address, const U256& key, const U256& value) {
    change(find_or_make(address).storage[key].current, value);
}

U256 MemoryHost::transient_storage(const Address& address, const U256& key) {
    const auto& storage = entry(address).transient;
    const auto it = storage.find(key);
    return it == storage.end() ? U256{} : it->second;
}

void MemoryHost::set_transient_storage(const Address& address, const U256& key, const U256& value) {
    change(entry(address).transient[key], value);
}

Warmth MemoryHost::access_account(const Address& address) {
    auto& account = entry(address);
    if (account.warm) return Warmth::warm;
    change(account.warm, true);
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

void MemoryHost::add_refund(Gas amount) { change(refund_, refund_ + amount); }

Gas MemoryHost::refund() { return refund_; }

Hash MemoryHost::block_hash(std::uint64_t number) { return crypto::keccak256(U256{number}.to_hash().bytes); }

bool MemoryHost::has_precompile(const Address& address) {
    return !precompiles.empty() && precompiles.contains(address);
}

PrecompileResult MemoryHost::run_precompile(const Message& message) {
    return precompiles.at(message.code_address)(message);
}

}  // namespace valence::evm::testing
