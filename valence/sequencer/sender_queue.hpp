// SenderQueue: one sender's transactions in the pool, by nonce.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "valence/sequencer/pool_transaction.hpp"
#include "valence/state/reader.hpp"

namespace valence::sequencer {

class SenderQueue {
public:
    struct Entry {
        PooledTransaction transaction;
        U256 cost;
        std::uint64_t arrival = 0;
        /// The least fee cap of it and those before it: what the pool can hope to get for it.
        U256 floor_fee;

        std::uint64_t nonce() const { return transaction->transaction.nonce; }
    };

    explicit SenderQueue(const state::Account& account) : account_(account) {}

    /// As the head's state has it.
    const state::Account& account() const { return account_; }
    /// A new head: those with a nonce the account has used leave, and those for which `keep` says no. Answers
    /// them.
    template <typename Keep>
    std::vector<Entry> rejudge(const state::Account& account, Keep&& keep) {
        account_ = account;
        std::vector<Entry> out;
        std::deque<Entry> left;
        for (auto& entry : entries_) {
            if (entry.nonce() >= account.nonce && keep(entry)) {
                left.push_back(std::move(entry));
            } else {
                total_cost_ = total_cost_ - entry.cost;
                out.push_back(std::move(entry));
            }
        }
        entries_ = std::move(left);
        pending_ = 0;
        settle(0);
        return out;
    }

    const std::deque<Entry>& entries() const { return entries_; }
    bool empty() const { return entries_.empty(); }
    /// How many, from the first on, follow the account's nonce without a gap.
    std::size_t pending() const { return pending_; }
    /// Sum of all costs.
    const U256& total_cost() const { return total_cost_; }

    const Entry* find(std::uint64_t nonce) const;
    /// Where a transaction with this nonce stands or would stand.
    std::size_t place_of(std::uint64_t nonce) const;
    /// Puts it in its place; in place of the one with its nonce if there is one.
    void put(Entry entry);
    /// Takes out the one at `place`.
    Entry take(std::size_t place);

private:
    void settle(std::size_t from);

    state::Account account_;
    std::deque<Entry> entries_;
    std::size_t pending_ = 0;
    U256 total_cost_;
};

}  // namespace valence::sequencer
