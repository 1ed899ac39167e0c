#include "valence/chain/block.hpp"

#include <gtest/gtest.h>

namespace valence::chain {
namespace {

TEST(Block, HeadersOfEveryForkRoundTrip) {
    Header h;
    h.number = 5;
    h.extra_data = {1, 2, 3};
    const auto check = [&] { EXPECT_EQ(decode_header(encode_header(h)).value(), h); };
    check();
    h.base_fee = 7;
    check();
    h.withdrawals_root = Hash{};
    check();
    h.blob_gas_used = 0;
    h.excess_blob_gas = 1;
    h.parent_beacon_block_root = Hash{};
    check();
    h.requests_hash = kEmptyRequestsHash;
    check();
}

TEST(Block, BodiesRoundTrip) {
    Block block;
    Transaction t;
    t.type = TransactionType::dynamic_fee;
    t.chain_id = 1;
    block.transactions = {t};
    block.ommers = {Header{}};
    EXPECT_EQ(decode_block(encode_block(block)).value(), block);
    block.withdrawals = {{1, 2, base::address_from_number(3), 4}};
    EXPECT_EQ(decode_block(encode_block(block)).value(), block);
}

TEST(Block, MainnetGenesisHash) {
    const auto bytes = base::from_hex(
        "f90214a00000000000000000000000000000000000000000000000000000000000000000a01dcc4de8dec75d7aab85b567b6"
        "ccd41ad312"
        "451b948a7413f0a142fd40d49347940000000000000000000000000000000000000000a0d7f8974fb5ac78d9ac099b9ad501"
        "8bedc2ce0a"
        "72dad1827a1709da30580f0544a056e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421a056e81f"
        "171bcc55a6"
        "ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421b90100" +
        std::string(512, '0') +
        "850400000000808213888080a011bbe8db4e347b4e8c937c1c8370e4b5ed33adb3db69cbdb7a38e1e50b1b82faa000000000"
        "0000000000"
        "0000000000000000000000000000000000000000000000880000000000000042");
    EXPECT_EQ(header_hash(decode_header(bytes.value()).value()),
              "0xd4e56740f876aef8c010b86a40d5f56745a118d0906a34e69aec8c0db1cb8fa3"_hash);
}

TEST(Receipt, RoundTripsWithStatusAndWithRoot) {
    Receipt r;
    r.type = TransactionType::set_code;
    r.cumulative_gas_used = 21'000;
    r.logs = {{base::address_from_number(1), {Hash{}}, {1, 2}}};
    r.bloom = logs_bloom(r.logs);
    EXPECT_TRUE(r.bloom.may_contain(base::address_from_number(1)));
    EXPECT_FALSE(r.bloom.may_contain(base::address_from_number(2)));
    EXPECT_EQ(decode_receipt(encode_receipt(r)).value(), r);
    r.post_state = Hash{};
    EXPECT_EQ(decode_receipt(encode_receipt(r)).value(), r);
}

}  // namespace
}  // namespace valence::chain
