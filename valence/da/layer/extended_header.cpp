#include "valence/da/layer/extended_header.hpp"

#include "valence/da/da_error.hpp"
#include "valence/da/square/protobuf.hpp"

namespace valence::da {
namespace {

/// A value alone in a message, as its first field; an empty message for an empty value.
Bytes wrapped(BytesView value) {
    Bytes message;
    if (!value.empty()) append_bytes_field(message, 1, value);
    return message;
}
Bytes wrapped(std::uint64_t value) {
    Bytes message;
    append_varint_field(message, 1, value);
    return message;
}

Bytes version_message(const ExtendedHeader& header) {
    Bytes message;
    append_varint_field(message, 1, header.block_version);
    append_varint_field(message, 2, header.app_version);
    return message;
}

Bytes time_message(LayerTime time) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
    Bytes message;
    append_varint_field(message, 1, static_cast<std::uint64_t>(seconds.time_since_epoch().count()));
    append_varint_field(message, 2, static_cast<std::uint64_t>((time - seconds).count()));
    return message;
}

Bytes block_id_message(const BlockId& id) {
    Bytes parts;
    append_varint_field(parts, 1, id.part_count);
    if (id.part_count != 0) append_bytes_field(parts, 2, id.part_hash);
    Bytes message;
    if (!id.hash.is_zero()) append_bytes_field(message, 1, id.hash);
    append_bytes_field(message, 2, parts);
    return message;
}

}  // namespace

Hash ExtendedHeader::hash() const {
    const std::array<Bytes, 14> fields{version_message(*this),
                                       wrapped(base::as_bytes(chain_id)),
                                       wrapped(height),
                                       time_message(time),
                                       block_id_message(last_block),
                                       wrapped(last_commit_hash),
                                       wrapped(data_hash),
                                       wrapped(validators_hash),
                                       wrapped(next_validators_hash),
                                       wrapped(consensus_hash),
                                       wrapped(app_hash),
                                       wrapped(last_results_hash),
                                       wrapped(evidence_hash),
                                       wrapped(proposer)};
    return merkle_root_of(fields);
}

Result<void> check_header(const ExtendedHeader& header) {
    BOOST_OUTCOME_TRYV(check_roots(header.roots));
    if (header.roots.data_root() == header.data_hash) return success();
    return Error{DaError::bad_proof, "the data hash is not that of the rows and columns"};
}

}  // namespace valence::da
