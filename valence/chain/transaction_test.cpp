#include "valence/chain/transaction.hpp"

#include <gtest/gtest.h>

namespace valence::chain {
namespace {

Transaction sample(TransactionType type) {
    Transaction t;
    t.type = type;
    t.chain_id = 1986;
    t.nonce = 9;
    t.max_fee_per_gas = 20'000'000'000;
    t.max_priority_fee_per_gas = t.has_dynamic_fee() ? U256{3} : t.max_fee_per_gas;
    t.gas_limit = 21'000;
    t.to = base::address_from_number(0x3535);
    t.value = U256{1} << 60;
    t.data = {1, 2, 3};
    if (type != TransactionType::legacy)
        t.access_list = {{base::address_from_number(7), {Hash{}, U256{5}.to_hash()}}};
    if (type == TransactionType::blob) {
        t.max_fee_per_blob_gas = 11;
        t.blob_hashes = {U256{1}.to_hash()};
    }
    if (type == TransactionType::set_code) t.authorizations = {{1, base::address_from_number(8), 2, 1, 3, 4}};
    return t;
}

TEST(Transaction, EveryTypeRoundTripsAndRecoversItsSigner) {
    const auto key = U256{0x4646}.to_hash();
    for (const auto type : {TransactionType::legacy, TransactionType::access_list,
                            TransactionType::dynamic_fee, TransactionType::blob, TransactionType::set_code}) {
        auto t = sample(type);
        sign_transaction(t, key);
        const auto bytes = encode_transaction(t);
        EXPECT_EQ(decode_transaction(bytes).value(), t);
        EXPECT_EQ(recover_sender(t).value(), crypto::address_of(key));
    }
}

// The example of EIP-155.
TEST(Transaction, Eip155Example) {
    Transaction t;
    t.chain_id = 1;
    t.nonce = 9;
    t.max_fee_per_gas = t.max_priority_fee_per_gas = 20'000'000'000;
    t.gas_limit = 21'000;
    t.to = "0x3535353535353535353535353535353535353535"_address;
    t.value = 1'000'000'000'000'000'000;
    EXPECT_EQ(signing_hash(t), "0xdaf5a779ae972f972197303d7b574746c7ef83eadac0f2791ad23db92e4c8e53"_hash);
    sign_transaction(t, "0x4646464646464646464646464646464646464646464646464646464646464646"_hash);
    EXPECT_EQ(t.v(), U256{37});
    EXPECT_EQ(recover_sender(t).value(), "0x9d8a62f656a8d1615c1294fd71e9cfb3e4855a4f"_address);
}

TEST(Transaction, MalformedBytesAreRefused) {
    EXPECT_EQ(decode_transaction({}).error(), Error{ChainError::transaction_malformed});
    EXPECT_EQ(decode_transaction(Bytes{0x00, 0xc0}).error(), Error{ChainError::transaction_type_unsupported});
    EXPECT_EQ(decode_transaction(Bytes{0x05, 0xc0}).error(), Error{ChainError::transaction_type_unsupported});
    EXPECT_EQ(decode_transaction(Bytes{0x02, 0xc0}).error(), Error{codec::RlpError::too_few_items});
    EXPECT_EQ(decode_transaction(Bytes{0xc0}).error(), Error{codec::RlpError::too_few_items});
    // v is 27, r and s are 0: it would be written with another v.
    const Bytes unsigned_legacy{0xc9, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x1b, 0x80, 0x80};
    EXPECT_EQ(decode_transaction(unsigned_legacy).error(), Error{ChainError::signature_invalid});
}

TEST(Transaction, EffectivePriceIsBaseFeePlusTipUpToTheCap) {
    auto t = sample(TransactionType::dynamic_fee);
    EXPECT_EQ(effective_gas_price(t, 100), U256{103});
    EXPECT_EQ(effective_gas_price(t, t.max_fee_per_gas - U256{1}), t.max_fee_per_gas);
    EXPECT_EQ(effective_gas_price(sample(TransactionType::legacy), 100), t.max_fee_per_gas);
}

TEST(Transaction, CreationAddressDependsOnSenderAndNonce) {
    EXPECT_EQ(creation_address("0x6ac7ea33f8831ea9dcc53393aaa88b25a785dbf0"_address, 1),
              "0x343c43a37d37dff08ae8c4a11544c718abb4fcf8"_address);
}

}  // namespace
}  // namespace valence::chain
