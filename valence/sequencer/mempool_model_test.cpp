// The pool against a model that does the same by searching through everything, on random calls.
#include <random>
#include <set>

#include <gtest/gtest.h>

#include "valence/chain/validate_transaction.hpp"
#include "valence/crypto/keccak.hpp"
#include "valence/sequencer/mempool.hpp"
#include "valence/sequencer/pool_error.hpp"
#include "valence/state/memory_state.hpp"

namespace valence::sequencer {
namespace {

/// Fees of a few wei.
chain::RuleSet rules_without_least_fee() {
    auto rules = chain::valence_rules();
    rules.min_base_fee = {};
    return rules;
}

using chain::ChainError;

constexpr MempoolLimits kLimits{.per_sender = 6, .total = 14};
constexpr std::size_t kSenders = 5;

Address sender(std::size_t i) { return base::address_from_number(0x1000 + i); }

PoolTransaction transfer(const Address& from, std::uint64_t nonce, std::uint64_t fee, std::uint64_t tip,
                         std::uint64_t value) {
    chain::Transaction t;
    t.type = chain::TransactionType::dynamic_fee;
    t.chain_id = 1986;
    t.nonce = nonce;
    t.max_fee_per_gas = fee;
    t.max_priority_fee_per_gas = tip;
    t.gas_limit = 21'000;
    t.to = base::address_from_number(7);
    t.value = value;
    t.signature = {U256::from_address(from), U256{1}, false};
    auto encoded = chain::encode_transaction(t);
    const auto hash = crypto::keccak256(encoded);
    return {std::move(t), from, hash, std::move(encoded), Authorisation::signature};
}

/// Everything in one list; every question answered by going through it.
class Model {
public:
    struct Held {
        Address from;
        std::uint64_t nonce;
        std::uint64_t fee;
        std::uint64_t tip;
        U256 cost;
        std::uint64_t arrival;
        Hash hash;
    };

    std::map<Address, state::Account> accounts;
    std::uint64_t base_fee = 1;

    std::error_code add(const PoolTransaction& t) {
        const auto& tx = t.transaction;
        Held held{t.sender,
                  tx.nonce,
                  tx.max_fee_per_gas.low_u64(),
                  tx.max_priority_fee_per_gas.low_u64(),
                  chain::maximum_cost(tx).value(),
                  0,
                  t.hash};
        const auto& account = accounts[t.sender];
        if (find(t.hash) != nullptr) return PoolError::already_known;
        if (held.nonce < account.nonce) return ChainError::nonce_too_low;
        const auto* old = find(t.sender, held.nonce);
        if (old != nullptr && !(10 * held.fee >= 11 * old->fee && 10 * held.tip >= 11 * old->tip &&
                                held.fee > old->fee && held.tip > old->tip)) {
            return PoolError::replacement_underpriced;
        }
        U256 sum = held.cost;
        std::size_t count = 0;
        for (const auto& h : held_) {
            if (h.from != t.sender || (old != nullptr && h.nonce == old->nonce)) continue;
            sum = sum + h.cost;
            ++count;
        }
        if (sum > account.balance) return ChainError::insufficient_funds;
        held.arrival = ++arrivals_;
        if (old == nullptr) {
            if (count >= kLimits.per_sender) return PoolError::sender_full;
            if (held_.size() >= kLimits.total && !make_room(held)) return PoolError::pool_full;
        } else {
            remove(old->hash);
        }
        held_.push_back(held);
        return {};
    }

    void advance(const Address& changed) {
        const auto& account = accounts[changed];
        std::erase_if(held_, [&](const Held& h) {
            return h.from == changed && (h.nonce < account.nonce || h.cost > account.balance);
        });
    }

    void remove(const Hash& hash) {
        std::erase_if(held_, [&](const Held& h) { return h.hash == hash; });
    }

    bool is_pending(const Held& h) const {
        for (auto n = accounts.at(h.from).nonce; n <= h.nonce; ++n) {
            if (find(h.from, n) == nullptr) return false;
        }
        return true;
    }

    std::vector<Hash> order() const {
        std::vector<Hash> out;
        auto nonces = accounts;
        for (;;) {
            const Held* best = nullptr;
            for (const auto& h : held_) {
                if (h.nonce != nonces.at(h.from).nonce || h.fee < base_fee) continue;
                if (best == nullptr || tip(h) > tip(*best) ||
                    (tip(h) == tip(*best) && h.arrival < best->arrival)) {
                    best = &h;
                }
            }
            if (best == nullptr) return out;
            out.push_back(best->hash);
            ++nonces[best->from].nonce;
        }
    }

    const std::vector<Held>& held() const { return held_; }

private:
    std::uint64_t tip(const Held& h) const { return std::min(h.tip, h.fee - base_fee); }
    const Held* find(const Hash& hash) const {
        for (const auto& h : held_) {
            if (h.hash == hash) return &h;
        }
        return nullptr;
    }
    const Held* find(const Address& from, std::uint64_t nonce) const {
        for (const auto& h : held_) {
            if (h.from == from && h.nonce == nonce) return &h;
        }
        return nullptr;
    }
    /// The least fee on the way to this transaction.
    std::uint64_t floor_fee(const Held& at) const {
        auto fee = at.fee;
        for (const auto& h : held_) {
            if (h.from == at.from && h.nonce < at.nonce) fee = std::min(fee, h.fee);
        }
        return fee;
    }
    bool would_be_pending(const Held& h) const {
        for (auto n = accounts.at(h.from).nonce; n < h.nonce; ++n) {
            if (find(h.from, n) == nullptr) return false;
        }
        return true;
    }
    bool make_room(const Held& newcomer) {
        using Worth = std::tuple<bool, std::uint64_t, std::uint64_t>;
        const auto worth = [&](const Held& h) {
            return Worth{would_be_pending(h), floor_fee(h), ~h.arrival};
        };
        std::map<Address, const Held*> tails;
        for (const auto& h : held_) {
            auto& tail = tails[h.from];
            if (tail == nullptr || tail->nonce < h.nonce) tail = &h;
        }
        const Held* least = nullptr;
        for (const auto& [from, tail] : tails) {
            if (least == nullptr || worth(*tail) < worth(*least)) least = tail;
        }
        if (least->from == newcomer.from || worth(*least) >= worth(newcomer)) return false;
        remove(Hash{least->hash});
        return true;
    }

    std::vector<Held> held_;
    std::uint64_t arrivals_ = 0;
};

class Pair {
public:
    explicit Pair(std::uint64_t seed) : random_(seed) {
        for (std::size_t i = 0; i < kSenders; ++i)
            set_account(sender(i), {0, U256{100'000'000}, state::kEmptyCodeHash});
    }

    void step() {
        switch (pick(12)) {
            case 0:
                return move_account();
            case 1:
                model_.base_fee = pick(60);
                pool_.advance(next(), {});
                return;
            case 2:
                return drop();
            default:
                return add();
        }
    }

    void compare() const {
        std::set<Hash> pending;
        std::set<Hash> queued;
        for (const auto& h : model_.held())
            (model_.is_pending(h) ? pending : queued).insert(h.hash);
        std::set<Hash> have_pending;
        std::set<Hash> have_queued;
        for (const auto& [from, content] : pool_.content()) {
            for (const auto& t : content.pending)
                have_pending.insert(t->hash);
            for (const auto& t : content.queued)
                have_queued.insert(t->hash);
        }
        ASSERT_EQ(have_pending, pending);
        ASSERT_EQ(have_queued, queued);
        ASSERT_EQ(pool_.counts().pending, pending.size());
        ASSERT_EQ(pool_.counts().queued, queued.size());
        std::vector<Hash> order;
        auto candidates = pool_.candidates();
        while (const auto t = candidates.next())
            order.push_back(t->hash);
        ASSERT_EQ(order, model_.order());
    }

private:
    std::uint64_t pick(std::uint64_t below) { return random_() % below; }

    void add() {
        const auto from = sender(pick(kSenders));
        const auto nonce = model_.accounts[from].nonce + pick(8) - (pick(10) == 0 ? 1 : 0);
        const auto fee = 1 + pick(100);
        auto t = transfer(from, nonce == ~std::uint64_t{0} ? 0 : nonce, fee, pick(fee + 1), pick(3));
        const auto expected = model_.add(t);
        std::vector<PoolTransaction> one;
        one.push_back(std::move(t));
        const auto answer = std::move(pool_.add(std::move(one)).front());
        ASSERT_EQ(answer ? std::error_code{} : answer.error().code, expected);
    }

    void move_account() {
        const auto address = sender(pick(kSenders));
        auto account = model_.accounts[address];
        account.nonce += pick(4);
        account.balance = U256{pick(3) == 0 ? pick(8'000'000) : 100'000'000};
        set_account(address, account);
        model_.advance(address);
    }

    void drop() {
        if (model_.held().empty()) return;
        const auto hash = model_.held()[pick(model_.held().size())].hash;
        model_.remove(hash);
        ASSERT_TRUE(pool_.drop(hash));
    }

    void set_account(const Address& address, const state::Account& account) {
        state::StateChanges changes;
        changes.accounts[address].account = account;
        state_->apply(changes);
        model_.accounts[address] = account;
        const std::array changed{address};
        pool_.advance(next(), changed);
    }

    NextBlock next() const {
        return {1, 1'000, U256{model_.base_fee}, 30'000'000,
                std::shared_ptr<const state::StateReader>(state_)};
    }

    std::mt19937_64 random_;
    Model model_;
    std::shared_ptr<state::MemoryState> state_ = std::make_shared<state::MemoryState>();
    Mempool pool_{rules_without_least_fee(), kLimits};
};

TEST(MempoolModel, pool_and_model_agree_on_random_calls) {
    for (std::uint64_t seed = 1; seed <= 40; ++seed) {
        SCOPED_TRACE(seed);
        Pair pair(seed);
        for (int i = 0; i < 400; ++i) {
            SCOPED_TRACE(i);
            pair.step();
            pair.compare();
            if (::testing::Test::HasFatalFailure()) return;
        }
    }
}

}  // namespace
}  // namespace valence::sequencer
