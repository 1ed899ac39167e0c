// Extending and committing as one would write it down from the specification: one row or column after the
// other through portable kernels, each tree for itself, one hash after the other. What the fast way is
// compared with.
#pragma once

#include "valence/da/extended/roots.hpp"

namespace valence::bench {

std::vector<da::Share> plain_extend(std::span<const da::Share> square);

da::SquareRoots plain_roots(std::span<const da::Share> extended);

}  // namespace valence::bench
