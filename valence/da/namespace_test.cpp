#include "valence/da/namespace.hpp"

#include <gtest/gtest.h>

namespace valence::da {
namespace {

Bytes with(std::uint8_t version, std::size_t zeros, std::uint8_t rest) {
    Bytes bytes(Namespace::kSize, rest);
    std::fill_n(bytes.begin() + 1, zeros, std::uint8_t{0});
    bytes[0] = version;
    return bytes;
}

TEST(Namespace, VersionZeroLeavesTenBytesToItsUser) {
    EXPECT_TRUE(parse_namespace(with(0, 18, 7)));
    EXPECT_FALSE(parse_namespace(with(0, 17, 7)));
}

TEST(Namespace, OtherVersionsAreNotKnown) {
    EXPECT_TRUE(parse_namespace(with(255, 0, 7)));
    EXPECT_FALSE(parse_namespace(with(1, 28, 7)));
    EXPECT_FALSE(parse_namespace(with(254, 0, 7)));
}

TEST(Namespace, HasTwentyNineBytes) {
    EXPECT_FALSE(parse_namespace(Bytes(28)));
    EXPECT_FALSE(parse_namespace(Bytes(30)));
}

TEST(Namespace, BlobsGoToNamespacesThatAreNotReserved) {
    EXPECT_FALSE(user_namespace(Bytes{0xff}));
    EXPECT_TRUE(user_namespace(Bytes{1, 0}));
    EXPECT_FALSE(user_namespace(Bytes(11, 1)));
    for (const auto& reserved : {kTransactionNamespace, kPayForBlobNamespace, kReservedPaddingNamespace,
                                 kTailPaddingNamespace, kParityNamespace, kFirstSecondaryNamespace}) {
        EXPECT_TRUE(is_reserved(reserved));
        EXPECT_FALSE(check_blob_namespace(reserved));
    }
    // Of the protocol's version, if not among those it uses.
    EXPECT_FALSE(check_blob_namespace(base::from_exact<Namespace>(with(255, 28, 0))));
}

TEST(Namespace, IsOrderedAsBytes) {
    EXPECT_LT(kTransactionNamespace, kPayForBlobNamespace);
    EXPECT_LT(kReservedPaddingNamespace, user_namespace(Bytes{1, 0}).value());
    EXPECT_LT(user_namespace(Bytes(10, 0xff)).value(), kTailPaddingNamespace);
    EXPECT_LT(kTailPaddingNamespace, kParityNamespace);
}

}  // namespace
}  // namespace valence::da
