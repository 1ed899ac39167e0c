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
/// ⌊quantity / 2^bits⌋.
struct Shifted {
    QuantityId of = 0;
    std::uint8_t bits = 0;
};
/// 1 where a quantity is below 0, else 0.
struct Negative {
    QuantityId of = 0;
};
/// 1 where a quantity is 0, else 0.
struct Vanishes {
    QuantityId of = 0;
};
/// The inverse in the field; 0 of 0.
struct Inverse {
    QuantityId of = 0;
};
/// ⌊√quantity⌋.
struct SquareRoot {
    QuantityId of = 0;
};
/// clamp(⌊numerator / divisor⌋, low, high).
struct Quotient {
    QuantityId numerator = 0;
    QuantityId divisor = 0;
    std::int64_t low = 0;
    std::int64_t high = 0;
};
/// Bits of the multiple of the divisor by which `rest`, a numerator less divisor·Quotient, is above what a
/// remainder can be, or below 0.
struct QuotientExcess {
    QuantityId rest = 0;
    QuantityId divisor = 0;
    bool above = true;
    std::uint8_t first = 0;
    std::uint8_t bits = 0;
};
/// An entry of the last row of a table whose first entry is at most `key`.
struct RowEntry {
    std::uint32_t table = 0;
    QuantityId key = 0;
    std::uint8_t entry = 0;
};
/// The greatest element along an axis, which has extent 1 in the column.
struct GreatestAlong {
    QuantityId of = 0;
    std::uint8_t axis = 0;
};
/// 1 at the first 0 of each line along an axis, else 0.
struct FirstZero {
    QuantityId of = 0;
    std::uint8_t axis = 0;
};
/// Of the greatest elements of each line along an axis, the first first, as many as the column has there:
/// ⌊element / divisor⌋, or what is left.
struct Foremost {
    QuantityId of = 0;
    std::uint8_t axis = 0;
    std::int64_t divisor = 1;
    bool rest = false;
};
/// The states that a scan's steps start from: axis 0 is the step.
struct ScanStates {
    std::uint32_t body = 0;
    std::uint32_t state = 0;
    std::vector<QuantityId> initial;   // of all states
    std::vector<QuantityId> elements;  // in the order of the steps
};
/// How often each row of a table is looked up.
struct Multiplicity {
    std::uint32_t table = 0;
};
using ColumnRule = std::variant<RequantisationLimb, Limb, Greatest, Copy, Shifted, Negative, Vanishes,
                                Inverse, SquareRoot, Quotient, QuotientExcess, RowEntry, GreatestAlong,
                                FirstZero, Foremost, ScanStates, Multiplicity>;

struct Column {
    ml::Shape shape;
    ColumnRule rule;
    Layout layout;
};

// Tables. A row's tuple is (selector, entries…); the selector is 0 but in range tables. Rows of all other
// tables ascend by their first entry, which tells them apart.

/// The pairs (b, v) with 0 ≤ v < 2^b, for all b ≤ bits: 2^(bits + 1) − 1 rows, by b and then v.
struct RangeTable {
    std::uint8_t bits = 8;
};
/// The integers 0 ≤ v < 2^bits, 9 ≤ bits ≤ 16: rows (v).
struct SpanTable {
    std::uint8_t bits = 16;
};
/// A function by its segments: rows (first x, value there, rise over 64, whether it is a segment), the last
/// entry only if the function has exact entries (ml::exact_radius), which are rows (x, value, 0, 0).
struct SegmentTable {
    ml::Table function;
};
/// A function by its 65,536 entries: rows (x, value).
struct EntryTable {
    ml::Table function;
};
/// Rows that the circuit states: each entry's list.
struct ListedTable {
    std::vector<std::vector<std::int64_t>> entries;
};
/// Rows that are elements of quantities, all of one shape.
struct ComputedTable {
    std::vector<QuantityId> entries;
    std::uint64_t rows = 0;
};
using TableRows = std::variant<RangeTable, SpanTable, SegmentTable, EntryTable, ListedTable, ComputedTable>;

struct LookupTable {
    TableRows rows;
    QuantityId multiplicity = 0;  // a witness column
    Layout layout;
};

/// Every element's tuple (selector, entries…) is a row of the table. Entries are all of one shape.
struct Lookup {
    std::uint32_t table = 0;
    Goldilocks selector;
    std::vector<QuantityId> entries;
    Layout layout;
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
    Layout layout;
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

    /// Places in the witness, and log2 of them rounded up.
    std::uint64_t witness_cells = 0;
    int witness_variables = 0;
    /// The same of narrow and wide weights; 0 and absent: there are none.
    std::array<std::uint64_t, 2> weight_cells{};
    std::array<std::optional<int>, 2> weight_variables;
    /// Leaves of all lookups, those that only fill up included: they come first. All leaves, the tables' too.
    std::uint64_t lookup_leaves = 0;
    std::uint64_t leaves = 0;
};

}  // namespace valence::zk
