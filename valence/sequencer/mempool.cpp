#include "valence/sequencer/mempool.hpp"

#include <mutex>
#include <set>
#include <unordered_map>

#include "valence/chain/validate_transaction.hpp"
#include "valence/sequencer/pool_error.hpp"
#include "valence/sequencer/pool_rules.hpp"
#include "valence/sequencer/sender_queue.hpp"

namespace valence::sequencer {
namespace {

/// The last transaction of a sender, by what the pool loses when it gives way. The least goes first: those
/// that wait behind a gap, then those that pay least, then those that came last.
struct Tail {
    bool is_pending = false;
    U256 floor_fee;
    std::uint64_t arrival = 0;
    Address sender;

    bool operator<(const Tail& other) const {
        if (is_pending != other.is_pending) return other.is_pending;
        if (floor_fee != other.floor_fee) return floor_fee < other.floor_fee;
        return arrival > other.arrival;
    }
};

bool raises_enough(const U256& before, const U256& now, unsigned bump) {
    return now > before && now * U256{100} >= before * U256{100 + bump};
}

using Authorities = std::vector<Address>;

/// Whose code the transaction will change. Costs a signature each, so it is done before the pool is locked.
Authorities authorities_of(const chain::Transaction& transaction) {
    Authorities out;
    for (const auto& authorization : transaction.authorizations) {
        if (const auto signer = chain::recover_authority(authorization)) out.push_back(*signer);
    }
    return out;
}

Error insufficient_funds(const U256& balance, const U256& queued, const std::optional<U256>& cost) {
    auto text = "balance " + balance.to_decimal();
    if (!queued.is_zero()) text += ", queued cost " + queued.to_decimal();
    if (cost) {
        text += ", tx cost " + cost->to_decimal();
        text += ", overshot " + (queued + *cost - balance).to_decimal();
    } else {
        text += ", tx cost 2^256 or more";
    }
    return {chain::ChainError::insufficient_funds, std::move(text)};
}

}  // namespace

struct Mempool::State {
    struct Sender {
        SenderQueue queue;
        std::set<Tail>::iterator tail;
        bool has_tail = false;
    };

    State(const chain::RuleSet& r, MempoolLimits l) : rules(r), limits(l) {}

    const chain::RuleSet rules;
    std::function<bool(const Hash&)> is_bound;
    const MempoolLimits limits;

    /// Guards what follows.
    mutable std::mutex mutex;
    std::shared_ptr<const NextBlock> next = std::make_shared<NextBlock>();
    BelowBaseFee below_base_fee = BelowBaseFee::wait;
    std::unordered_map<Hash, PooledTransaction> by_hash;
    /// Of the transactions with authorizations, and how many of them name each account.
    std::unordered_map<Hash, Authorities> authorities;
    std::unordered_map<Address, std::size_t> reserved;
    std::unordered_map<Address, Sender> senders;
    std::set<Tail> tails;
    /// Encoded, of all in `by_hash`.
    std::size_t bytes = 0;
    std::uint64_t arrivals = 0;
    std::uint64_t version = 0;
    std::size_t pending = 0;

    Sender& sender_of(const Address& address) {
        const auto found = senders.find(address);
        if (found != senders.end()) return found->second;
        const auto account = next->state ? next->state->account(address) : std::nullopt;
        return senders.emplace(address, Sender{SenderQueue(account.value_or(state::Account{})), {}, false})
            .first->second;
    }

    /// Brings what is derived of a sender up to date around a change of its queue; forgets a sender that has
    /// nothing.
    template <typename Change>
    void change(const Address& address, Sender& sender, Change&& apply) {
        pending -= sender.queue.pending();
        apply(sender.queue);
        ++version;
        pending += sender.queue.pending();
        if (sender.has_tail) tails.erase(sender.tail);
        sender.has_tail = !sender.queue.empty();
        if (!sender.has_tail) {
            senders.erase(address);
            return;
        }
        sender.tail = tails.insert(tail_of(address, sender.queue, sender.queue.entries().size() - 1)).first;
    }

    /// The one at `place`, as if it were the sender's last.
    static Tail tail_of(const Address& address, const SenderQueue& queue, std::size_t place) {
        const auto& entry = queue.entries()[place];
        return {place < queue.pending(), entry.floor_fee, entry.arrival, address};
    }

    void remember(const PooledTransaction& transaction) {
        if (by_hash.emplace(transaction->hash, transaction).second) bytes += transaction->encoded.size();
    }
    void forget(const PoolTransaction& transaction) {
        if (by_hash.erase(transaction.hash) != 0) bytes -= transaction.encoded.size();
        const auto named = authorities.find(transaction.hash);
        if (named == authorities.end()) return;
        for (const auto& account : named->second) {
            const auto found = reserved.find(account);
            if (--found->second == 0) reserved.erase(found);
        }
        authorities.erase(named);
    }
    void reserve(const Hash& hash, Authorities named) {
        if (named.empty()) return;
        for (const auto& account : named)
            ++reserved[account];
        authorities.emplace(hash, std::move(named));
    }
    /// Whether an account has more waiting than a delegated one may.
    bool has_much(const Address& account) const {
        const auto found = senders.find(account);
        return found != senders.end() && found->second.queue.entries().size() > limits.per_delegated_sender;
    }

    void remove(const Address& address, std::size_t place) {
        auto& sender = senders.find(address)->second;
        change(address, sender, [&](SenderQueue& queue) {
            const auto entry = queue.take(place);
            forget(*entry.transaction);
        });
    }

    Result<Hash> admit(PooledTransaction transaction, Authorities named);
    Result<void> make_room(const SenderQueue::Entry& entry, const Address& address, const SenderQueue& queue);
    void rejudge(const Address& address, Sender& sender);
    void advance(NextBlock to, std::span<const Address> changed);
};

Result<Hash> Mempool::State::admit(PooledTransaction pooled, Authorities named) {
    const auto& transaction = pooled->transaction;
    if (by_hash.contains(pooled->hash)) return Error{PoolError::already_known};
    if (below_base_fee == BelowBaseFee::refuse && transaction.max_fee_per_gas < next->base_fee) {
        return Error{chain::ChainError::fee_cap_below_base_fee,
                     "address " + base::to_hex_prefixed(pooled->sender) +
                         ", maxFeePerGas: " + transaction.max_fee_per_gas.to_decimal() +
                         ", baseFee: " + next->base_fee.to_decimal()};
    }

    auto& sender = sender_of(pooled->sender);
    const auto address = pooled->sender;
    const auto refuse = [&](Error error) -> Result<Hash> {
        if (sender.queue.empty()) senders.erase(address);
        return error;
    };
    const auto& queue = sender.queue;
    if (auto checked = check_against_account(*pooled, queue.account(), *next->state); !checked) {
        return refuse(std::move(checked).error());
    }

    const auto* held = queue.find(transaction.nonce);
    if (held != nullptr) {
        const auto& old = held->transaction->transaction;
        const auto bump = limits.replacement_bump;
        if (is_bound && is_bound(held->transaction->hash)) return refuse(PoolError::bound);
        if (!raises_enough(old.max_fee_per_gas, transaction.max_fee_per_gas, bump) ||
            !raises_enough(old.max_priority_fee_per_gas, transaction.max_priority_fee_per_gas, bump)) {
            return refuse(PoolError::replacement_underpriced);
        }
    }
    const auto cost = chain::maximum_cost(transaction);
    const auto queued = held != nullptr ? queue.total_cost() - held->cost : queue.total_cost();
    const auto& balance = queue.account().balance;
    if (!cost || queued > balance || *cost > balance - queued) {
        return refuse(insufficient_funds(balance, queued, cost));
    }

    if (std::any_of(named.begin(), named.end(), [this](const auto& account) { return has_much(account); }))
        return refuse(PoolError::authority_reserved);
    SenderQueue::Entry entry{std::move(pooled), *cost, ++arrivals, transaction.max_fee_per_gas};
    if (held == nullptr) {
        const bool delegated =
            queue.account().code_hash != state::kEmptyCodeHash || reserved.contains(address);
        if (delegated && queue.entries().size() >= limits.per_delegated_sender) {
            return refuse(PoolError::delegated_sender_full);
        }
        if (queue.entries().size() >= limits.per_sender) return refuse(PoolError::sender_full);
        if (auto made = make_room(entry, address, queue); !made) return refuse(std::move(made).error());
    }
    const auto hash = entry.transaction->hash;
    if (held != nullptr) {
        const auto others = bytes - held->transaction->encoded.size();
        if (others + entry.transaction->encoded.size() > limits.total_bytes)
            return refuse(PoolError::pool_full);
        forget(*held->transaction);
    }
    remember(entry.transaction);
    reserve(hash, std::move(named));
    change(address, sender, [&](SenderQueue& q) { q.put(std::move(entry)); });
    return hash;
}

Result<void> Mempool::State::make_room(const SenderQueue::Entry& entry, const Address& address,
                                       const SenderQueue& queue) {
    const auto size = entry.transaction->encoded.size();
    auto count = by_hash.size();
    auto held_bytes = bytes;
    const auto has_room = [&] { return count < limits.total && held_bytes + size <= limits.total_bytes; };
    if (has_room()) return success();
    const auto pending_end = queue.account().nonce + queue.pending();
    Tail candidate{entry.nonce() <= pending_end, entry.floor_fee, entry.arrival, address};
    if (const auto place = queue.place_of(entry.nonce()); place > 0) {
        candidate.floor_fee = std::min(candidate.floor_fee, queue.entries()[place - 1].floor_fee);
    }
    // A large one may take the place of several that each pay less. Who goes is found out first: where that
    // is not enough nobody does, or what is never taken in could empty the pool for nothing.
    std::unordered_map<Address, std::size_t> leaving;
    std::set<Tail> uncovered;
    auto next_tail = tails.begin();
    while (!has_room()) {
        const bool is_uncovered =
            !uncovered.empty() && (next_tail == tails.end() || *uncovered.begin() < *next_tail);
        if (!is_uncovered && next_tail == tails.end()) return Error{PoolError::pool_full};
        const auto cheapest =
            is_uncovered ? uncovered.extract(uncovered.begin()).value() : Tail{*next_tail++};
        // Giving up one's own last transaction for a later one would only make a gap.
        if (cheapest.sender == address || !(cheapest < candidate)) return Error{PoolError::pool_full};
        const auto& theirs = senders.find(cheapest.sender)->second.queue;
        const auto place = theirs.entries().size() - ++leaving[cheapest.sender];
        const auto& last = theirs.entries()[place];
        if (is_bound && is_bound(last.transaction->hash)) return Error{PoolError::pool_full};
        --count;
        held_bytes -= last.transaction->encoded.size();
        if (place > 0) uncovered.insert(tail_of(cheapest.sender, theirs, place - 1));
    }
    for (const auto& [victim, many] : leaving) {
        const auto all = senders.find(victim)->second.queue.entries().size();
        for (std::size_t i = 1; i <= many; ++i)
            remove(victim, all - i);
    }
    return success();
}

void Mempool::State::rejudge(const Address& address, Sender& sender) {
    const auto account = next->state->account(address).value_or(state::Account{});
    const auto keep = [&](const SenderQueue::Entry& entry) {
        return entry.cost <= account.balance && entry.transaction->transaction.gas_limit <= next->gas_limit;
    };
    change(address, sender, [&](SenderQueue& queue) {
        for (const auto& gone : queue.rejudge(account, keep))
            forget(*gone.transaction);
    });
}

void Mempool::State::advance(NextBlock to, std::span<const Address> changed) {
    next = std::make_shared<const NextBlock>(std::move(to));
    ++version;
    for (const auto& address : changed) {
        const auto found = senders.find(address);
        if (found != senders.end()) rejudge(address, found->second);
    }
}

Mempool::Mempool(const chain::RuleSet& rules, MempoolLimits limits)
    : state_(std::make_unique<State>(rules, limits)) {}
Mempool::~Mempool() = default;

PooledTransaction Mempool::find(const Hash& hash) const {
    const std::lock_guard guard(state_->mutex);
    const auto found = state_->by_hash.find(hash);
    return found == state_->by_hash.end() ? nullptr : found->second;
}

bool Mempool::is_pending(const Hash& hash) const {
    const std::lock_guard guard(state_->mutex);
    const auto found = state_->by_hash.find(hash);
    if (found == state_->by_hash.end()) return false;
    const auto& queue = state_->senders.find(found->second->sender)->second.queue;
    return queue.place_of(found->second->transaction.nonce) < queue.pending();
}

namespace {

SenderContent content_of(const SenderQueue& queue) {
    SenderContent content;
    for (std::size_t i = 0; i < queue.entries().size(); ++i) {
        auto& part = i < queue.pending() ? content.pending : content.queued;
        part.push_back(queue.entries()[i].transaction);
    }
    return content;
}

}  // namespace

std::map<Address, SenderContent> Mempool::content() const {
    const std::lock_guard guard(state_->mutex);
    std::map<Address, SenderContent> out;
    for (const auto& [address, sender] : state_->senders)
        out.emplace(address, content_of(sender.queue));
    return out;
}

SenderContent Mempool::content(const Address& sender) const {
    const std::lock_guard guard(state_->mutex);
    const auto found = state_->senders.find(sender);
    return found == state_->senders.end() ? SenderContent{} : content_of(found->second.queue);
}

PoolCounts Mempool::counts() const {
    const std::lock_guard guard(state_->mutex);
    return {state_->pending, state_->by_hash.size() - state_->pending};
}

std::optional<std::uint64_t> Mempool::next_nonce(const Address& sender) const {
    const std::lock_guard guard(state_->mutex);
    const auto found = state_->senders.find(sender);
    if (found == state_->senders.end()) return std::nullopt;
    const auto& queue = found->second.queue;
    return queue.account().nonce + queue.pending();
}

std::uint64_t Mempool::version() const {
    const std::lock_guard guard(state_->mutex);
    return state_->version;
}

std::vector<Result<Hash>> Mempool::add(std::vector<PoolTransaction> transactions) {
    std::shared_ptr<const NextBlock> next;
    {
        const std::lock_guard guard(state_->mutex);
        next = state_->next;
    }
    // What needs no account is checked before the pool is locked.
    std::vector<Result<PooledTransaction>> checked;
    std::vector<Authorities> named(transactions.size());
    checked.reserve(transactions.size());
    for (auto& transaction : transactions) {
        if (auto ok = check_alone(transaction, state_->rules, state_->limits, *next); !ok) {
            checked.emplace_back(std::move(ok).error());
        } else {
            named[checked.size()] = authorities_of(transaction.transaction);
            checked.emplace_back(std::make_shared<const PoolTransaction>(std::move(transaction)));
        }
    }
    std::vector<Result<Hash>> answers;
    answers.reserve(transactions.size());
    const std::lock_guard guard(state_->mutex);
    for (std::size_t i = 0; i < checked.size(); ++i) {
        if (!checked[i]) {
            answers.emplace_back(std::move(checked[i]).error());
        } else {
            answers.push_back(state_->admit(std::move(checked[i]).value(), std::move(named[i])));
        }
    }
    return answers;
}

void Mempool::advance(NextBlock next, std::span<const Address> changed) {
    const std::lock_guard guard(state_->mutex);
    state_->advance(std::move(next), changed);
}

void Mempool::reset(NextBlock next) {
    // Under one lock: who comes meanwhile would be judged by what was, and by nothing after it.
    const std::lock_guard guard(state_->mutex);
    std::vector<Address> all;
    all.reserve(state_->senders.size());
    for (const auto& [address, sender] : state_->senders)
        all.push_back(address);
    state_->advance(std::move(next), all);
}

void Mempool::set_below_base_fee(BelowBaseFee rule) {
    const std::lock_guard guard(state_->mutex);
    state_->below_base_fee = rule;
}

Candidates Mempool::candidates(const HashSet& waiting) const {
    const std::lock_guard guard(state_->mutex);
    const auto& base_fee = state_->next->base_fee;
    std::vector<std::vector<Candidate>> by_sender;
    for (const auto& [address, sender] : state_->senders) {
        if (sender.queue.pending() == 0 || waiting.contains(sender.queue.entries().front().transaction->hash))
            continue;
        std::vector<Candidate> own;
        std::uint64_t gas = 0;
        const auto& entries = sender.queue.entries();
        for (std::size_t i = 0; i < sender.queue.pending(); ++i) {
            const auto& transaction = entries[i].transaction->transaction;
            if (transaction.max_fee_per_gas < base_fee) break;
            own.push_back(
                {entries[i].transaction,
                 std::min(transaction.max_priority_fee_per_gas, transaction.max_fee_per_gas - base_fee),
                 entries[i].arrival});
            // Every transaction takes at least 21,000 gas, so no block holds more of one sender than this.
            gas += 21'000;
            if (gas > state_->next->gas_limit) break;
        }
        if (!own.empty()) by_sender.push_back(std::move(own));
    }
    return Candidates(std::move(by_sender));
}

void Mempool::set_bound(std::function<bool(const Hash&)> is_bound) {
    const std::lock_guard guard(state_->mutex);
    state_->is_bound = std::move(is_bound);
}

bool Mempool::drop(const Hash& hash) {
    const std::lock_guard guard(state_->mutex);
    const auto found = state_->by_hash.find(hash);
    if (found == state_->by_hash.end()) return false;
    const auto sender = found->second->sender;
    const auto& queue = state_->senders.find(sender)->second.queue;
    state_->remove(sender, queue.place_of(found->second->transaction.nonce));
    return true;
}

void Mempool::drop_sender(const Address& sender) {
    const std::lock_guard guard(state_->mutex);
    const auto found = state_->senders.find(sender);
    if (found == state_->senders.end()) return;
    const auto account = found->second.queue.account();
    state_->change(sender, found->second, [&](SenderQueue& queue) {
        for (const auto& gone : queue.rejudge(account, [](const auto&) { return false; })) {
            state_->forget(*gone.transaction);
        }
    });
}

void Mempool::clear() {
    const std::lock_guard guard(state_->mutex);
    state_->by_hash.clear();
    state_->authorities.clear();
    state_->reserved.clear();
    state_->senders.clear();
    state_->tails.clear();
    state_->pending = 0;
    state_->bytes = 0;
    ++state_->version;
}

}  // namespace valence::sequencer
