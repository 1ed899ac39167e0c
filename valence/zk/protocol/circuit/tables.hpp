// What tables hold.
#pragma once

#include "valence/zk/protocol/circuit/circuit.hpp"

namespace valence::zk {

/// Rows of a table.
std::uint64_t rows(const TableRows& table);
/// Elements of a row's tuple, the selector among them.
std::size_t width(const TableRows& table);

/// How a table's leaves, its multiplicities and whatever weighs them are indexed: long tables by two axes,
/// so that a functional on them is two short vectors.
ml::Shape shape_of_rows(const TableRows& table);

/// The table as lists, one for each place of the tuple, the selector's first. Empty for a computed table,
/// whose selectors are 0 and whose entries are quantities.
std::vector<std::vector<Goldilocks>> listed(const TableRows& table);

}  // namespace valence::zk
