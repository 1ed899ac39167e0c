// A functional's weights as a table: what the definition, valence::zk::add of protocol/circuit/layout.hpp,
// does, a row at a time.
#pragma once

#include <span>

#include "valence/zk/protocol/circuit/layout.hpp"

namespace valence::zk {

/// Adds the functional's weight of each element to `table` where the layout puts the element. About one
/// product of vectors for each element where some factor, or a few small ones, cover the axes that lie
/// innermost.
template <typename E>
void add_weights(const Functional<E>& functional, const Layout& layout, std::span<E> table);

}  // namespace valence::zk
