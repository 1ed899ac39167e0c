// What `valence dev` shows when it starts.
#pragma once

#include <string>
#include <vector>

#include "cmd/valence/terminal.hpp"

#include "valence/node/node.hpp"

namespace valence::cmd {

struct Listening {
    std::string host;
    std::uint16_t port = 0;
};

/// Accounts with their keys, compute nodes, the chain's constants, where it lives, the URLs.
std::string banner(const node::Node& node, const Listening& listening, std::string_view mnemonic,
                   const std::vector<Address>& compute_nodes, const Painter& paint);

}  // namespace valence::cmd
