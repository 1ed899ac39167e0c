#include <gtest/gtest.h>

#include "valence/base/hex.hpp"
#include "valence/chain/chain_error.hpp"
#include "valence/chain/system/da_headers.hpp"
#include "valence/crypto/keccak.hpp"

namespace valence::chain {
namespace {

constexpr std::uint64_t kGenesisTime = 1'700'000'000;
const auto kGenesis = "0x1100000000000000000000000000000000000000000000000000000000000022"_hash;

TEST(DaHeader, CallIsSoliditysEncoding) {
    const DaHeader header{0x1234, kGenesis, 0x65'53'f1'00};
    const auto call = encode_da_info_call(header);
    const auto selector = crypto::keccak256(base::as_bytes("set(uint64,bytes32,uint64)"));
    EXPECT_TRUE(base::equal(BytesView{call}.first(4), BytesView{selector}.first(4)));
    EXPECT_EQ(base::to_hex(BytesView{call}.subspan(4)),
              "0000000000000000000000000000000000000000000000000000000000001234"
              "1100000000000000000000000000000000000000000000000000000000000022"
              "000000000000000000000000000000000000000000000000000000006553f100");
    EXPECT_EQ(decode_da_info_call(call), header);
}

TEST(DaHeader, OtherBytesAreNoCall) {
    const auto call = encode_da_info_call({1, kGenesis, 2});
    EXPECT_FALSE(decode_da_info_call({}));
    EXPECT_FALSE(decode_da_info_call(BytesView{call}.first(call.size() - 1)));
    auto longer = call;
    longer.push_back(0);
    EXPECT_FALSE(decode_da_info_call(longer));
    for (const std::size_t at : {std::size_t{0}, std::size_t{4}, std::size_t{68}}) {
        auto other = call;
        other[at] ^= 1;
        EXPECT_FALSE(decode_da_info_call(other)) << at;
    }
}

TEST(LocalDaHeaders, OneEverySixSecondsSinceGenesis) {
    const LocalDaHeaders headers{kGenesis, kGenesisTime};
    EXPECT_EQ(headers.newest(kGenesisTime).height, 1u);
    EXPECT_EQ(headers.newest(kGenesisTime).time, kGenesisTime);
    EXPECT_EQ(headers.newest(kGenesisTime + 5), headers.newest(kGenesisTime));
    EXPECT_EQ(headers.newest(kGenesisTime + 6).height, 2u);
    EXPECT_EQ(headers.newest(kGenesisTime + 6).time, kGenesisTime + 6);
    EXPECT_NE(headers.newest(kGenesisTime + 6).hash, headers.newest(kGenesisTime).hash);
    EXPECT_EQ(headers.newest(kGenesisTime - 100), headers.newest(kGenesisTime));
    EXPECT_NE(LocalDaHeaders({}, kGenesisTime).newest(kGenesisTime).hash, headers.newest(kGenesisTime).hash);
    EXPECT_GE(headers.newest(~std::uint64_t{0}).height, headers.newest(kGenesisTime + 6).height);
}

TEST(LocalDaHeaders, OnlyTheNewestMayBeReferredTo) {
    const LocalDaHeaders headers{kGenesis, kGenesisTime};
    const auto time = kGenesisTime + 60;
    const auto right = headers.newest(time);
    EXPECT_TRUE(headers.check(right, {}, time));
    const auto refused = [&](DaHeader header) {
        const auto checked = headers.check(header, {}, time);
        return !checked && checked.error() == Error{ChainError::da_header_wrong};
    };
    EXPECT_TRUE(refused(headers.newest(time - 6)));
    EXPECT_TRUE(refused(headers.newest(time + 6)));
    EXPECT_TRUE(refused({right.height, kGenesis, right.time}));
    EXPECT_TRUE(refused({right.height, right.hash, right.time + 1}));
}

TEST(UnseenDaHeaders, AReferenceNeverFallsAndTimeStaysNear) {
    LayerRules rules;
    rules.drift = 60;
    const UnseenDaHeaders headers{rules};
    const DaHeader before{10, kGenesis, kGenesisTime};
    const DaHeader later{11, {}, kGenesisTime + 6};
    EXPECT_TRUE(headers.check(before, before, kGenesisTime));
    EXPECT_TRUE(headers.check(later, before, kGenesisTime + 66));
    const auto refused = [&](const DaHeader& header, std::uint64_t timestamp) {
        const auto checked = headers.check(header, before, timestamp);
        return !checked && checked.error() == Error{ChainError::da_header_wrong};
    };
    EXPECT_TRUE(refused(later, kGenesisTime + 67));
    EXPECT_TRUE(refused({9, {}, kGenesisTime}, kGenesisTime));
    EXPECT_TRUE(refused({10, {}, kGenesisTime}, kGenesisTime)) << "the same height, another hash";
    // Time may stay behind the layer's.
    EXPECT_TRUE(headers.check(later, before, kGenesisTime - 1'000));
    EXPECT_FALSE(headers.next(before, kGenesisTime, before.height))
        << "a node that cannot see the layer builds no blocks";
    EXPECT_FALSE(headers.due(0, 100)) << "and cannot know what is due";
}

}  // namespace
}  // namespace valence::chain
