#include "valence/codec/gzip.hpp"

#include <gtest/gtest.h>

namespace valence::codec {
namespace {

constexpr std::size_t kPlenty = std::size_t{1} << 20;

Bytes pattern(std::size_t size) {
    Bytes bytes(size);
    for (std::size_t i = 0; i < size; ++i)
        bytes[i] = static_cast<std::uint8_t>(i * i >> 3);
    return bytes;
}

TEST(Gzip, GivesBackWhatWasPacked) {
    for (const std::size_t size : {0, 1, 1000, 65'535, 65'536, 65'537, 300'000}) {
        const auto data = pattern(size);
        const auto packed = gzip(data);
        EXPECT_TRUE(is_gzip(packed));
        const auto unpacked = gunzip(packed, kPlenty);
        ASSERT_TRUE(unpacked) << size;
        EXPECT_EQ(unpacked.value(), data);
    }
}

TEST(Gzip, UnpacksWhatAnotherProgramPacked) {
    // printf valence | gzip -n
    const auto packed = base::from_hex("1f8b08000000000000032b4bcc49cd4b4e0500743007b007000000");
    ASSERT_TRUE(packed);
    EXPECT_EQ(gunzip(*packed, kPlenty).value(), base::to_bytes(base::as_bytes("valence")));
}

TEST(Gzip, RefusesMoreThanIsAllowed) {
    const auto packed = gzip(Bytes(300'000, 0));
    EXPECT_TRUE(gunzip(packed, 300'000));
    EXPECT_EQ(gunzip(packed, 299'999).error().code, make_error_code(GzipError::too_large));
}

TEST(Gzip, RefusesWhatIsCutShort) {
    const auto packed = gzip(pattern(1000));
    for (std::size_t size = 0; size < packed.size(); ++size) {
        EXPECT_EQ(gunzip(BytesView(packed).first(size), kPlenty).error().code,
                  make_error_code(GzipError::truncated))
            << size;
    }
}

TEST(Gzip, RefusesOtherBytes) {
    auto packed = gzip(pattern(1000));
    packed.push_back(0);
    EXPECT_EQ(gunzip(packed, kPlenty).error().code, make_error_code(GzipError::malformed));
    packed.pop_back();
    packed[packed.size() - 8] ^= 1;  // the checksum
    EXPECT_EQ(gunzip(packed, kPlenty).error().code, make_error_code(GzipError::malformed));
    EXPECT_EQ(gunzip(base::as_bytes("{\"accounts\":{}}"), kPlenty).error().code,
              make_error_code(GzipError::malformed));
}

}  // namespace
}  // namespace valence::codec
