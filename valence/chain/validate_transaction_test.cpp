#include "valence/chain/validate_transaction.hpp"

#include <gtest/gtest.h>

#include "valence/chain/intrinsic_gas.hpp"

namespace valence::chain {
namespace {

using evm::Revision;

constexpr auto kSender = base::address_from_number(0x5e4d);

Transaction valid() {
    Transaction t;
    t.type = TransactionType::dynamic_fee;
    t.chain_id = 1;
    t.gas_limit = 100'000;
    t.max_fee_per_gas = 100;
    t.max_priority_fee_per_gas = 1;
    t.to = base::address_from_number(1);
    return t;
}

struct Case {
    const char* name;
    void (*change)(Transaction&);
    ChainError error;
    Revision revision = Revision::osaka;
};

TEST(ValidateTransaction, EachRuleHasItsError) {
    const Case cases[] = {
        {"type before its fork", [](auto&) {}, ChainError::transaction_type_unsupported, Revision::berlin},
        {"chain id", [](auto& t) { t.chain_id = 2; }, ChainError::chain_id_mismatch},
        {"high s (EIP-2)", [](auto& t) { t.signature.s = crypto::kSecp256k1Order - U256{1}; },
         ChainError::signature_invalid},
        {"nonce (EIP-2681)", [](auto& t) { t.nonce = ~0ULL; }, ChainError::nonce_at_maximum},
        {"tip", [](auto& t) { t.max_priority_fee_per_gas = 101; }, ChainError::tip_above_fee_cap},
        {"gas", [](auto& t) { t.gas_limit = 20'999; }, ChainError::intrinsic_gas_too_low},
        {"floor (EIP-7623)",
         [](auto& t) {
             t.data = Bytes(1'000, 1);
             t.gas_limit = 21'000 + 16'000;
         },
         ChainError::floor_data_gas_too_low},
        {"init code (EIP-3860)",
         [](auto& t) {
             t.to.reset();
             t.data = Bytes(49'153);
             t.gas_limit = 10'000'000;
         },
         ChainError::init_code_too_large},
        {"cap (EIP-7825)", [](auto& t) { t.gas_limit = (1 << 24) + 1; },
         ChainError::gas_above_transaction_cap},
        {"no blobs", [](auto& t) { t.type = TransactionType::blob; }, ChainError::blob_hashes_missing},
        {"blob version",
         [](auto& t) {
             t.type = TransactionType::blob;
             t.blob_hashes = {Hash{}};
         },
         ChainError::blob_hash_version},
        {"too many blobs (EIP-7594)",
         [](auto& t) {
             t.type = TransactionType::blob;
             t.blob_hashes.resize(7);
         },
         ChainError::too_many_blobs},
        {"no authorizations", [](auto& t) { t.type = TransactionType::set_code; },
         ChainError::authorization_list_empty},
        {"set code to nothing",
         [](auto& t) {
             t.type = TransactionType::set_code;
             t.to.reset();
         },
         ChainError::set_code_creates_contract},
    };
    for (const auto& c : cases) {
        auto t = valid();
        c.change(t);
        const auto result = validate_transaction(rules_of_revision(c.revision), c.revision, t, 6);
        ASSERT_FALSE(result.has_value()) << c.name;
        EXPECT_EQ(result.error(), Error{c.error}) << c.name << ": " << result.error().message();
    }
    EXPECT_TRUE(
        validate_transaction(rules_of_revision(Revision::osaka), Revision::osaka, valid(), 6).has_value());
}

TEST(ValidateTransaction, OurChainRefusesBlobs) {
    auto t = valid();
    t.type = TransactionType::blob;
    t.chain_id = 1986;
    EXPECT_EQ(validate_transaction(valence_rules(), Revision::osaka, t, 6).error(),
              Error{ChainError::blob_transactions_refused});
}

TEST(ValidateTransaction, SenderMustHaveNonceFundsAndNoCode) {
    auto t = valid();
    t.nonce = 5;
    t.value = 7;
    const state::Account rich{5, U256{1} << 100, state::kEmptyCodeHash};
    EXPECT_TRUE(validate_sender(t, kSender, rich, {}).has_value());
    EXPECT_EQ(validate_sender(t, kSender, {6, rich.balance, {}}, {}).error().message(),
              "nonce too low: next nonce 6, tx nonce 5");
    EXPECT_EQ(validate_sender(t, kSender, {4, rich.balance, {}}, {}).error(),
              Error{ChainError::nonce_too_high});
    EXPECT_EQ(validate_sender(t, kSender, {5, U256{10'000'006}, {}}, {}).error().message(),
              "insufficient funds for gas * price + value: address "
              "0x0000000000000000000000000000000000005e4D have 10000006 want 10000007");
    EXPECT_EQ(validate_sender(t, kSender, rich, Bytes{1}).error(), Error{ChainError::sender_has_code});
    auto delegation = Bytes{0xef, 0x01, 0x00};
    delegation.resize(23);
    EXPECT_TRUE(validate_sender(t, kSender, rich, delegation).has_value());
}

TEST(ValidateTransaction, CostThatOverflowsIsNeverCovered) {
    auto t = valid();
    t.max_fee_per_gas = U256::max();
    EXPECT_EQ(maximum_cost(t), std::nullopt);
    EXPECT_EQ(validate_sender(t, kSender, {0, U256::max(), {}}, {}).error(),
              Error{ChainError::insufficient_funds});
}

TEST(ValidateTransaction, FeeCapMustCoverTheBaseFee) {
    EXPECT_TRUE(validate_fees(valid(), kSender, {100, 0}).has_value());
    EXPECT_EQ(validate_fees(valid(), kSender, {101, 0}).error(), Error{ChainError::fee_cap_below_base_fee});
}

TEST(IntrinsicGas, FollowsTheForks) {
    auto t = valid();
    t.data = {0, 1};
    EXPECT_EQ(intrinsic_gas(t, Revision::frontier).cost, 21'000u + 4 + 68);
    EXPECT_EQ(intrinsic_gas(t, Revision::istanbul).cost, 21'000u + 4 + 16);
    EXPECT_EQ(intrinsic_gas(t, Revision::cancun).floor, 0u);
    EXPECT_EQ(intrinsic_gas(t, Revision::prague).floor, 21'000u + 10 + 40);
    t.access_list = {{kSender, {Hash{}}}};
    EXPECT_EQ(intrinsic_gas(t, Revision::berlin).cost, 21'020u + 2'400 + 1'900);
    t.to.reset();
    EXPECT_EQ(intrinsic_gas(t, Revision::shanghai).cost, 21'020u + 4'300 + 32'000 + 2);
}

}  // namespace
}  // namespace valence::chain
