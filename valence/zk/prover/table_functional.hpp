// Functionals on tensors as functionals on the committed table that stores them, in the form that is cheapest
// to open.
#pragma once

#include <span>

#include "valence/zk/protocol/circuit/layout.hpp"
#include "valence/zk/prover/commitment/opening.hpp"

namespace valence::zk {

template <typename E>
struct StoredPart {
    const Functional<E>* functional = nullptr;
    const Layout* layout = nullptr;
};

/// The sum of the parts' functionals on a table of this shape and with these values, of which `digits` are
/// the bytes if they are known. As products over columns where that takes less time than a table of all
/// weights, which is so for the int8 weights of all but the smallest models.
template <typename E>
TableFunctional<E> table_functional(const TableShape& shape, const TableValues& values,
                                    std::span<const StoredPart<E>> parts, const ByteDigits* digits = nullptr);

}  // namespace valence::zk
