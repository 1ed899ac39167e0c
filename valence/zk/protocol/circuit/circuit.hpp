// The circuit of a model: which tensors its proof commits, which tuples must be in which tables, and which
// products must vanish. Compiled from the integer graph by compile.hpp; the same for everybody who has the
// model's verifying key and the proof's few flags.
//
//     graph ─ compile() ─► Circuit ─┬─ witness: every column's elements, by its rule           (prover)
//                                   ├─ lookups and tables: one sum of fractions over all of them
//                                   ├─ zeros: products that vanish
//                                   └─ outputs: what must equal the public results
//
// The proof shows that a committed assignment of columns exists for which all of this holds, over the
// integers, since every side of every equation is bounded away from the field's modulus (compile.cpp says by
// how much).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "valence/ml/graph/graph.hpp"
#include "valence/zk/protocol/circuit/layout.hpp"
#include "valence/zk/protocol/circuit/quantity.hpp"

namespace valence::zk {

/// Which part of a requantisation a column holds (docs/proof-system.md, Requantisation): with T = t + 2^(s−1)
/// and q = T >> s, result = clamp(q) − low, remainder = T − 2^s·q, above = max(q − high, 0), below = max(low
/// − q, 0).
enum class RequantisationPart : std::uint8_t { result, remainder, above, below };

// How the prover finds a column's elements; the verifier needs none of it.

/// Bits first … first + bits − 1 of a part of the requantisation of `sum`, which is T.
struct RequantisationLimb {
    QuantityId sum = 0;
    ml::Requantisation to;
    RequantisationPart part = RequantisationPart::result;
    std::uint8_t first = 0;
    std::uint8_t bits = 0;
};
/// Bits of a quantity that is not negative.
struct Limb {
    QuantityId of = 0;
    std::uint8_t first = 0;
    std::uint8_t bits = 0;
};
/// The greatest of several quantities, element by element.
struct Greatest {
    std::vector<QuantityId> of;
};
/// The value of a quantity, committed as it is.
struct Copy {
    QuantityId of = 0;
};
/// How often each row of a table is looked up.
struct Multiplicity {
    std::uint32_t table = 0;
};
using ColumnRule = std::variant<RequantisationLimb, Limb, Greatest, Copy, Multiplicity>;

struct Column {
    ml::Shape shape;
    ColumnRule rule;
    StoredLayout layout;
};

/// The pairs (b, v) with 0 ≤ v < 2^b, for all b ≤ bits: 2^(bits + 1) − 1 rows, by b and then v.
struct RangeTable {
    std::uint8_t bits = 8;
};
using TableRows = std::variant<RangeTable>;

struct LookupTable {
    TableRows rows;
    QuantityId multiplicity = 0;  // a witness column
    LeafLayout layout;
};

/// Every element's tuple (selector, entries…) is a row of the table. Entries are all of one shape.
struct Lookup {
    std::uint32_t table = 0;
    Goldilocks selector;
    std::vector<QuantityId> entries;
    LeafLayout layout;
};

/// A quantity whose elements are all 0.
struct Zero {
    QuantityId vanishing = 0;
    /// A lookup of that shape, whose leaf weights its elements are given.
    std::uint32_t weighed_as = 0;
};

/// Weights are committed in up to two tables: 8-bit ones by themselves where there are many, since that is a
/// third of the time, and all others.
enum class WeightTable : std::uint8_t { narrow, wide };

struct StoredWeight {
    WeightTable table = WeightTable::wide;
    StoredLayout layout;
};

struct Output {
    std::uint32_t port = 0;
    QuantityId quantity = 0;
};

struct Circuit {
    std::vector<Quantity> quantities;
    std::vector<Column> columns;
    std::vector<LookupTable> tables;
    std::vector<Lookup> lookups;
    std::vector<Zero> zeros;
    std::vector<Output> outputs;
    /// Where each of the graph's weights lies in the model's commitment; absent for those that are public.
    std::vector<std::optional<StoredWeight>> weights;

    /// log2 of the committed tables' sizes.
    int witness_variables = 0;
    /// Of narrow and wide weights; absent: there are none.
    std::array<std::optional<int>, 2> weight_variables;
    /// Leaves of the sum of fractions: tables and lookups.
    std::uint64_t leaves = 0;
};

/// Rows of a table.
std::uint64_t rows(const TableRows& table);
/// Elements of a row's tuple, the selector among them.
std::size_t width(const TableRows& table);

}  // namespace valence::zk
