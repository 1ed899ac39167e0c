#include "valence/codec/zstd.hpp"

#include <gtest/gtest.h>
#include <zstd.h>

namespace valence::codec {
namespace {

Bytes numbers(std::size_t size) {
    Bytes out(size);
    std::uint32_t state = 1;
    for (auto& byte : out) {
        state = state * 1'664'525 + 1'013'904'223;
        byte = static_cast<std::uint8_t>(state >> 28);
    }
    return out;
}

/// A frame that was made with other parameters than ours.
Bytes framed(BytesView data, std::initializer_list<std::pair<ZSTD_cParameter, int>> parameters) {
    ZSTD_CCtx* context = ZSTD_createCCtx();
    for (const auto& [name, value] : parameters)
        ZSTD_CCtx_setParameter(context, name, value);
    Bytes out(ZSTD_compressBound(data.size()));
    out.resize(ZSTD_compress2(context, out.data(), out.size(), data.data(), data.size()));
    ZSTD_freeCCtx(context);
    return out;
}

TEST(Zstd, UnpacksWhatItPacked) {
    for (const std::size_t size : {0, 1, 1'000, 300'000, 9 << 20}) {
        const auto data = numbers(size);
        const auto packed = zstd(data);
        const auto again = unzstd(packed, size);
        ASSERT_TRUE(again) << size << again.error().message();
        EXPECT_EQ(again.value(), data);
    }
}

TEST(Zstd, RefusesABombBeforeUnpackingIt) {
    const auto bomb = zstd(Bytes(std::size_t{1} << 26));
    EXPECT_LT(bomb.size(), 10'000U);
    EXPECT_EQ(unzstd(bomb, (std::size_t{1} << 26) - 1).error(), Error{ZstdError::too_large});
}

TEST(Zstd, RefusesAFrameThatDoesNotStateItsSize) {
    const auto frame = framed(numbers(100), {{ZSTD_c_contentSizeFlag, 0}});
    EXPECT_EQ(unzstd(frame, 1'000).error(), Error{ZstdError::too_large});
}

TEST(Zstd, RefusesALargeWindow) {
    const auto data = numbers(std::size_t{20} << 20);
    const auto frame = framed(data, {{ZSTD_c_windowLog, 24}});
    EXPECT_EQ(unzstd(frame, data.size()).error(), Error{ZstdError::wants_more});
}

TEST(Zstd, RefusesWhatFollowsAndWhatIsMissing) {
    auto frame = zstd(numbers(1'000));
    for (std::size_t size = 0; size < frame.size(); ++size)
        EXPECT_EQ(unzstd(BytesView{frame}.first(size), 1'000).error(), Error{ZstdError::malformed}) << size;
    frame.push_back(0);
    EXPECT_EQ(unzstd(frame, 1'000).error(), Error{ZstdError::trailing_bytes});
}

TEST(Zstd, RefusesOtherFrames) {
    // A skippable frame (section 3.1.2).
    const Bytes skippable{0x50, 0x2a, 0x4d, 0x18, 2, 0, 0, 0, 7, 7};
    EXPECT_EQ(unzstd(skippable, 100).error(), Error{ZstdError::malformed});
    EXPECT_EQ(unzstd({}, 100).error(), Error{ZstdError::malformed});
}

}  // namespace
}  // namespace valence::codec
