// Names of well-known functions by their selector, for reading logs.
#pragma once

#include <string>

#include "valence/base/base.hpp"

namespace valence::cmd {

/// "transfer" for 0xa9059cbb; the selector in hexadecimal when it is not one of those known.
std::string function_name(BytesView selector);

}  // namespace valence::cmd
