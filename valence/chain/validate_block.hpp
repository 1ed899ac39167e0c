// validate_block: the rules a block must keep that need no execution. Proof of work is not among them.
#pragma once

#include <functional>

#include "valence/chain/rule_set.hpp"

namespace valence::chain {

/// Rules between a header and its parent's, and within the header.
Result<void> validate_header(const RuleSet& rules, const Header& header, const Header& parent);

/// Rules on the consensus of a block, given its parent's total difficulty: proof of work ends with the first
/// block at or past the terminal one (EIP-3675). Only chains that were there before The Merge need it.
Result<void> validate_transition(const RuleSet& rules, const Header& header, const Header& parent,
                                 const U256& parent_total_difficulty);

/// Whether the body is the one the header commits to: roots, ommers hash, size (EIP-7934), blob gas.
Result<void> validate_body(const RuleSet& rules, const Block& block);

/// The ancestors of a block, for the rules on ommers.
class Ancestry {
public:
    virtual ~Ancestry() = default;
    /// The block by hash with its ommers; null when it is unknown.
    virtual const Block* block(const Hash& hash) const = 0;
};

/// Rules on ommers before Paris: at most two, each a valid header, not an ancestor, not included before,
/// whose parent is one of the second to seventh last ancestors.
Result<void> validate_ommers(const RuleSet& rules, const Block& block, const Ancestry& ancestry);

}  // namespace valence::chain
