// Compact shares: transactions one after the other, each behind its length (a varint).
#pragma once

#include "valence/da/square/share.hpp"

namespace valence::da {

/// Bytes of a number as a varint (protobuf's, seven bits a byte, lowest first).
std::size_t varint_size(std::uint64_t value);

/// How many compact shares units of these sizes take, one unit after the other added.
class CompactShareCounter {
public:
    void add(std::size_t unit_size) { bytes_ += varint_size(unit_size) + unit_size; }
    std::size_t shares() const;

private:
    std::size_t bytes_ = 0;
};

/// The compact shares of these units, in this order; none for no units.
std::vector<Share> compact_shares(const Namespace& name, std::span<const Bytes> units);

/// The units in all compact shares of a namespace. Errors: those of share_fields; bad_sequence when they are
/// not one sequence, or a unit's length does not fit, or a share says that a unit begins where none does.
Result<std::vector<Bytes>> parse_compact_shares(std::span<const Share> shares);

}  // namespace valence::da
