#include "valence/da/square/compact_shares.hpp"

#include <fmt/format.h>

#include "valence/da/da_error.hpp"
#include "valence/da/square/protobuf.hpp"

namespace valence::da {
namespace {

constexpr std::size_t header_size(bool first) {
    return Namespace::kSize + kInfoSize + (first ? kSequenceLengthSize : 0);
}

constexpr std::size_t content_size(std::size_t share) {
    return share == 0 ? kFirstCompactContent : kCompactContent;
}

/// Where in the sequence the content of a share begins.
constexpr std::size_t content_start(std::size_t share) {
    return share == 0 ? 0 : kFirstCompactContent + (share - 1) * kCompactContent;
}

/// For each share, where in it the first unit that begins there does: 0 if none does.
std::vector<std::uint32_t> first_units(std::span<const std::size_t> unit_starts, std::size_t shares) {
    std::vector<std::uint32_t> reserved(shares);
    std::size_t unit = 0;
    for (std::size_t i = 0; i < shares; ++i) {
        const auto begin = content_start(i);
        while (unit < unit_starts.size() && unit_starts[unit] < begin)
            ++unit;
        if (unit == unit_starts.size() || unit_starts[unit] >= begin + content_size(i)) continue;
        reserved[i] =
            static_cast<std::uint32_t>(header_size(i == 0) + kReservedSize + unit_starts[unit] - begin);
    }
    return reserved;
}

std::size_t shares_for(std::size_t bytes) {
    if (bytes == 0) return 0;
    if (bytes <= kFirstCompactContent) return 1;
    return 1 + (bytes - kFirstCompactContent + kCompactContent - 1) / kCompactContent;
}

void put_reserved(Share& share, bool first, std::uint32_t value) {
    for (std::size_t i = 0; i < kReservedSize; ++i)
        share[header_size(first) + i] = static_cast<std::uint8_t>(value >> (24 - 8 * i));
}

std::uint32_t reserved_of(const Share& share, bool first) {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < kReservedSize; ++i)
        value = value << 8 | share[header_size(first) + i];
    return value;
}

}  // namespace

std::size_t varint_size(std::uint64_t value) {
    return value == 0 ? 1 : (static_cast<std::size_t>(std::bit_width(value)) + 6) / 7;
}

std::size_t CompactShareCounter::shares() const { return shares_for(bytes_); }

std::vector<Share> compact_shares(const Namespace& name, std::span<const Bytes> units) {
    Bytes sequence;
    std::vector<std::size_t> starts;
    for (const auto& unit : units) {
        starts.push_back(sequence.size());
        append_varint(sequence, unit.size());
        base::append(sequence, unit);
    }
    std::vector<Share> shares(shares_for(sequence.size()));
    const auto reserved = first_units(starts, shares.size());
    for (std::size_t i = 0; i < shares.size(); ++i) {
        const bool first = i == 0;
        shares[i] = begin_share({.name = name,
                                 .starts_sequence = first,
                                 .sequence_length = static_cast<std::uint32_t>(sequence.size()),
                                 .signer = {}});
        put_reserved(shares[i], first, reserved[i]);
        const auto content = BytesView{sequence}.subspan(content_start(i));
        std::copy_n(content.begin(), std::min(content.size(), content_size(i)),
                    shares[i].data() + header_size(first) + kReservedSize);
    }
    return shares;
}

Result<std::vector<Bytes>> parse_compact_shares(std::span<const Share> shares) {
    if (shares.empty()) return std::vector<Bytes>{};
    BOOST_OUTCOME_TRY(const auto first, share_fields(shares[0]));
    if (!first.starts_sequence || shares_for(first.sequence_length) != shares.size())
        return Error{DaError::bad_sequence,
                     fmt::format("{} compact shares for {} bytes", shares.size(), first.sequence_length)};
    Bytes sequence;
    for (std::size_t i = 0; i < shares.size(); ++i) {
        BOOST_OUTCOME_TRY(const auto fields, share_fields(shares[i]));
        if (fields.name != first.name || fields.version != kShareVersionPlain ||
            (i != 0 && fields.starts_sequence))
            return Error{DaError::bad_sequence, fmt::format("compact share {} belongs elsewhere", i)};
        base::append(sequence, BytesView{shares[i].bytes}.subspan(header_size(i == 0) + kReservedSize));
    }
    sequence.resize(first.sequence_length);
    std::vector<Bytes> units;
    std::vector<std::size_t> starts;
    MessageReader reader{sequence};
    while (!reader.at_end()) {
        starts.push_back(reader.position());
        BOOST_OUTCOME_TRY(const auto size, reader.varint());
        BOOST_OUTCOME_TRY(const auto unit, reader.take(size));
        units.push_back(base::to_bytes(unit));
    }
    const auto reserved = first_units(starts, shares.size());
    for (std::size_t i = 0; i < shares.size(); ++i) {
        if (reserved_of(shares[i], i == 0) != reserved[i])
            return Error{DaError::bad_share,
                         fmt::format("share {} says that a unit begins at byte {}, not {}", i,
                                     reserved_of(shares[i], i == 0), reserved[i])};
    }
    return units;
}

}  // namespace valence::da
