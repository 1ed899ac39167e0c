// One element of each of many lists, so that all of them add up to 0 (Wagner, "A Generalized Birthday
// Problem", 2002): what turns many free choices of a bit or two into a collision of 128.
#pragma once

#include <cstdint>
#include <vector>

#include "valence/zk/protocol/field/extension.hpp"

namespace valence::zk::testing {

/// The chosen place in each of the 128 lists, each of 2^16 random elements; empty if there is none,
/// as there is not one time in three. Merged in pairs, of whose sums those are kept that are 2^16 times
/// smaller; a second or two, and 100 MB.
std::vector<std::size_t> that_add_up_to_nothing(const std::vector<std::vector<Extension2>>& lists);

}  // namespace valence::zk::testing
