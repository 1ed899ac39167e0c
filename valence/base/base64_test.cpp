#include "valence/base/base64.hpp"

#include <gtest/gtest.h>

#include "valence/base/base.hpp"

namespace valence::base {
namespace {

struct Pair {
    std::string_view bytes;
    std::string_view text;
};

/// RFC 4648, section 10.
constexpr Pair kPairs[] = {{"", ""},
                           {"f", "Zg=="},
                           {"fo", "Zm8="},
                           {"foo", "Zm9v"},
                           {"foob", "Zm9vYg=="},
                           {"fooba", "Zm9vYmE="},
                           {"foobar", "Zm9vYmFy"}};

TEST(Base64, EncodesAndDecodesTheExamplesOfItsStandard) {
    for (const auto& [bytes, text] : kPairs) {
        EXPECT_EQ(to_base64(as_bytes(bytes)), text);
        const auto decoded = from_base64(text);
        ASSERT_TRUE(decoded) << text;
        EXPECT_EQ(as_text(*decoded), bytes);
    }
}

TEST(Base64, EveryByteSurvives) {
    Bytes bytes(256);
    for (std::size_t i = 0; i < 256; ++i)
        bytes[i] = static_cast<std::uint8_t>(i);
    EXPECT_EQ(from_base64(to_base64(bytes)), bytes);
}

TEST(Base64, RefusesWhatNoEncoderWrites) {
    for (const auto* text : {"Zg", "Zg=", "Zg===", "Z===", "====", "Zh==", "Zm9=", "Zm 9", "Zm9v\n",
                             "Zg==Zg==", "Zm-v", "=m9v"}) {
        EXPECT_FALSE(from_base64(text)) << text;
    }
}

}  // namespace
}  // namespace valence::base
