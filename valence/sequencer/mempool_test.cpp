#include "valence/sequencer/mempool.hpp"

#include <gtest/gtest.h>

#include "valence/crypto/keccak.hpp"
#include "valence/crypto/secp256k1.hpp"
#include "valence/sequencer/pool_error.hpp"
#include "valence/state/memory_state.hpp"

namespace valence::sequencer {
namespace {

using chain::ChainError;

constexpr auto kAlice = "0x00000000000000000000000000000000000a11ce"_address;
constexpr auto kBob = "0x0000000000000000000000000000000000000b0b"_address;
constexpr auto kCarol = "0x00000000000000000000000000000000000ca401"_address;
constexpr std::uint64_t kGwei = 1'000'000'000;

/// What a test says about a transaction; the rest is a plain transfer.
struct Spec {
    Address from = kAlice;
    std::uint64_t nonce = 0;
    std::uint64_t fee = 10 * kGwei;
    std::uint64_t tip = kGwei;
    U256 value = 1;
    std::uint64_t gas = 21'000;
    std::size_t data = 0;
    chain::TransactionType type = chain::TransactionType::dynamic_fee;
};

PoolTransaction make(const Spec& spec) {
    chain::Transaction t;
    t.type = spec.type;
    t.chain_id = 1986;
    t.nonce = spec.nonce;
    t.max_fee_per_gas = spec.fee;
    t.max_priority_fee_per_gas = spec.tip;
    t.gas_limit = spec.gas;
    t.to = kCarol;
    t.value = spec.value;
    t.data = Bytes(spec.data, 0);
    t.signature = {U256::from_address(spec.from), U256{1}, false};
    auto encoded = chain::encode_transaction(t);
    const auto hash = crypto::keccak256(encoded);
    return {std::move(t), spec.from, hash, std::move(encoded), Authorisation::signature};
}

/// Fees of a few wei, so that sums are easy to read.
chain::RuleSet rules_without_least_fee() {
    auto rules = chain::valence_rules();
    rules.min_base_fee = {};
    return rules;
}

class MempoolTest : public testing::Test {
protected:
    MempoolTest() {
        set_account(kAlice, {0, U256{1} << 64, state::kEmptyCodeHash});
        set_account(kBob, {0, U256{1} << 64, state::kEmptyCodeHash});
    }

    void set_account(const Address& address, const state::Account& account) {
        state::StateChanges changes;
        changes.accounts[address].account = account;
        state_->apply(changes);
        changed_.push_back(address);
        pool_.advance(next(), changed_);
    }

    NextBlock next() const {
        return {1, 1'000, U256{base_fee_}, 30'000'000, std::shared_ptr<const state::StateReader>(state_)};
    }

    Result<Hash> add(const Spec& spec) {
        std::vector<PoolTransaction> one;
        one.push_back(make(spec));
        return std::move(pool_.add(std::move(one)).front());
    }
    std::error_code refusal(const Spec& spec) {
        const auto answer = add(spec);
        return answer ? std::error_code{} : answer.error().code;
    }
    std::vector<Hash> order() const {
        auto candidates = pool_.candidates();
        std::vector<Hash> out;
        while (const auto next = candidates.next())
            out.push_back(next->hash);
        return out;
    }

    std::uint64_t base_fee_ = kGwei;
    std::shared_ptr<state::MemoryState> state_ = std::make_shared<state::MemoryState>();
    std::vector<Address> changed_;
    Mempool pool_{rules_without_least_fee(), {.per_sender = 8, .total = 12}};
};

TEST_F(MempoolTest, transactions_behind_a_nonce_gap_are_queued_until_it_closes) {
    ASSERT_TRUE(add({.nonce = 0}));
    ASSERT_TRUE(add({.nonce = 2}));
    EXPECT_EQ(pool_.counts().pending, 1u);
    EXPECT_EQ(pool_.counts().queued, 1u);
    EXPECT_EQ(pool_.next_nonce(kAlice), 1u);
    ASSERT_TRUE(add({.nonce = 1}));
    EXPECT_EQ(pool_.counts().pending, 3u);
    EXPECT_EQ(pool_.next_nonce(kAlice), 3u);
}

TEST_F(MempoolTest, a_replacement_must_raise_both_fees_by_a_tenth) {
    ASSERT_TRUE(add({.fee = 200, .tip = 100}));
    struct Case {
        std::uint64_t fee;
        std::uint64_t tip;
        bool taken;
    };
    for (const auto& c :
         {Case{220, 109, false}, Case{219, 110, false}, Case{400, 100, false}, Case{220, 110, true}}) {
        const auto answer = add({.fee = c.fee, .tip = c.tip});
        EXPECT_EQ(answer.has_value(), c.taken) << c.fee << " " << c.tip;
        if (answer) continue;
        EXPECT_EQ(answer.error().message(), "replacement transaction underpriced");
    }
    EXPECT_EQ(pool_.counts().pending, 1u);
}

TEST_F(MempoolTest, a_known_transaction_is_refused) {
    ASSERT_TRUE(add({}));
    EXPECT_EQ(add({}).error().message(), "already known");
}

TEST_F(MempoolTest, refusals_use_the_words_of_geth) {
    set_account(kAlice, {5, U256{1'000'000}, state::kEmptyCodeHash});
    EXPECT_EQ(add({.nonce = 3}).error().message(), "nonce too low: next nonce 5, tx nonce 3");
    EXPECT_EQ(
        add({.nonce = 5, .fee = 1'000, .tip = 0, .value = 2}).error().message(),
        "insufficient funds for gas * price + value: balance 1000000, tx cost 21000002, overshot 20000002");
    EXPECT_EQ(add({.nonce = 5, .gas = 30'000'001}).error().message(),
              "exceeds block gas limit: tx gas limit 30000001, block gas limit 30000000");
    EXPECT_EQ(refusal({.nonce = 5, .gas = 5'000'000, .data = 128 * 1024}), PoolError::oversized);
    EXPECT_EQ(refusal({.nonce = 5, .gas = 20'999}), ChainError::intrinsic_gas_too_low);
    EXPECT_EQ(refusal({.nonce = 5, .fee = 1, .tip = 2}), ChainError::tip_above_fee_cap);
    EXPECT_EQ(refusal({.nonce = 5, .gas = 22'000, .data = 200}), ChainError::floor_data_gas_too_low);
}

TEST_F(MempoolTest, gas_above_the_execution_cap_is_for_compute) {
    set_account(kAlice, {5, U256{1} << 100, state::kEmptyCodeHash});
    EXPECT_TRUE(add({.nonce = 5, .gas = 17'000'000}).has_value());
}

TEST_F(MempoolTest, blob_transactions_are_refused) {
    EXPECT_EQ(refusal({.type = chain::TransactionType::blob}), ChainError::blob_transactions_refused);
}

TEST_F(MempoolTest, a_sender_must_be_able_to_pay_for_all_it_has_in_the_pool) {
    const std::uint64_t cost = 21'000 * 1'000 + 1;
    set_account(kAlice, {0, U256{2 * cost}, state::kEmptyCodeHash});
    ASSERT_TRUE(add({.nonce = 0, .fee = 1'000, .tip = 1}));
    ASSERT_TRUE(add({.nonce = 1, .fee = 1'000, .tip = 1}));
    EXPECT_EQ(refusal({.nonce = 2, .fee = 1'000, .tip = 1}), ChainError::insufficient_funds);
    // A replacement counts in place of what it replaces.
    EXPECT_EQ(refusal({.nonce = 1, .fee = 1'100, .tip = 2}), ChainError::insufficient_funds);
}

TEST_F(MempoolTest, an_account_with_code_cannot_send_unless_it_delegates) {
    const auto add_code = [&](Bytes code) {
        state::StateChanges changes;
        const auto hash = crypto::keccak256(code);
        changes.code[hash] = std::make_shared<const Bytes>(std::move(code));
        state_->apply(changes);
        set_account(kAlice, {0, U256{1} << 64, hash});
    };
    add_code({0x60, 0x00});
    EXPECT_EQ(refusal({}), ChainError::sender_has_code);
    Bytes delegation{0xef, 0x01, 0x00};
    base::append(delegation, kBob);
    add_code(delegation);
    EXPECT_TRUE(add({}));
}

TEST_F(MempoolTest, candidates_come_by_tip_then_by_arrival_and_by_nonce_within_a_sender) {
    const auto a0 = add({.from = kAlice, .nonce = 0, .tip = 1}).value();
    const auto b0 = add({.from = kBob, .nonce = 0, .tip = 1}).value();
    const auto a1 = add({.from = kAlice, .nonce = 1, .tip = 9}).value();
    const auto b1 = add({.from = kBob, .nonce = 1, .tip = 2}).value();
    EXPECT_EQ(order(), (std::vector{a0, a1, b0, b1}));
}

TEST_F(MempoolTest, the_effective_tip_is_what_the_base_fee_leaves) {
    const auto a = add({.from = kAlice, .fee = kGwei + 5, .tip = 1'000}).value();
    const auto b = add({.from = kBob, .fee = 2 * kGwei, .tip = 6}).value();
    EXPECT_EQ(order(), (std::vector{b, a}));
}

TEST_F(MempoolTest, a_fee_cap_below_the_base_fee_waits_unless_told_otherwise) {
    ASSERT_TRUE(add({.fee = kGwei - 1, .tip = 1}));
    EXPECT_TRUE(order().empty());
    EXPECT_EQ(pool_.counts().pending, 1u);
    pool_.set_below_base_fee(BelowBaseFee::refuse);
    EXPECT_EQ(refusal({.from = kBob, .fee = kGwei - 1, .tip = 1}), ChainError::fee_cap_below_base_fee);
    base_fee_ = kGwei / 2;
    pool_.advance(next(), {});
    EXPECT_EQ(order().size(), 1u);
}

TEST_F(MempoolTest, a_sender_has_a_cap) {
    for (std::uint64_t n = 0; n < 8; ++n)
        ASSERT_TRUE(add({.nonce = n}));
    EXPECT_EQ(refusal({.nonce = 8}), PoolError::sender_full);
    EXPECT_TRUE(add({.nonce = 7, .fee = 20 * kGwei, .tip = 2 * kGwei}));
}

TEST_F(MempoolTest, a_full_pool_gives_up_the_cheapest_tail) {
    for (std::uint64_t n = 0; n < 7; ++n)
        ASSERT_TRUE(add({.from = kAlice, .nonce = n, .fee = 100, .tip = 0}));
    for (std::uint64_t n = 0; n < 5; ++n)
        ASSERT_TRUE(add({.from = kBob, .nonce = n, .fee = 200, .tip = 0}));
    set_account(kCarol, {0, U256{1} << 64, state::kEmptyCodeHash});
    EXPECT_EQ(refusal({.from = kCarol, .fee = 100, .tip = 0}), PoolError::pool_full);
    ASSERT_TRUE(add({.from = kCarol, .fee = 101, .tip = 0}));
    EXPECT_EQ(pool_.content(kAlice).pending.size(), 6u);
    EXPECT_EQ(pool_.content(kBob).pending.size(), 5u);
    EXPECT_EQ(pool_.content(kAlice).queued.size(), 0u);
}

TEST_F(MempoolTest, a_full_pool_gives_up_what_waits_behind_a_gap_first) {
    for (std::uint64_t n = 0; n < 7; ++n)
        ASSERT_TRUE(add({.from = kAlice, .nonce = n, .fee = 100, .tip = 0}));
    for (std::uint64_t n = 2; n < 7; ++n)
        ASSERT_TRUE(add({.from = kBob, .nonce = n, .fee = 900, .tip = 0}));
    set_account(kCarol, {0, U256{1} << 64, state::kEmptyCodeHash});
    ASSERT_TRUE(add({.from = kCarol, .fee = 50, .tip = 0}));
    EXPECT_EQ(pool_.content(kAlice).pending.size(), 7u);
    EXPECT_EQ(pool_.content(kBob).queued.size(), 4u);
}

TEST_F(MempoolTest, a_pool_full_of_bytes_gives_up_the_cheapest_tails) {
    const auto small = make({}).encoded.size();
    Mempool pool(rules_without_least_fee(), {.total_bytes = 10 * small});
    pool.reset(next());
    const auto offer = [&](const Spec& spec) {
        std::vector<PoolTransaction> one;
        one.push_back(make(spec));
        return std::move(pool.add(std::move(one)).front());
    };
    for (std::uint64_t n = 0; n < 5; ++n) {
        ASSERT_TRUE(offer({.from = kAlice, .nonce = n}));
        ASSERT_TRUE(offer({.from = kBob, .nonce = n, .fee = 20 * kGwei}));
    }
    set_account(kCarol, {0, U256{1} << 64, state::kEmptyCodeHash});
    pool.reset(next());
    const Spec large{.from = kCarol, .fee = 15 * kGwei, .gas = 100'000, .data = 3 * small};
    EXPECT_TRUE(offer(large));
    EXPECT_LT(pool.content(kAlice).pending.size(), 3u);
    EXPECT_EQ(pool.content(kBob).pending.size(), 5u);
    // Nor can it grow by replacing what is there.
    const auto grown =
        offer({.from = kBob, .fee = 30 * kGwei, .tip = 2 * kGwei, .gas = 200'000, .data = 9 * small});
    ASSERT_FALSE(grown);
    EXPECT_EQ(grown.error().code, PoolError::pool_full);
}

TEST_F(MempoolTest, what_finds_no_room_takes_nobodys_place) {
    const auto small = make({}).encoded.size();
    Mempool pool(rules_without_least_fee(), {.total_bytes = 10 * small});
    pool.reset(next());
    const auto offer = [&](const Spec& spec) {
        std::vector<PoolTransaction> one;
        one.push_back(make(spec));
        return std::move(pool.add(std::move(one)).front());
    };
    for (std::uint64_t n = 0; n < 5; ++n) {
        ASSERT_TRUE(offer({.from = kAlice, .nonce = n}));
        ASSERT_TRUE(offer({.from = kBob, .nonce = n, .fee = 20 * kGwei}));
    }
    set_account(kCarol, {0, U256{1} << 64, state::kEmptyCodeHash});
    pool.reset(next());
    // Alice's five, which pay less, would not be enough for it.
    const auto refused = offer({.from = kCarol, .fee = 15 * kGwei, .gas = 200'000, .data = 6 * small});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, PoolError::pool_full);
    EXPECT_EQ(pool.content(kAlice).pending.size(), 5u);
    EXPECT_EQ(pool.content(kBob).pending.size(), 5u);
    EXPECT_EQ(pool.counts().pending, 10u);
}

TEST_F(MempoolTest, a_fee_cap_that_no_base_fee_reaches_is_refused) {
    Mempool pool(chain::valence_rules(), {});
    pool.reset(next());
    const auto least = chain::valence_rules().min_base_fee.low_u64();
    std::vector<PoolTransaction> both;
    both.push_back(make({.nonce = 0, .fee = least, .tip = 0}));
    both.push_back(make({.nonce = 1, .fee = least - 1, .tip = 0}));
    const auto answers = pool.add(std::move(both));
    EXPECT_TRUE(answers[0]);
    ASSERT_FALSE(answers[1]);
    EXPECT_EQ(answers[1].error().code, ChainError::fee_cap_below_base_fee);
}

TEST_F(MempoolTest, an_account_about_to_be_delegated_may_have_no_more_than_a_delegated_one) {
    const Hash key{"0x00000000000000000000000000000000000000000000000000000000000000aa"_hash};
    const auto authority = crypto::address_of(key).value();
    set_account(authority, {0, U256{1} << 64, state::kEmptyCodeHash});
    Mempool pool(rules_without_least_fee(), {.per_delegated_sender = 2});
    pool.reset(next());
    const auto offer = [&](PoolTransaction transaction) {
        std::vector<PoolTransaction> one;
        one.push_back(std::move(transaction));
        return std::move(pool.add(std::move(one)).front());
    };
    const auto delegating = [&](std::uint64_t nonce) {
        auto pooled = make({.from = kBob, .nonce = nonce, .gas = 100'000});
        auto& t = pooled.transaction;
        t.type = chain::TransactionType::set_code;
        chain::Authorization authorization{U256{}, kCarol, 0, 0, {}, {}};
        const auto signature = crypto::sign(chain::authorization_signing_hash(authorization), key);
        authorization.r = signature->r;
        authorization.s = signature->s;
        authorization.y_parity = signature->y_odd ? 1 : 0;
        t.authorizations.push_back(authorization);
        pooled.encoded = chain::encode_transaction(t);
        pooled.hash = crypto::keccak256(pooled.encoded);
        return pooled;
    };
    for (std::uint64_t n = 0; n < 3; ++n)
        ASSERT_TRUE(offer(make({.from = authority, .nonce = n})));
    EXPECT_EQ(offer(delegating(0)).error().code, PoolError::authority_reserved);
    pool.drop_sender(authority);
    const auto taken = offer(delegating(0));
    ASSERT_TRUE(taken) << taken.error().message();
    for (std::uint64_t n = 0; n < 2; ++n)
        ASSERT_TRUE(offer(make({.from = authority, .nonce = n})));
    EXPECT_EQ(offer(make({.from = authority, .nonce = 2})).error().code, PoolError::delegated_sender_full);
    // Free again once the delegation is gone.
    ASSERT_TRUE(pool.drop(taken.value()));
    EXPECT_TRUE(offer(make({.from = authority, .nonce = 2})));
}

TEST_F(MempoolTest, a_new_head_drops_what_was_included_and_what_cannot_be_paid) {
    for (std::uint64_t n = 0; n < 4; ++n)
        ASSERT_TRUE(add({.nonce = n, .value = U256{100 * n}}));
    set_account(kAlice, {2, U256{21'000} * U256{10 * kGwei} + U256{250}, state::kEmptyCodeHash});
    const auto content = pool_.content(kAlice);
    ASSERT_EQ(content.pending.size(), 1u);
    EXPECT_EQ(content.pending[0]->transaction.nonce, 2u);
    EXPECT_TRUE(content.queued.empty());
}

TEST_F(MempoolTest, dropping_one_queues_those_behind_it) {
    const auto first = add({.nonce = 0}).value();
    ASSERT_TRUE(add({.nonce = 1}));
    EXPECT_TRUE(pool_.drop(first));
    EXPECT_FALSE(pool_.drop(first));
    EXPECT_EQ(pool_.counts().queued, 1u);
    pool_.drop_sender(kAlice);
    EXPECT_EQ(pool_.counts().queued, 0u);
}

}  // namespace
}  // namespace valence::sequencer
