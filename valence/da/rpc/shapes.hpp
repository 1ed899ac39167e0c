// The JSON shapes of celestia-node's API, both ways. Bytes are base64, but hashes in headers hexadecimal in
// capitals; heights are numbers as parameters and text in headers. What reads is total: LayerError::malformed
// for anything else.
#pragma once

#include <boost/json.hpp>

#include "valence/da/layer/layer.hpp"

namespace valence::da {

namespace json = boost::json;

/// What a blob that is not in a block yet has for an index.
inline constexpr std::int64_t kNoIndex = -1;

json::object to_json(const LayerBlob& blob);
/// As a client sends it; commitment and index may be left out, and a commitment must be the blob's.
json::object to_json(const Blob& blob, const Hash& commitment);
Result<Blob> blob_of(const json::value& value);
/// As a node answers it. The commitment must be the blob's.
Result<LayerBlob> layer_blob_of(const json::value& value);

json::object to_json(const NamespacedProof& proof);
Result<NamespacedProof> namespaced_proof_of(const json::value& value);

/// Without its cell, which whoever asked knows.
json::object to_json(const Sample& sample);
Result<Sample> sample_of(const json::value& value, Cell cell);

json::object to_json(const NamespaceRow& row);
Result<NamespaceRow> namespace_row_of(const json::value& value);

json::object to_json(const CommitmentProof& proof);
Result<CommitmentProof> commitment_proof_of(const json::value& value);

json::object to_json(const ExtendedHeader& header);
/// The header's hash must be the one that its commit names; check_header looks at the rest.
Result<ExtendedHeader> header_of(const json::value& value);

json::string base64_of(BytesView bytes);
Result<Bytes> bytes_of(const json::value& value);
Result<Namespace> namespace_of(const json::value& value);
/// A number, or digits in a text.
Result<std::uint64_t> number_of(const json::value& value);

}  // namespace valence::da
