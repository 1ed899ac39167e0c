// Base64 text (RFC 4648, section 4): the standard alphabet, padded.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "valence/base/bytes.hpp"

namespace valence::base {

std::string to_base64(BytesView bytes);

/// Nothing unless `text` is exactly what to_base64 makes of some bytes: padded, no line breaks, no stray
/// bits.
std::optional<Bytes> from_base64(std::string_view text);

}  // namespace valence::base
