#include "valence/codec/zstd.hpp"

#include <memory>

#include <zstd.h>

namespace valence::codec {
namespace {

/// What batches of blocks gain most from for their time.
constexpr int kLevel = 6;
constexpr int kWindowLog = 23;
static_assert(std::size_t{1} << kWindowLog == kZstdWindow);

/// Least bytes of a frame's header: magic number, descriptor, and a window or a size.
constexpr std::size_t kLeastHeader = 6;
constexpr std::array<std::uint8_t, 4> kMagic{0x28, 0xb5, 0x2f, 0xfd};
/// Bits of the frame's descriptor (section 3.1.1.1.1).
constexpr std::uint8_t kSingleSegment = 0x20;
constexpr std::uint8_t kDictionary = 0x03;

class ZstdCategory : public std::error_category {
public:
    const char* name() const noexcept override { return "zstd"; }
    std::string message(int code) const override {
        switch (static_cast<ZstdError>(code)) {
            case ZstdError::malformed:
                return "not a zstd frame";
            case ZstdError::too_large:
                return "the zstd frame unpacks to more than is allowed";
            case ZstdError::wants_more:
                return "the zstd frame needs a dictionary or a larger window than is allowed";
            case ZstdError::trailing_bytes:
                return "bytes follow the zstd frame";
        }
        return "unknown error";
    }
};

/// Section 3.1.1.1.2.
std::uint64_t window_of(std::uint8_t descriptor) {
    const auto base = std::uint64_t{1} << (10 + (descriptor >> 3));
    return base + base / 8 * (descriptor & 7);
}

}  // namespace

std::error_code make_error_code(ZstdError error) {
    static const ZstdCategory category;
    return {static_cast<int>(error), category};
}

Bytes zstd(BytesView data) {
    const std::unique_ptr<ZSTD_CCtx, std::size_t (*)(ZSTD_CCtx*)> context(ZSTD_createCCtx(), ZSTD_freeCCtx);
    VALENCE_CHECK(context != nullptr);
    ZSTD_CCtx_setParameter(context.get(), ZSTD_c_compressionLevel, kLevel);
    ZSTD_CCtx_setParameter(context.get(), ZSTD_c_windowLog, kWindowLog);
    Bytes out(ZSTD_compressBound(data.size()));
    const auto size = ZSTD_compress2(context.get(), out.data(), out.size(), data.data(), data.size());
    VALENCE_CHECK(ZSTD_isError(size) == 0);
    out.resize(size);
    return out;
}

Result<std::uint64_t> zstd_size(BytesView packed) {
    if (packed.size() < kLeastHeader || !base::equal(packed.first(kMagic.size()), kMagic))
        return Error{ZstdError::malformed};
    const auto size = ZSTD_getFrameContentSize(packed.data(), packed.size());
    if (size == ZSTD_CONTENTSIZE_ERROR) return Error{ZstdError::malformed};
    if (size == ZSTD_CONTENTSIZE_UNKNOWN) return Error{ZstdError::too_large, "it does not state its size"};
    return std::uint64_t{size};
}

Result<Bytes> unzstd(BytesView packed, std::size_t most_bytes) {
    BOOST_OUTCOME_TRY(const auto size, zstd_size(packed));
    const auto descriptor = packed[kMagic.size()];
    if (size > most_bytes) return Error{ZstdError::too_large, std::to_string(size) + " bytes"};
    const bool is_single = (descriptor & kSingleSegment) != 0;
    const auto window = is_single ? size : window_of(packed[kMagic.size() + 1]);
    if (window > kZstdWindow) return Error{ZstdError::wants_more, std::to_string(window) + " bytes"};
    if ((descriptor & kDictionary) != 0) return Error{ZstdError::wants_more, "a dictionary"};
    const auto frame = ZSTD_findFrameCompressedSize(packed.data(), packed.size());
    if (ZSTD_isError(frame) != 0) return Error{ZstdError::malformed, ZSTD_getErrorName(frame)};
    if (frame != packed.size()) return Error{ZstdError::trailing_bytes};
    Bytes out(size);
    const auto done = ZSTD_decompress(out.data(), out.size(), packed.data(), packed.size());
    if (ZSTD_isError(done) != 0) return Error{ZstdError::malformed, ZSTD_getErrorName(done)};
    if (done != size) return Error{ZstdError::malformed, "of another size than stated"};
    return out;
}

}  // namespace valence::codec
