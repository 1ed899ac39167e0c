// What columns hold that look at whole lines of elements along one axis.
#pragma once

#include "valence/zk/prover/witness/linear_values.hpp"

namespace valence::zk {

/// The greatest element of each line; extent 1 on that axis.
Elements greatest_along(ElementsView of, const ml::Shape& shape, std::size_t axis);
/// 1 at the first 0 of each line, else 0.
Elements first_zeros(ElementsView of, const ml::Shape& shape, std::size_t axis);
/// Of the `count` greatest elements of each line in descending order: element mod divisor if `rest`, else
/// ⌊element / divisor⌋.
Elements foremost(ElementsView of, const ml::Shape& shape, const Foremost& rule, std::size_t count);

}  // namespace valence::zk
