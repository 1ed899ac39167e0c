#include "valence/da/rpc/shapes.hpp"

#include "valence/da/inclusion/commitment.hpp"
#include "valence/da/rpc/json_fields.hpp"

namespace valence::da {
namespace {

json::object to_json(const MerkleProof& proof) {
    json::object out{{"total", std::to_string(proof.total)}};
    if (proof.index != 0) out["index"] = std::to_string(proof.index);
    out["leaf_hash"] = base64_of(proof.leaf_hash);
    out["aunts"] = list_json(proof.aunts);
    return out;
}

Result<MerkleProof> merkle_proof_of(const json::value& value) {
    MerkleProof proof;
    BOOST_OUTCOME_TRY(proof.total, number_field(value, "total"));
    BOOST_OUTCOME_TRY(proof.index, number_field(value, "index"));
    BOOST_OUTCOME_TRY(const auto* leaf, require(value, "leaf_hash"));
    BOOST_OUTCOME_TRY(proof.leaf_hash, fixed_of<Hash>(*leaf));
    BOOST_OUTCOME_TRY(proof.aunts, list_of<Hash>(value, "aunts"));
    return proof;
}

Result<RowProof> row_proof_of(const json::value& value) {
    RowProof proof;
    BOOST_OUTCOME_TRY(proof.roots, list_of<NamespacedHash>(value, "row_roots"));
    BOOST_OUTCOME_TRY(proof.first, number_field(value, "start_row"));
    BOOST_OUTCOME_TRY(proof.last, number_field(value, "end_row"));
    BOOST_OUTCOME_TRY(const auto* proofs, require(value, "proofs"));
    const auto* list = proofs->if_array();
    if (list == nullptr || list->size() > kMostItems) return malformed("proofs");
    for (const auto& item : *list) {
        BOOST_OUTCOME_TRY(auto one, merkle_proof_of(item));
        proof.proofs.push_back(std::move(one));
    }
    return proof;
}

}  // namespace

json::object to_json(const Blob& blob, const Hash& commitment) {
    json::object out{{"namespace", base64_of(blob.name)},
                     {"data", base64_of(blob.data)},
                     {"share_version", blob.version},
                     {"commitment", base64_of(commitment)}};
    if (blob.signer) out["signer"] = base64_of(*blob.signer);
    out["index"] = kNoIndex;
    return out;
}

json::object to_json(const LayerBlob& blob) {
    auto out = to_json(blob.blob, blob.commitment);
    out["index"] = blob.index;
    return out;
}

Result<Blob> blob_of(const json::value& value) {
    Blob blob;
    BOOST_OUTCOME_TRY(const auto* name, require(value, "namespace"));
    BOOST_OUTCOME_TRY(blob.name, namespace_of(*name));
    BOOST_OUTCOME_TRY(const auto* data, require(value, "data"));
    BOOST_OUTCOME_TRY(blob.data, bytes_of(*data));
    BOOST_OUTCOME_TRY(const auto version, number_field(value, "share_version"));
    if (version > 255) return malformed("share_version");
    blob.version = static_cast<std::uint8_t>(version);
    if (const auto* signer = field(value, "signer"); signer != nullptr && !signer->is_null()) {
        BOOST_OUTCOME_TRY(const auto bytes, bytes_of(*signer));
        if (!bytes.empty()) {
            BOOST_OUTCOME_TRY(blob.signer, fixed_of<Address>(*signer));
        }
    }
    BOOST_OUTCOME_TRYV(check_blob(blob));
    if (const auto* given = field(value, "commitment"); given != nullptr && !given->is_null()) {
        BOOST_OUTCOME_TRY(const auto commitment, fixed_of<Hash>(*given));
        if (commitment != blob_commitment(blob)) return malformed("a commitment to another blob");
    }
    return blob;
}

Result<LayerBlob> layer_blob_of(const json::value& value) {
    LayerBlob out;
    BOOST_OUTCOME_TRY(out.blob, blob_of(value));
    BOOST_OUTCOME_TRY(const auto* commitment, require(value, "commitment"));
    BOOST_OUTCOME_TRY(out.commitment, fixed_of<Hash>(*commitment));
    BOOST_OUTCOME_TRY(out.index, number_field(value, "index"));
    return out;
}

json::object to_json(const NamespacedProof& proof) {
    json::object out;
    // Zeros are left out, as in celestia-node's answers.
    if (proof.start != 0) out["start"] = proof.start;
    if (proof.end != 0) out["end"] = proof.end;
    out["nodes"] = list_json(proof.nodes);
    if (proof.absent_leaf) out["leaf_hash"] = base64_of(*proof.absent_leaf);
    out["is_max_namespace_ignored"] = true;
    return out;
}

Result<NamespacedProof> namespaced_proof_of(const json::value& value) {
    NamespacedProof proof;
    BOOST_OUTCOME_TRY(proof.start, number_field(value, "start"));
    BOOST_OUTCOME_TRY(proof.end, number_field(value, "end"));
    BOOST_OUTCOME_TRY(proof.nodes, list_of<NamespacedHash>(value, "nodes"));
    if (const auto* leaf = field(value, "leaf_hash"); leaf != nullptr && !leaf->is_null()) {
        BOOST_OUTCOME_TRY(const auto bytes, bytes_of(*leaf));
        if (!bytes.empty()) {
            BOOST_OUTCOME_TRY(proof.absent_leaf, fixed_of<NamespacedHash>(*leaf));
        }
    }
    return proof;
}

json::object to_json(const Sample& sample) {
    return {{"share", base64_of(sample.share)},
            {"proof", to_json(sample.proof)},
            {"proof_type", static_cast<int>(sample.axis)}};
}

Result<Sample> sample_of(const json::value& value, Cell cell) {
    Sample sample;
    sample.cell = cell;
    BOOST_OUTCOME_TRY(const auto* share, require(value, "share"));
    BOOST_OUTCOME_TRY(sample.share, fixed_of<Share>(*share));
    BOOST_OUTCOME_TRY(const auto axis, number_field(value, "proof_type"));
    if (axis > 1) return malformed("proof_type");
    sample.axis = static_cast<Axis>(axis);
    BOOST_OUTCOME_TRY(const auto* proof, require(value, "proof"));
    BOOST_OUTCOME_TRY(sample.proof, namespaced_proof_of(*proof));
    return sample;
}

json::object to_json(const NamespaceRow& row) {
    return {{"shares", list_json(row.shares)}, {"proof", to_json(row.proof)}};
}

Result<NamespaceRow> namespace_row_of(const json::value& value) {
    NamespaceRow row;
    BOOST_OUTCOME_TRY(row.shares, list_of<Share>(value, "shares"));
    BOOST_OUTCOME_TRY(const auto* proof, require(value, "proof"));
    BOOST_OUTCOME_TRY(row.proof, namespaced_proof_of(*proof));
    return row;
}

json::object to_json(const CommitmentProof& proof) {
    json::array subtree_proofs;
    for (const auto& one : proof.subtree_proofs)
        subtree_proofs.push_back(to_json(one));
    json::array row_proofs;
    for (const auto& one : proof.rows.proofs)
        row_proofs.push_back(to_json(one));
    json::object rows{{"row_roots", list_json(proof.rows.roots)}, {"proofs", std::move(row_proofs)}};
    if (proof.rows.first != 0) rows["start_row"] = proof.rows.first;
    if (proof.rows.last != 0) rows["end_row"] = proof.rows.last;
    return {{"subtree_roots", list_json(proof.subtree_roots)},
            {"subtree_root_proofs", std::move(subtree_proofs)},
            {"namespace_id", base64_of(proof.name.id())},
            {"row_proof", std::move(rows)},
            {"namespace_version", proof.name.version()}};
}

Result<CommitmentProof> commitment_proof_of(const json::value& value) {
    CommitmentProof proof;
    BOOST_OUTCOME_TRY(proof.subtree_roots, list_of<NamespacedHash>(value, "subtree_roots"));
    BOOST_OUTCOME_TRY(const auto* subtree_proofs, require(value, "subtree_root_proofs"));
    const auto* list = subtree_proofs->if_array();
    if (list == nullptr || list->size() > kMostItems) return malformed("subtree_root_proofs");
    for (const auto& item : *list) {
        BOOST_OUTCOME_TRY(auto one, namespaced_proof_of(item));
        proof.subtree_proofs.push_back(std::move(one));
    }
    BOOST_OUTCOME_TRY(const auto version, number_field(value, "namespace_version"));
    BOOST_OUTCOME_TRY(const auto* id, require(value, "namespace_id"));
    BOOST_OUTCOME_TRY(const auto id_bytes, bytes_of(*id));
    if (version > 255) return malformed("namespace_version");
    Bytes name{static_cast<std::uint8_t>(version)};
    base::append(name, id_bytes);
    BOOST_OUTCOME_TRY(proof.name, parse_namespace(name));
    BOOST_OUTCOME_TRY(const auto* rows, require(value, "row_proof"));
    BOOST_OUTCOME_TRY(proof.rows, row_proof_of(*rows));
    return proof;
}

}  // namespace valence::da
