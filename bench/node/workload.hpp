// The workload of bench/node: ERC-20 transfers of a few senders to many recipients.
#pragma once

#include <vector>

#include "valence/node/node.hpp"

namespace valence::bench {

class Workload {
public:
    explicit Workload(std::size_t senders);

    /// A genesis in which the senders have ether and tokens.
    chain::Genesis genesis() const;
    /// `count` transfers in their canonical encoding, the senders in turn.
    std::vector<Bytes> sign(std::size_t count) const;

private:
    std::vector<node::DevAccount> accounts_;
};

}  // namespace valence::bench
