// Names of well-known functions, errors and contracts, for reading logs.
#pragma once

#include <optional>
#include <string>

#include "valence/base/base.hpp"

namespace valence::cmd {

/// "transfer" for 0xa9059cbb; the selector in hexadecimal when it is not one of those known.
std::string function_name(BytesView selector);

/// "WrongInputLength(32, 1)" for what it reverts with, where it is one of the network's own errors.
std::optional<std::string> known_revert(BytesView output);

/// "ModelRegistry", …; the address with its checksum where it is none of genesis.
std::string contract_name(const Address& address);

}  // namespace valence::cmd
