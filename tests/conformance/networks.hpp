// Fork and network names of fixtures, and the rules they stand for.
#pragma once

#include "fixture.hpp"

#include "valence/chain/rule_set.hpp"

namespace valence::conformance {

/// One fork ("Cancun", "EIP158", "Merge", …) or a transition ("BerlinToLondonAt5",
/// "ShanghaiToCancunAtTime15k", "ArrowGlacierToMergeAtDiffC0000"); nothing for a name not known.
std::optional<chain::RuleSet> rules_of_network(std::string_view name);

/// The same, with chain id and blob schedule of a fixture's "config" where it has them.
std::optional<chain::RuleSet> rules_of_network(std::string_view name, const json::value* config);

}  // namespace valence::conformance
