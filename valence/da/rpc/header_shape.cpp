// The shape of extended headers: header, validators, commit and the roots of the square ("dah").
#include "valence/da/rpc/json_fields.hpp"
#include "valence/da/rpc/time_text.hpp"

namespace valence::da {
namespace {

json::object to_json(const BlockId& id) {
    return {{"hash", id.hash.is_zero() ? std::string{} : capitals(id.hash)},
            {"parts", json::object{{"total", id.part_count},
                                   {"hash", id.part_count == 0 ? std::string{} : capitals(id.part_hash)}}}};
}

Result<BlockId> block_id_of(const json::value& value) {
    BlockId id;
    BOOST_OUTCOME_TRY(id.hash, hex_field<Hash>(value, "hash"));
    BOOST_OUTCOME_TRY(const auto* parts, require(value, "parts"));
    BOOST_OUTCOME_TRY(const auto total, number_field(*parts, "total"));
    if (total >> 32 != 0) return malformed("total");
    id.part_count = static_cast<std::uint32_t>(total);
    BOOST_OUTCOME_TRY(id.part_hash, hex_field<Hash>(*parts, "hash"));
    return id;
}

/// The fields of the header that are 32 bytes, but for the last block's id.
struct HashField {
    const char* name;
    Hash ExtendedHeader::* member;
};
constexpr std::array kHashFields{HashField{"last_commit_hash", &ExtendedHeader::last_commit_hash},
                                 HashField{"data_hash", &ExtendedHeader::data_hash},
                                 HashField{"validators_hash", &ExtendedHeader::validators_hash},
                                 HashField{"next_validators_hash", &ExtendedHeader::next_validators_hash},
                                 HashField{"consensus_hash", &ExtendedHeader::consensus_hash},
                                 HashField{"app_hash", &ExtendedHeader::app_hash},
                                 HashField{"last_results_hash", &ExtendedHeader::last_results_hash},
                                 HashField{"evidence_hash", &ExtendedHeader::evidence_hash}};

/// Of a layer that one operator runs: nobody signs, so the set is empty and the commit bears no signatures.
json::object commit_json(const ExtendedHeader& header) {
    return {{"height", std::to_string(header.height)},
            {"round", 0},
            {"block_id", to_json(BlockId{header.hash(), 1, header.data_hash})},
            {"signatures", json::array{}}};
}

json::object header_json(const ExtendedHeader& header) {
    json::object version{{"block", std::to_string(header.block_version)}};
    if (header.app_version != 0) version["app"] = std::to_string(header.app_version);
    json::object out{{"version", std::move(version)},
                     {"chain_id", header.chain_id},
                     {"height", std::to_string(header.height)},
                     {"time", to_time_text(header.time)},
                     {"last_block_id", to_json(header.last_block)}};
    for (const auto& [name, member] : kHashFields)
        out[name] = capitals(header.*member);
    out["proposer_address"] = capitals(header.proposer);
    return out;
}

Result<void> read_header(const json::value& value, ExtendedHeader& header) {
    BOOST_OUTCOME_TRY(const auto* version, require(value, "version"));
    BOOST_OUTCOME_TRY(header.block_version, number_field(*version, "block"));
    BOOST_OUTCOME_TRY(header.app_version, number_field(*version, "app"));
    BOOST_OUTCOME_TRY(const auto chain_id, text_field(value, "chain_id"));
    header.chain_id = chain_id;
    BOOST_OUTCOME_TRY(header.height, number_field(value, "height"));
    BOOST_OUTCOME_TRY(const auto time_text, text_field(value, "time"));
    const auto time = from_time_text(time_text);
    if (!time) return malformed("time");
    header.time = *time;
    BOOST_OUTCOME_TRY(const auto* last, require(value, "last_block_id"));
    BOOST_OUTCOME_TRY(header.last_block, block_id_of(*last));
    for (const auto& [name, member] : kHashFields) {
        BOOST_OUTCOME_TRY(header.*member, hex_field<Hash>(value, name));
    }
    BOOST_OUTCOME_TRY(header.proposer, hex_field<Address>(value, "proposer_address"));
    return success();
}

}  // namespace

json::object to_json(const ExtendedHeader& header) {
    return {{"header", header_json(header)},
            {"validator_set", json::object{{"validators", json::array{}}, {"proposer", nullptr}}},
            {"commit", commit_json(header)},
            {"dah", json::object{{"row_roots", list_json(header.roots.rows)},
                                 {"column_roots", list_json(header.roots.columns)}}}};
}

Result<ExtendedHeader> header_of(const json::value& value) {
    ExtendedHeader header;
    BOOST_OUTCOME_TRY(const auto* fields, require(value, "header"));
    BOOST_OUTCOME_TRYV(read_header(*fields, header));
    BOOST_OUTCOME_TRY(const auto* roots, require(value, "dah"));
    BOOST_OUTCOME_TRY(header.roots.rows, list_of<NamespacedHash>(*roots, "row_roots"));
    BOOST_OUTCOME_TRY(header.roots.columns, list_of<NamespacedHash>(*roots, "column_roots"));
    BOOST_OUTCOME_TRY(const auto* commit, require(value, "commit"));
    BOOST_OUTCOME_TRY(const auto* id, require(*commit, "block_id"));
    BOOST_OUTCOME_TRY(const auto committed, block_id_of(*id));
    if (committed.hash != header.hash()) return malformed("the commit is to another header");
    return header;
}

}  // namespace valence::da
