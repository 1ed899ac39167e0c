#include "valence/da/square/square.hpp"

#include <gtest/gtest.h>

#include "valence/da/da_error.hpp"
#include "valence/da/square/compact_shares.hpp"
#include "valence/da/square/pay_for_blobs.hpp"
#include "valence/da/testing/random_data.hpp"

namespace valence::da {
namespace {

using testing::Random;

TEST(Shares, OfABlobGiveItBack) {
    Random random{1};
    for (std::size_t size : {1, 457, 458, 459, 477, 478, 479, 939, 940, 941, 960, 961, 5000}) {
        for (int i = 0; i < 4; ++i) {
            const auto blob = random.blob(size);
            std::vector<Share> shares;
            append_blob_shares(blob, shares);
            EXPECT_EQ(shares.size(), blob_share_count(size, blob.version));
            const auto read = parse_blobs(shares);
            ASSERT_TRUE(read) << read.error().message();
            ASSERT_EQ(read.value().size(), 1u);
            EXPECT_EQ(read.value()[0].blob, blob);
        }
    }
}

TEST(Shares, CountAsTheSpecificationHasIt) {
    EXPECT_EQ(kFirstCompactContent, 474u);
    EXPECT_EQ(kCompactContent, 478u);
    EXPECT_EQ(kFirstSparseContent, 478u);
    EXPECT_EQ(kSparseContent, 482u);
    EXPECT_EQ(blob_share_count(478, kShareVersionPlain), 1u);
    EXPECT_EQ(blob_share_count(479, kShareVersionPlain), 2u);
    EXPECT_EQ(blob_share_count(458, kShareVersionSigned), 1u);
    EXPECT_EQ(blob_share_count(459, kShareVersionSigned), 2u);
}

TEST(Shares, OfABlobAreRefusedWhenTheyContradictEachOther) {
    Random random{2};
    const Blob blob{random.name(), kShareVersionPlain, random.bytes(1000), {}};
    std::vector<Share> good;
    append_blob_shares(blob, good);
    ASSERT_EQ(good.size(), 3u);
    const auto refused = [&](auto&& change) {
        auto shares = good;
        change(shares);
        return !parse_blobs(shares);
    };
    EXPECT_TRUE(refused([](auto& s) { s.pop_back(); }));           // an end missing
    EXPECT_TRUE(refused([](auto& s) { s.erase(s.begin()); }));     // a beginning missing
    EXPECT_TRUE(refused([](auto& s) { s[1][28] ^= 1; }));          // another namespace within
    EXPECT_TRUE(refused([](auto& s) { s[1][29] |= 1; }));          // a beginning within
    EXPECT_TRUE(refused([](auto& s) { s[0][29] = 2 << 1 | 1; }));  // version 2
    EXPECT_TRUE(refused([](auto& s) { s[2][511] = 1; }));          // bytes behind the end
    EXPECT_TRUE(refused([](auto& s) { s.push_back(s[2]); }));      // a share that continues nothing
    EXPECT_FALSE(refused([](auto& s) { s.push_back(padding_share(share_namespace(s[0]))); }));
}

TEST(CompactShares, OfAnyUnitsGiveThemBack) {
    Random random{3};
    for (int round = 0; round < 300; ++round) {
        std::vector<Bytes> units(random.below(12));
        CompactShareCounter counter;
        for (auto& unit : units) {
            unit = random.bytes(random.below(round % 2 == 0 ? 40 : 1500));
            counter.add(unit.size());
        }
        const auto shares = compact_shares(kTransactionNamespace, units);
        EXPECT_EQ(shares.size(), counter.shares());
        const auto read = parse_compact_shares(shares);
        ASSERT_TRUE(read) << read.error().message();
        EXPECT_EQ(read.value(), units);
    }
}

TEST(CompactShares, SayWhereInThemAUnitBegins) {
    // The first unit fills the first share exactly; the second, all of the second share and more.
    const std::vector<Bytes> units{Bytes(kFirstCompactContent - 2, 1), Bytes(600, 2), Bytes(3, 3)};
    const auto shares = compact_shares(kTransactionNamespace, units);
    ASSERT_EQ(shares.size(), 3u);
    const auto reserved = [](const Share& share, std::size_t at) {
        return share[at + 2] << 8 | share[at + 3];
    };
    EXPECT_EQ(reserved(shares[0], 34), 38);
    EXPECT_EQ(reserved(shares[1], 30), 34);
    EXPECT_EQ(reserved(shares[2], 30), static_cast<int>(34 + 602 - kCompactContent));
    auto wrong = shares;
    wrong[2][33] ^= 1;
    EXPECT_FALSE(parse_compact_shares(wrong));
}

TEST(Layout, RoundsWidthsAndPlacesUp) {
    EXPECT_EQ(square_width_for(0), 1u);
    EXPECT_EQ(square_width_for(4), 2u);
    EXPECT_EQ(square_width_for(5), 4u);
    EXPECT_EQ(subtree_width(64), 1u);
    EXPECT_EQ(subtree_width(65), 2u);
    EXPECT_EQ(subtree_width(3, 1), 2u);  // no wider than the least square of three shares
    EXPECT_EQ(next_blob_index(5, 64), 5u);
    EXPECT_EQ(next_blob_index(5, 65), 6u);
    EXPECT_EQ(next_blob_index(5, 250), 8u);
}

TEST(Square, OfNothingIsOneShareOfPadding) {
    const auto square = build_square({}).value();
    EXPECT_EQ(square.width, 1u);
    EXPECT_EQ(square.shares, std::vector<Share>{padding_share(kTailPaddingNamespace)});
}

TEST(Square, OfAnyTransactionsGivesThemBackAndIsInOrder) {
    Random random{4};
    for (int round = 0; round < 60; ++round) {
        std::vector<Bytes> transactions;
        for (std::size_t i = random.below(5); i > 0; --i)
            transactions.push_back(random.bytes(1 + random.below(1200)));
        for (std::size_t i = random.below(6); i > 0; --i)
            transactions.push_back(
                random.blob_transaction(1 + random.below(3), round % 3 == 0 ? 60'000 : 3000));
        const auto built = build_square(transactions);
        ASSERT_TRUE(built) << built.error().message();
        const auto& square = built.value();
        ASSERT_EQ(square.shares.size(), square.width * square.width);
        EXPECT_TRUE(std::is_sorted(
            square.shares.begin(), square.shares.end(),
            [](const auto& a, const auto& b) { return share_namespace(a) < share_namespace(b); }));
        for (const auto& place : square.blobs) {
            EXPECT_EQ(place.index % subtree_width(place.share_count), 0u);
            EXPECT_TRUE(share_fields(square.shares[place.index]).value().starts_sequence);
        }
        const auto again = square_transactions(square.shares);
        ASSERT_TRUE(again) << again.error().message();
        EXPECT_EQ(again.value(), transactions);
    }
}

TEST(Square, TakesNoPlainTransactionBehindOneWithBlobs) {
    Random random{5};
    const std::vector<Bytes> transactions{random.blob_transaction(1, 100), random.bytes(50)};
    EXPECT_EQ(build_square(transactions).error(), Error{DaError::bad_order});
}

TEST(Square, IsFullWhenTheMostPaddingWouldNotFit) {
    Random random{6};
    const std::vector<Bytes> transactions{random.bytes(470), random.bytes(470), random.bytes(470),
                                          random.bytes(470), random.bytes(470)};
    EXPECT_EQ(build_square(transactions, 2).error(), Error{DaError::square_full});
    EXPECT_EQ(build_square(transactions, 4).value().width, 4u);
}

TEST(BlobTransaction, IsToldFromOthersByItsTypeAndRefusedWithoutBlobs) {
    Random random{7};
    const auto bytes = random.blob_transaction(2, 100);
    const auto parsed = parse_blob_transaction(bytes).value();
    ASSERT_TRUE(parsed);
    EXPECT_EQ(encode_blob_transaction(*parsed), bytes);
    auto other = bytes;
    other.back() ^= 1;  // the type id's last letter
    EXPECT_FALSE(parse_blob_transaction(other).value());
    EXPECT_FALSE(parse_blob_transaction(encode_blob_transaction({Bytes{1}, {}})));
    auto reserved = *parsed;
    reserved.blobs[0].name = kPayForBlobNamespace;
    EXPECT_FALSE(parse_blob_transaction(encode_blob_transaction(reserved)));
    auto unsigned_blob = *parsed;
    unsigned_blob.blobs[0].version = kShareVersionSigned;
    unsigned_blob.blobs[0].signer.reset();
    EXPECT_FALSE(parse_blob_transaction(encode_blob_transaction(unsigned_blob)));
}

TEST(IndexWrapper, SurvivesItsEncoding) {
    const IndexWrapper wrapper{Bytes{1, 2, 3}, {0, 127, 128, 16'384, 262'143}};
    EXPECT_EQ(parse_index_wrapper(encode_index_wrapper(wrapper)).value(), wrapper);
}

TEST(PayForBlobs, SurvivesItsEncodingAndIsOfOneType) {
    Random random{8};
    const PayForBlobs message{
        "celestia1abc", {random.name(), random.name()}, {5, 70'000}, {Hash{}, Hash{}}, {0, 1}};
    const auto bytes = encode_pay_for_blobs(message);
    EXPECT_EQ(parse_pay_for_blobs(bytes).value(), message);
    auto other = bytes;
    other[12] ^= 1;  // within the type's name
    EXPECT_FALSE(parse_pay_for_blobs(other));
}

}  // namespace
}  // namespace valence::da
