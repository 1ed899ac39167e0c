// Rows of tables by their first entries, which ascend (circuit.hpp).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "valence/zk/protocol/field/goldilocks.hpp"

namespace valence::zk {

class RowFinder {
public:
    RowFinder() = default;
    explicit RowFinder(std::span<const Goldilocks> first_entries);

    /// The last row whose first entry is at most `key`, both taken as signed; row 0 if there is none.
    std::size_t at_most(Goldilocks key) const;
    /// That row if its first entry is `key`.
    std::optional<std::size_t> find(Goldilocks key) const;

private:
    std::vector<std::int64_t> keys_;
    std::int64_t step_ = 0;  // between all neighbours, if it is the same
};

}  // namespace valence::zk
