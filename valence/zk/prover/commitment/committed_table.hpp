// A table of base field values with its commitment: a model's weights, or a proof's witness.
#pragma once

#include <algorithm>

#include "valence/zk/protocol/commitment/parameters.hpp"
#include "valence/zk/prover/commitment/byte_digits.hpp"
#include "valence/zk/prover/commitment/oracle.hpp"

namespace valence::zk {

/// Borrows its values, which must outlive it; rows at the end may be missing from them, and are zero.
class CommittedTable {
public:
    /// Time: about 20 ns a value at rate 1/4; memory: 8/ρ bytes a value, and 64 bytes a position for digests.
    CommittedTable(const TableShape& shape, const TableValues& values)
        : shape_(shape), values_(values), oracle_(used(values, shape), shape.oracle()) {}
    /// With the codeword that another CommittedTable of these values had, for instance in a mapped file: it
    /// is borrowed and only hashed. Who opens a root derived from other values makes proofs that are refused.
    CommittedTable(const TableShape& shape, const TableValues& values, std::span<const Goldilocks> codeword)
        : shape_(shape), values_(values), oracle_(codeword, shape.oracle()) {}

    const TableShape& shape() const { return shape_; }
    const TableValues& values() const { return values_; }
    const Hash& root() const { return oracle_.root(); }
    /// Element lanes of position p at p·2^log_rows; little-endian words in memory.
    std::span<const Goldilocks> codeword() const { return oracle_.codeword(); }
    const Oracle& oracle() const { return oracle_; }

    /// Keeps a codeword of gigabytes in a file.
    void move_to_file() { oracle_.move_to_file(); }

    /// Finds the bytes of a table of field elements, which make openings quicker where most are small.
    void find_digits() {
        if (const auto* elements = std::get_if<std::span<const Goldilocks>>(&values_))
            digits_ = ByteDigits::of(*elements);
    }
    /// Null if they have not been found.
    const ByteDigits* digits() const { return digits_ ? &*digits_ : nullptr; }

private:
    /// Without the rows that are zero.
    static TableValues used(const TableValues& values, const TableShape& shape) {
        const OracleShape oracle = shape.oracle();
        return std::visit(
            [&](const auto& all) -> TableValues {
                return all.first(std::min(all.size(), oracle.rows << oracle.log_columns));
            },
            values);
    }

    TableShape shape_;
    TableValues values_;
    Oracle oracle_;
    std::optional<ByteDigits> digits_;
};

}  // namespace valence::zk
