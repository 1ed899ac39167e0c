// Dev controls: time, snapshots, pokes into the state, acting for accounts.
#include "valence/crypto/keccak.hpp"
#include "valence/node/node_impl.hpp"

namespace valence::node {

Result<void> Node::Impl::require_unsafe_above(std::uint64_t number) const {
    const auto& system = config.genesis.rules.system;
    if (!system || !system->layer) return success();
    const auto safe = reader.safe_number().value_or(0);
    if (number >= safe) return success();
    return Error{NodeError::already_safe, "up to block " + std::to_string(safe)};
}

Result<void> Node::Impl::unwind_to(std::uint64_t number) {
    if (number < reader.head_number() && number < database->oldest_block()) {
        return Error{NodeError::too_deep, "block " + std::to_string(number) + ", the oldest is " +
                                              std::to_string(database->oldest_block())};
    }
    Unwound unwound;
    for (auto n = reader.head_number(); n > number; --n)
        unwound.blocks.push_back(blocks.canonical(n));
    if (!unwound.blocks.empty()) {
        BOOST_OUTCOME_TRYV(database->unwind_to(number, blocks.unwind_to(number)));
        blocks.unwound_to(number);
        reader.forget_poked_above(number);
    }
    {
        const std::lock_guard guard(poked_mutex);
        poked = {};
    }
    show_head(blocks.canonical(number));
    reset_pool();
    if (!unwound.blocks.empty()) events->publish(unwound);
    return success();
}

Result<SnapshotId> Node::snapshot() {
    return impl_->thread.run([this]() -> Result<SnapshotId> {
        Snapshot snapshot;
        const auto head = impl_->reader.head().block;
        snapshot.number = head->number();
        snapshot.hash = head->hash;
        snapshot.poked = impl_->poked;
        {
            const std::lock_guard guard(impl_->settings_mutex);
            snapshot.time = impl_->settings.time;
        }
        for (const auto& [sender, content] : impl_->pool.content()) {
            for (const auto& t : content.pending)
                snapshot.pool.push_back(t);
            for (const auto& t : content.queued)
                snapshot.pool.push_back(t);
        }
        const auto id = impl_->next_snapshot++;
        impl_->snapshots.emplace(id, std::move(snapshot));
        return id;
    });
}

Result<void> Node::revert(SnapshotId id) {
    return impl_->thread.run([this, id]() -> Result<void> {
        const auto found = impl_->snapshots.find(id);
        if (found == impl_->snapshots.end()) return Error{NodeError::unknown_snapshot, std::to_string(id)};
        auto snapshot = std::move(found->second);
        impl_->snapshots.erase(found, impl_->snapshots.end());
        if (impl_->reader.block_hash(snapshot.number) != snapshot.hash) {
            return Error{NodeError::unknown_snapshot, std::to_string(id) + ", its block has left the chain"};
        }
        BOOST_OUTCOME_TRYV(impl_->require_unsafe_above(snapshot.number));
        BOOST_OUTCOME_TRYV(impl_->unwind_to(snapshot.number));
        {
            const std::lock_guard guard(impl_->settings_mutex);
            impl_->settings.time = snapshot.time;
        }
        {
            const std::lock_guard guard(impl_->poked_mutex);
            impl_->poked = std::move(snapshot.poked);
        }
        impl_->show_head(impl_->reader.head().block);
        impl_->pool.clear();
        impl_->reset_pool();
        std::vector<sequencer::PoolTransaction> pool;
        pool.reserve(snapshot.pool.size());
        for (const auto& transaction : snapshot.pool)
            pool.push_back(*transaction);
        impl_->pool.add(std::move(pool));
        return success();
    });
}

Result<void> Node::reset() {
    return impl_->thread.run([this]() -> Result<void> {
        impl_->snapshots.clear();
        BOOST_OUTCOME_TRYV(impl_->require_unsafe_above(0));
        BOOST_OUTCOME_TRYV(impl_->unwind_to(0));
        {
            const std::lock_guard guard(impl_->settings_mutex);
            impl_->settings.time = {};
            impl_->settings.next_base_fee.reset();
            impl_->settings.next_prev_randao.reset();
        }
        impl_->pool.clear();
        impl_->reset_pool();
        return success();
    });
}

Result<void> Node::unwind(std::uint64_t depth) {
    return impl_->thread.run([this, depth]() -> Result<void> {
        const auto head = impl_->reader.head_number();
        if (depth > head) {
            return Error{NodeError::too_deep,
                         std::to_string(depth) + " blocks, the chain has " + std::to_string(head)};
        }
        BOOST_OUTCOME_TRYV(impl_->require_unsafe_above(head - depth));
        return impl_->unwind_to(head - depth);
    });
}

std::int64_t Node::increase_time(std::int64_t seconds) {
    return impl_->thread.run([&] {
        const std::lock_guard guard(impl_->settings_mutex);
        return impl_->settings.time.offset += seconds;
    });
}

std::int64_t Node::set_time(std::uint64_t timestamp) {
    return impl_->thread.run([&] {
        const std::lock_guard guard(impl_->settings_mutex);
        auto& time = impl_->settings.time;
        time.offset =
            static_cast<std::int64_t>(timestamp) - static_cast<std::int64_t>(impl_->clock_seconds());
        return time.offset;
    });
}

Result<void> Node::set_next_block_timestamp(std::uint64_t timestamp) {
    return impl_->thread.run([&]() -> Result<void> {
        const auto parent = impl_->reader.head().block->block.header.timestamp;
        if (timestamp < parent) {
            return Error{NodeError::time_in_the_past, "given " + std::to_string(timestamp) +
                                                          ", the last block's is " + std::to_string(parent)};
        }
        const std::lock_guard guard(impl_->settings_mutex);
        impl_->settings.time.next = timestamp;
        return success();
    });
}

void Node::set_block_timestamp_interval(std::optional<std::uint64_t> seconds) {
    const std::lock_guard guard(impl_->settings_mutex);
    impl_->settings.time.interval = seconds;
}

void Node::set_next_block_base_fee(const U256& base_fee) {
    impl_->thread.run([&] {
        {
            const std::lock_guard guard(impl_->settings_mutex);
            impl_->settings.next_base_fee = base_fee;
        }
        impl_->reset_pool();
    });
}

void Node::set_next_prev_randao(const Hash& value) {
    const std::lock_guard guard(impl_->settings_mutex);
    impl_->settings.next_prev_randao = value;
}

void Node::set_coinbase(const Address& coinbase) {
    const std::lock_guard guard(impl_->settings_mutex);
    impl_->settings.coinbase = coinbase;
}

void Node::set_block_gas_limit(std::uint64_t gas_limit) {
    impl_->thread.run([&] {
        {
            const std::lock_guard guard(impl_->settings_mutex);
            impl_->settings.gas_limit = gas_limit;
        }
        impl_->reset_pool();
    });
}

void Node::Impl::poke(const Address& address,
                      const std::function<void(state::StateChanges&, state::AccountChange&)>& how) {
    thread.run([&] {
        const auto head = reader.head();
        {
            const std::lock_guard guard(poked_mutex);
            auto [place, fresh] = poked.accounts.try_emplace(address);
            if (fresh || !place->second.account) {
                place->second.account = head.state->account(address).value_or(state::Account{});
            }
            how(poked, place->second);
        }
        show_head(head.block);
        const std::array changed{address};
        pool.advance(next_block(), changed);
    });
}

void Node::set_balance(const Address& account, const U256& balance) {
    impl_->poke(account, [&](auto&, auto& change) { change.account->balance = balance; });
}

void Node::set_nonce(const Address& account, std::uint64_t nonce) {
    impl_->poke(account, [&](auto&, auto& change) { change.account->nonce = nonce; });
}

void Node::set_code(const Address& account, Bytes code) {
    impl_->poke(account, [&](auto& changes, auto& change) {
        if (code.empty()) {
            change.account->code_hash = state::kEmptyCodeHash;
            return;
        }
        const auto hash = crypto::keccak256(code);
        change.account->code_hash = hash;
        changes.code[hash] = std::make_shared<const Bytes>(std::move(code));
    });
}

void Node::set_storage(const Address& account, const U256& key, const U256& value) {
    impl_->poke(account, [&](auto&, auto& change) { change.storage[key] = value; });
}

void Node::load_accounts(const state::StateChanges& accounts) {
    impl_->thread.run([&] {
        const auto head = impl_->reader.head();
        std::vector<Address> changed;
        {
            const std::lock_guard guard(impl_->poked_mutex);
            auto& poked = impl_->poked;
            for (const auto& [address, change] : accounts.accounts) {
                const auto before = head.state->account(address);
                auto after = change.account.value_or(before.value_or(state::Account{}));
                if (before) after.nonce = std::max(after.nonce, before->nonce);
                if (!before && after.is_empty() && change.storage.empty()) continue;
                auto& place = poked.accounts[address];
                place.account = after;
                for (const auto& [key, value] : change.storage)
                    place.storage[key] = value;
                changed.push_back(address);
            }
            for (const auto& [hash, code] : accounts.code)
                poked.code.emplace(hash, code);
        }
        impl_->show_head(head.block);
        impl_->pool.advance(impl_->next_block(), changed);
    });
}

Result<WalkedHead> Node::walk_head() const {
    return impl_->thread.run([this]() -> Result<WalkedHead> {
        const auto block = impl_->reader.head().block;
        BOOST_OUTCOME_TRY(auto walk, impl_->database->walk(block->number(), impl_->poked));
        return WalkedHead{block, std::move(walk)};
    });
}

void Node::impersonate(const Address& account) {
    const std::lock_guard guard(impl_->settings_mutex);
    impl_->settings.impersonated.insert(account);
}

void Node::stop_impersonating(const Address& account) {
    const std::lock_guard guard(impl_->settings_mutex);
    impl_->settings.impersonated.erase(account);
}

void Node::set_impersonation(Impersonation rule) {
    const std::lock_guard guard(impl_->settings_mutex);
    impl_->settings.impersonation = rule;
}

bool Node::may_act_for(const Address& account) const {
    const std::lock_guard guard(impl_->settings_mutex);
    return impl_->settings.impersonation == Impersonation::everybody ||
           impl_->settings.impersonated.contains(account);
}

std::optional<Hash> Node::dev_key(const Address& account) const {
    for (const auto& held : impl_->config.dev_accounts) {
        if (held.address == account) return held.private_key;
    }
    return std::nullopt;
}

}  // namespace valence::node
