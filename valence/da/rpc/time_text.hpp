// Times as Go writes them in JSON: RFC 3339 in UTC, with as many of nine decimals as are not zero at the end.
#pragma once

#include <string>
#include <string_view>

#include "valence/da/layer/extended_header.hpp"

namespace valence::da {

std::string to_time_text(LayerTime time);
/// Nothing unless it is such a text, in UTC, of a time within LayerTime.
std::optional<LayerTime> from_time_text(std::string_view text);

}  // namespace valence::da
