#include "valence/chain/execute_block.hpp"

#include <gtest/gtest.h>

#include "valence/chain/validate_transaction.hpp"
#include "valence/state/memory_state.hpp"

namespace valence::chain {
namespace {

constexpr auto kCoinbase = base::address_from_number(0xc0);
constexpr auto kRecipient = base::address_from_number(0x7ec1);
constexpr auto kOther = base::address_from_number(0x07e4);
const auto kKey = U256{0x1234}.to_hash();

/// Precompiles of a host: 0xabcd gives up the whole run.
class GivingUp final : public Precompiles {
public:
    bool has(const Address& a) const override { return a == base::address_from_number(0xabcd); }
    evm::PrecompileResult run(const evm::Message&, evm::Host&) override {
        return {evm::Status::abandoned, 0, {}};
    }
};

class ExecuteBlockTest : public testing::Test {
protected:
    ExecuteBlockTest() {
        state::StateChanges changes;
        changes.accounts[sender_].account = state::Account{0, U256{1} << 80, state::kEmptyCodeHash};
        base_.apply(changes);
        header_.number = 1;
        header_.timestamp = 12;
        header_.coinbase = kCoinbase;
        header_.gas_limit = 100'000;
        header_.base_fee = 10;
        header_.excess_blob_gas = 0;
    }

    Transaction transfer(std::uint64_t nonce) const {
        Transaction t;
        t.type = TransactionType::dynamic_fee;
        t.chain_id = rules_.chain_id;
        t.nonce = nonce;
        t.gas_limit = 50'000;
        t.max_fee_per_gas = 12;
        t.max_priority_fee_per_gas = 5;
        t.to = kRecipient;
        t.value = 1'000;
        return t;
    }

    Address sender_ = crypto::address_of(kKey).value();
    RuleSet rules_ = valence_rules();
    Header header_;
    state::MemoryState base_;
    state::JournaledState state_{base_};
    NoBlockHashes hashes_;
};

TEST_F(ExecuteBlockTest, TransferPaysRecipientAndTipAndBurnsTheBaseFee) {
    BlockExecution block{rules_, header_, state_, hashes_};
    block.begin();
    const auto executed = block.execute(transfer(0), sender_);
    ASSERT_TRUE(executed.has_value()) << executed.error().message();
    EXPECT_EQ(executed.value().gas_used, 21'000u);
    EXPECT_EQ(executed.value().effective_gas_price, U256{12});
    EXPECT_EQ(state_.balance(kRecipient), U256{1'000});
    EXPECT_EQ(state_.balance(kCoinbase), U256{2 * 21'000});
    EXPECT_EQ(state_.balance(sender_), (U256{1} << 80) - U256{1'000 + 12 * 21'000});
    EXPECT_EQ(state_.nonce(sender_), 1u);
}

TEST_F(ExecuteBlockTest, RefusedTransactionsLeaveTheBlockAsItWas) {
    BlockExecution block{rules_, header_, state_, hashes_};
    block.begin();
    EXPECT_EQ(block.execute(transfer(1), sender_).error(), Error{ChainError::nonce_too_high});
    EXPECT_TRUE(state_.changes().accounts.empty());
    ASSERT_TRUE(block.execute(transfer(0), sender_).has_value());
    ASSERT_TRUE(block.execute(transfer(1), sender_).has_value());
    auto large = transfer(2);
    large.gas_limit = 58'001;
    EXPECT_EQ(block.execute(large, sender_).error(), Error{ChainError::gas_above_block_limit});
    const auto result = block.finish(Block{header_, {}, {}, std::vector<Withdrawal>{}});
    EXPECT_EQ(result.value().gas_used, 42'000u);
    EXPECT_EQ(result.value().receipts.at(1).cumulative_gas_used, 42'000u);
    EXPECT_EQ(requests_hash(*result.value().requests), kEmptyRequestsHash);
}

TEST_F(ExecuteBlockTest, AbandonedTransactionsLeaveNoTrace) {
    GivingUp precompiles;
    BlockExecution block{rules_, header_, state_, hashes_, &precompiles};
    block.begin();
    auto t = transfer(0);
    t.to = base::address_from_number(0xabcd);
    EXPECT_EQ(block.execute(t, sender_).error(), Error{ChainError::transaction_abandoned});
    EXPECT_TRUE(state_.changes().accounts.empty());
    EXPECT_TRUE(block.execute(transfer(0), sender_).has_value());
}

TEST_F(ExecuteBlockTest, WithdrawalsCreditGwei) {
    BlockExecution block{rules_, header_, state_, hashes_};
    block.begin();
    ASSERT_TRUE(block.finish(Block{header_, {}, {}, {{{0, 0, kOther, 3}}}}).has_value());
    EXPECT_EQ(state_.balance(kOther), U256{3'000'000'000});
}

// EIP-7702: the authority's code becomes a delegation and its nonce rises; 12,500 gas come back for one that
// existed.
TEST_F(ExecuteBlockTest, AuthorizationsDelegate) {
    Authorization a{U256{rules_.chain_id}, kOther, 1, 0, {}, {}};
    const auto signature = crypto::sign(authorization_signing_hash(a), kKey).value();
    a.y_parity = signature.y_odd ? 1 : 0;
    a.r = signature.r;
    a.s = signature.s;
    auto t = transfer(0);
    t.type = TransactionType::set_code;
    t.authorizations = {a};
    BlockExecution block{rules_, header_, state_, hashes_};
    block.begin();
    const auto executed = block.execute(t, sender_);
    ASSERT_TRUE(executed.has_value()) << executed.error().message();
    EXPECT_EQ(executed.value().gas_used_before_refund, 46'000u);
    EXPECT_EQ(executed.value().gas_used, 46'000u - 46'000u / 5);
    EXPECT_EQ(state_.nonce(sender_), 2u);
    EXPECT_EQ(delegation_target(*state_.code(sender_)), kOther);
}

TEST_F(ExecuteBlockTest, SimulationsNeedNoNonceAndNoFee) {
    auto t = transfer(99);
    t.max_fee_per_gas = t.max_priority_fee_per_gas = {};
    const auto environment = block_environment(rules_, header_, hashes_);
    ExecutionOptions options;
    options.checks = Checks::simulation;
    const auto result = execute_transaction(environment, state_, t, sender_, options);
    ASSERT_TRUE(result.has_value()) << result.error().message();
    EXPECT_EQ(state_.balance(kRecipient), U256{1'000});
    EXPECT_EQ(state_.balance(kCoinbase), U256{});
}

// A sender who cannot pay for blobs is refused, or pays nothing where no cap was given: what a simulation
// spends is always there.
TEST_F(ExecuteBlockTest, SimulatedBlobsAreFreeWithoutACapAndRefusedBelowThePrice) {
    constexpr auto kPoor = base::address_from_number(0x9009);
    auto environment = block_environment(rules_, header_, hashes_);
    environment.context.blob_base_fee = U256{1} << 100;
    ExecutionOptions options;
    options.checks = Checks::simulation;
    for (const auto type : {TransactionType::blob, TransactionType::set_code}) {
        auto t = transfer(0);
        t.type = type;
        t.value = {};
        t.max_fee_per_gas = t.max_priority_fee_per_gas = {};
        t.blob_hashes = {Hash{}};
        t.blob_hashes[0][0] = 1;
        const auto free = execute_transaction(environment, state_, t, kPoor, options);
        ASSERT_TRUE(free.has_value()) << free.error().message();
        EXPECT_EQ(state_.balance(kPoor), U256{});
        t.max_fee_per_blob_gas = 1;
        EXPECT_EQ(execute_transaction(environment, state_, t, sender_, options).error(),
                  Error{ChainError::blob_fee_cap_too_low});
    }
}

}  // namespace
}  // namespace valence::chain
