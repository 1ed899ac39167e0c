#include "valence/chain/system/system_transaction.hpp"

#include <gtest/gtest.h>

#include "valence/base/hex.hpp"
#include "valence/chain/inference/call_abi.hpp"

namespace valence::chain {
namespace {

Header block(std::uint64_t number) {
    Header header;
    header.number = number;
    header.gas_limit = 30'000'000;
    return header;
}

const DaHeader kHeader{42, "0xabababababababababababababababababababababababababababababababab"_hash,
                       1'700'000'246};

/// Made by viem's serialiser for OP Stack deposits.
TEST(SystemTransaction, EncodingIsThatOfADeposit) {
    const auto info = da_info_transaction(block(7), kHeader).transaction;
    EXPECT_EQ(base::to_hex_prefixed(info.source_hash),
              "0x7bba9b399b47387de6ad269966f0dce4f0c9a9704fd92a57c24954ea093d5f78");
    EXPECT_EQ(base::to_hex(encode_transaction(info)),
              "7ef8b8a07bba9b399b47387de6ad269966f0dce4f0c9a9704fd92a57c24954ea093d5f78"
              "94fffffffffffffffffffffffffffffffffffffffe"
              "945600000000000000000000000000000000000007"
              "8080830f424080b864e735c223"
              "000000000000000000000000000000000000000000000000000000000000002a"
              "abababababababababababababababababababababababababababababababab"
              "000000000000000000000000000000000000000000000000000000006553f1f6");
    EXPECT_EQ(base::to_hex_prefixed(transaction_hash(info)),
              "0x819051e5912f6db905c9d476c2e113c868e3fa8b4c27c47aad82814282169680");

    const auto delivery = delivery_transaction(block(7), {5, 1'234'567, 1'000'000, 3}).transaction;
    EXPECT_EQ(base::to_hex(encode_transaction(delivery)),
              "7ef877a047b880e88b122399bdd06b0a10060da537af1d8e635fbf6bb5778f998009cc02"
              "94fffffffffffffffffffffffffffffffffffffffe"
              "945600000000000000000000000000000000000006"
              "80808312d68780a43bd5d173"
              "0000000000000000000000000000000000000000000000000000000000000005");
}

TEST(SystemTransaction, SelectorsAreTheContracts) {
    const auto starts_with = [](BytesView data, std::string_view signature) {
        const auto selector = selector_of(signature);
        return data[0] == selector >> 24 && data[1] == (selector >> 16 & 0xff) &&
               data[2] == (selector >> 8 & 0xff) && data[3] == (selector & 0xff);
    };
    const Delivery delivery{5, 100, 100, 3};
    EXPECT_TRUE(starts_with(encode_next_call(), "next()"));
    EXPECT_TRUE(starts_with(delivery_transaction(block(7), delivery).transaction.data, "deliver(uint256)"));
    EXPECT_TRUE(starts_with(drop_transaction(block(7), delivery).transaction.data, "drop(uint256)"));
}

TEST(SystemTransaction, NoTwoAreEqualAndWhatWaitsAsksForTheSameJobs) {
    const Delivery delivery{5, 100, 100, 3};
    std::set<Hash> hashes;
    for (const std::uint64_t number : {7u, 8u}) {
        hashes.insert(transaction_hash(da_info_transaction(block(number), kHeader).transaction));
        hashes.insert(transaction_hash(delivery_transaction(block(number), delivery).transaction));
        hashes.insert(transaction_hash(drop_transaction(block(number), delivery).transaction));
        hashes.insert(transaction_hash(delivery_transaction(block(number), {6, 100, 100, 3}).transaction));
    }
    EXPECT_EQ(hashes.size(), 8u);
    const auto salt = [&](std::uint64_t number, const Delivery& d) {
        return delivery_transaction(block(number), d).salt_source;
    };
    EXPECT_EQ(salt(7, delivery), salt(8, delivery));
    EXPECT_NE(salt(7, delivery), salt(7, {5, 100, 100, 4}));
    EXPECT_NE(salt(7, delivery), salt(7, {6, 100, 100, 3}));
}

TEST(SystemTransaction, ComesInBlocksOnly) {
    Block holder;
    holder.header = block(7);
    holder.transactions = {da_info_transaction(block(7), kHeader).transaction};
    const auto encoded = encode_transaction(holder.transactions[0]);
    EXPECT_EQ(decode_transaction(encoded).error(), Error{ChainError::transaction_type_unsupported});
    const auto decoded = decode_block(encode_block(holder));
    ASSERT_TRUE(decoded) << decoded.error().message();
    EXPECT_EQ(decoded.value().transactions, holder.transactions);
    EXPECT_EQ(referred_da_header(holder).value(), kHeader);
    EXPECT_EQ(referred_da_header({}).error(), Error{ChainError::system_transaction_missing});
}

/// Mint, behind source hash, sender and recipient; the flag, behind value and gas.
TEST(SystemTransaction, NothingIsMintedAndAllGasCounts) {
    const auto encoded = encode_transaction(da_info_transaction(block(7), kHeader).transaction);
    for (const std::size_t place : {std::size_t{78}, std::size_t{84}}) {
        auto other = encoded;
        ASSERT_EQ(other[place], 0x80) << place;
        other[place] = 0x01;
        const auto decoded = decode_transaction_item({codec::RlpItem::Kind::string, other, other});
        ASSERT_FALSE(decoded);
        EXPECT_EQ(decoded.error(), Error{ChainError::transaction_malformed});
    }
}

TEST(SystemTransaction, ReceiptEndsWithNonceAndVersion) {
    Receipt receipt;
    receipt.type = TransactionType::system;
    receipt.cumulative_gas_used = 0xb5d5;
    receipt.deposit_nonce = 9;
    const auto encoded = encode_receipt(receipt);
    // 0x7e, list of 266 bytes: status, gas, 256 bytes of bloom behind b90100, no logs, nonce, version.
    EXPECT_EQ(base::to_hex(BytesView{encoded}.first(11)), "7ef9010a0182b5d5b90100");
    EXPECT_EQ(base::to_hex(BytesView{encoded}.last(3)), "c00901");
    EXPECT_EQ(decode_receipt(encoded).value(), receipt);
    auto cut = encoded;
    cut.resize(cut.size() - 1);
    EXPECT_FALSE(decode_receipt(cut));
}

TEST(SystemTransaction, OnlySensibleAnswersNameADelivery) {
    const auto answer = [](std::initializer_list<U256> words) {
        Bytes out;
        for (const auto& word : words)
            base::append(out, word.to_hash());
        return out;
    };
    EXPECT_EQ(decode_next_answer(answer({5, 100, 90, 3})), (Delivery{5, 100, 90, 3}));
    EXPECT_FALSE(decode_next_answer(answer({0, 0, 0, 0})));
    EXPECT_FALSE(decode_next_answer(answer({5, 100, 101, 3})));
    EXPECT_FALSE(decode_next_answer(answer({5, U256{1} << 64, 90, 3})));
    EXPECT_FALSE(decode_next_answer(answer({5, 100, 90})));
    EXPECT_FALSE(decode_next_answer({}));
}

}  // namespace
}  // namespace valence::chain
