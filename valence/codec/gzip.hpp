// gzip (RFC 1952): what development nodes pack dumps of their state in.
#pragma once

#include "valence/base/base.hpp"

namespace valence::codec {

enum class GzipError {
    /// Not one gzip member, or a damaged one.
    malformed = 1,
    /// Ends before the data does.
    truncated,
    /// Unpacks to more than was allowed.
    too_large,
};
std::error_code make_error_code(GzipError);

/// Whether the bytes begin as gzip does.
bool is_gzip(BytesView bytes);

/// One member without a name or a time: the same bytes for the same data.
Bytes gzip(BytesView data);

/// The data of exactly one member, at most `most_bytes` of it. Errors: GzipError.
Result<Bytes> gunzip(BytesView packed, std::size_t most_bytes);

}  // namespace valence::codec

template <>
struct std::is_error_code_enum<valence::codec::GzipError> : std::true_type {};
