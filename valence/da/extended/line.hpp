// One row or column by itself: filling it up, and the root it then has.
#pragma once

#include "valence/da/extended/extended_square.hpp"

namespace valence::da {

/// The leaves of the tree over a row or column.
std::vector<NamespacedHash> line_leaves(AxisIndex line, std::span<const Share> shares);

/// Fills in the unknown shares of a row or column of which at least half are known, and answers its root;
/// nothing when the known ones are not of one codeword or its namespaces are out of order: then no honest
/// producer made it.
std::optional<NamespacedHash> repaired_root(AxisIndex line, std::span<Share> shares,
                                            const std::vector<bool>& known);

}  // namespace valence::da
