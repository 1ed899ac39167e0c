// Names that fixtures give to broken rules, and the errors of ours that mean the same.
#pragma once

#include <string>
#include <string_view>

#include "valence/base/base.hpp"

namespace valence::conformance {

/// Whether the error is one of those a fixture expects: names of execution-spec-tests joined by '|', with or
/// without "TransactionException." and "BlockException.". A name not known here is met by any error.
bool is_expected(std::string_view expected, const Error& actual);

}  // namespace valence::conformance
