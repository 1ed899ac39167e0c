// Products over columns whose vectors are of one family, joined: all layers of a model take their sums over
// the last coordinates of one point, so that a longer layer's vector is a shorter one's times a few factors.
#pragma once

#include <vector>

#include "valence/zk/prover/commitment/opening.hpp"

namespace valence::zk {

/// The same functional with as few products as this finds; every product is a pass over the whole table.
/// `columns` is the length of a row.
template <typename E>
std::vector<RowProduct<E>> joined(std::vector<RowProduct<E>> products, std::size_t columns);

}  // namespace valence::zk
