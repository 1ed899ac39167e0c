// A genesis written as the file it can be read from: geth's format with our additions, see docs/chain.md.
#pragma once

#include <string>

#include "valence/chain/genesis.hpp"

namespace valence::cmd {

/// JSON that chain::parse_genesis reads back to the same genesis.
std::string genesis_json(const chain::Genesis& genesis);

}  // namespace valence::cmd
