#include "valence/codec/gzip.hpp"

#include <zlib.h>

namespace valence::codec {
namespace {

/// zlib's way to ask for gzip around a window of 2^15 bytes.
constexpr int kGzipWindow = 15 + 16;
/// How much is unpacked at a time.
constexpr std::size_t kChunk = std::size_t{64} << 10;
/// zlib counts its input in 32 bits.
constexpr std::size_t kMostInput = std::size_t{1} << 31;

class GzipCategory : public std::error_category {
public:
    const char* name() const noexcept override { return "gzip"; }
    std::string message(int code) const override {
        switch (static_cast<GzipError>(code)) {
            case GzipError::malformed:
                return "not gzip";
            case GzipError::truncated:
                return "the gzip data is cut short";
            case GzipError::too_large:
                return "the gzip data unpacks to more than is allowed";
        }
        return "unknown error";
    }
};

/// zlib does not write through it.
Bytef* input_of(BytesView bytes) { return const_cast<Bytef*>(bytes.data()); }

}  // namespace

std::error_code make_error_code(GzipError error) {
    static const GzipCategory category;
    return {static_cast<int>(error), category};
}

bool is_gzip(BytesView bytes) { return bytes.size() >= 2 && bytes[0] == 0x1f && bytes[1] == 0x8b; }

Bytes gzip(BytesView data) {
    VALENCE_CHECK(data.size() <= kMostInput);
    z_stream stream{};
    VALENCE_CHECK(
        deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, kGzipWindow, 8, Z_DEFAULT_STRATEGY) == Z_OK);
    Bytes out(deflateBound(&stream, data.size()));
    stream.next_in = input_of(data);
    stream.avail_in = static_cast<uInt>(data.size());
    stream.next_out = out.data();
    stream.avail_out = static_cast<uInt>(out.size());
    VALENCE_CHECK(deflate(&stream, Z_FINISH) == Z_STREAM_END);
    out.resize(stream.total_out);
    deflateEnd(&stream);
    return out;
}

Result<Bytes> gunzip(BytesView packed, std::size_t most_bytes) {
    if (packed.size() > kMostInput) return Error{GzipError::too_large, "the packed data itself"};
    z_stream stream{};
    VALENCE_CHECK(inflateInit2(&stream, kGzipWindow) == Z_OK);
    stream.next_in = input_of(packed);
    stream.avail_in = static_cast<uInt>(packed.size());
    Bytes out;
    int status = Z_OK;
    while (status == Z_OK && out.size() <= most_bytes) {
        const auto before = out.size();
        out.resize(before + kChunk);
        stream.next_out = out.data() + before;
        stream.avail_out = static_cast<uInt>(kChunk);
        status = inflate(&stream, Z_NO_FLUSH);
        out.resize(out.size() - stream.avail_out);
    }
    const auto left = stream.avail_in;
    inflateEnd(&stream);
    if (out.size() > most_bytes) return Error{GzipError::too_large, std::to_string(most_bytes) + " bytes"};
    if (status == Z_BUF_ERROR) return Error{GzipError::truncated};
    if (status != Z_STREAM_END || left != 0) return Error{GzipError::malformed};
    return out;
}

}  // namespace valence::codec
