// Zstandard (RFC 8878) from anybody: one frame that states its size and needs a small window, with no
// dictionary and nothing behind it, so that what it takes to unpack is known before it is unpacked.
#pragma once

#include "valence/base/base.hpp"

namespace valence::codec {

enum class ZstdError {
    /// Not one frame, or a damaged one.
    malformed = 1,
    /// Unpacks to more than was allowed, or does not say to how much.
    too_large,
    /// Needs more memory than kZstdWindow, or a dictionary.
    wants_more,
    /// Something follows the frame.
    trailing_bytes,
};
std::error_code make_error_code(ZstdError);

/// How far back a frame may refer, in bytes.
inline constexpr std::size_t kZstdWindow = std::size_t{8} << 20;

/// One frame: the same bytes for the same data and the same library.
Bytes zstd(BytesView data);

/// To how much such a frame says that it unpacks, without unpacking it. Errors: ZstdError, where already its
/// header is none of such a frame. Total.
Result<std::uint64_t> zstd_size(BytesView packed);

/// The data of such a frame, at most `most_bytes` of it. Errors: ZstdError. Total.
Result<Bytes> unzstd(BytesView packed, std::size_t most_bytes);

}  // namespace valence::codec

template <>
struct std::is_error_code_enum<valence::codec::ZstdError> : std::true_type {};
