#include "valence/codec/rlp.hpp"

#include <gtest/gtest.h>

namespace valence::codec {
namespace {

Bytes hex(std::string_view text) { return base::from_hex(text).value(); }

TEST(Rlp, IntegersEncodeWithoutLeadingZeros) {
    const std::vector<std::pair<std::uint64_t, std::string>> cases{
        {0, "80"}, {1, "01"}, {127, "7f"}, {128, "8180"}, {1024, "820400"}, {~0ULL, "88ffffffffffffffff"}};
    for (const auto& [value, encoding] : cases) {
        EXPECT_EQ(base::to_hex(rlp_encode_u64(value)), encoding);
        EXPECT_EQ(base::to_hex(rlp_encode_u256(value)), encoding);
        EXPECT_EQ(rlp_u64(rlp_only(hex(encoding)).value().payload).value(), value);
    }
}

TEST(Rlp, StringsAndListsChangeFormAt56Bytes) {
    EXPECT_EQ(rlp_encode_bytes(Bytes(55, 1))[0], 0x80 + 55);
    EXPECT_EQ(base::to_hex(BytesView{rlp_encode_bytes(Bytes(56, 1))}.first(2)), "b838");
    EXPECT_EQ(base::to_hex(BytesView{rlp_encode_bytes(Bytes(256, 1))}.first(3)), "b90100");
    RlpWriter w;
    w.list([&] { w.bytes(Bytes(55, 1)); });
    EXPECT_EQ(base::to_hex(BytesView{w.view()}.first(3)), "f838b7");
}

TEST(Rlp, NestedListsCloseInsideOut) {
    RlpWriter w;
    w.list([&] {
        w.list([] {});
        w.list([&] { w.list([] {}); });
        w.bytes(base::as_bytes("cat"));
    });
    EXPECT_EQ(base::to_hex(w.take()), "c7c0c1c083636174");
}

TEST(Rlp, NonCanonicalFormsAreRefused) {
    const std::vector<std::pair<std::string, RlpError>> cases{
        {"", RlpError::truncated},          {"8100", RlpError::non_canonical},
        {"b800", RlpError::non_canonical},  {"b90001ff", RlpError::non_canonical},
        {"f800", RlpError::non_canonical},  {"83ffff", RlpError::truncated},
        {"b8", RlpError::truncated},        {"c2c0", RlpError::truncated},
        {"0101", RlpError::trailing_bytes}, {"bfffffffffffffffff", RlpError::truncated}};
    for (const auto& [bytes, error] : cases) {
        const auto result = rlp_only(hex(bytes));
        ASSERT_FALSE(result.has_value()) << bytes;
        EXPECT_EQ(result.error(), Error{error}) << bytes;
    }
}

TEST(Rlp, NestingIsBounded) {
    EXPECT_TRUE(rlp_check(hex("c2c1c0"), 3).has_value());
    EXPECT_EQ(rlp_check(hex("c2c1c0"), 2).error(), Error{RlpError::too_deep});
}

TEST(Rlp, ReaderNamesWhatIsWrong) {
    const auto bytes = hex("820001c0");
    RlpReader reader{bytes};
    EXPECT_EQ(reader.u64().error(), Error{RlpError::leading_zero});
    EXPECT_EQ(reader.u64().error(), Error{RlpError::expected_string});
    EXPECT_EQ(reader.u64().error(), Error{RlpError::too_few_items});
    EXPECT_TRUE(reader.finish().has_value());
}

}  // namespace
}  // namespace valence::codec
