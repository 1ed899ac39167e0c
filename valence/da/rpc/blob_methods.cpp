// blob.*: what is posted and found again.
#include <set>

#include "valence/da/da_error.hpp"
#include "valence/da/rpc/json_fields.hpp"
#include "valence/da/rpc/methods.hpp"

namespace valence::da {
namespace {

/// Blobs in one submission, and namespaces in one question.
constexpr std::size_t kMostBlobs = 1'024;
constexpr std::size_t kMostNamespaces = 128;

struct BlobId {
    std::uint64_t height = 0;
    Namespace name;
    Hash commitment;
};

/// Height and namespace first; the commitment is parameter `place`.
Result<BlobId> blob_id_of(const json::array& parameters, std::size_t place) {
    BlobId id;
    BOOST_OUTCOME_TRY(id.height, number_of(parameters[0]));
    BOOST_OUTCOME_TRY(id.name, namespace_of(parameters[1]));
    BOOST_OUTCOME_TRY(id.commitment, fixed_of<Hash>(parameters[place]));
    return id;
}

/// The proofs, row by row, that the blob's shares are in the square.
Result<std::vector<NamespacedProof>> prove_blob(EmbeddedLayer& layer, const BlobId& id) {
    BOOST_OUTCOME_TRY(const auto list, layer.blobs(id.height, id.name));
    const auto found = std::ranges::find(list, id.commitment, &LayerBlob::commitment);
    if (found == list.end()) return Error{LayerError::not_found};
    BOOST_OUTCOME_TRY(const auto square, layer.square(id.height));
    const auto width = square->width();
    std::vector<NamespacedProof> proofs;
    auto row = found->index / width;
    auto begin = found->index % width;
    auto left = blob_share_count(found->blob.data.size(), found->blob.version);
    while (left > 0) {
        const auto count = std::min(left, width / 2 - begin);
        BOOST_OUTCOME_TRY(const auto tree, square->tree({Axis::row, row}));
        proofs.push_back(tree.prove(begin, begin + count));
        left -= count;
        begin = 0;
        ++row;
    }
    return proofs;
}

}  // namespace

Result<json::value> blob_submit(EmbeddedLayer& layer, const json::array& parameters) {
    const auto* list = parameters[0].if_array();
    if (list == nullptr || list->size() > kMostBlobs) return malformed("a list of blobs expected");
    std::vector<Blob> blobs;
    for (const auto& item : *list) {
        BOOST_OUTCOME_TRY(auto blob, blob_of(item));
        blobs.push_back(std::move(blob));
    }
    // What the second parameter says of fees and accounts has no meaning here.
    BOOST_OUTCOME_TRY(const auto height, layer.submit(blobs));
    return json::value(height);
}

Result<json::value> blob_get(EmbeddedLayer& layer, const json::array& parameters) {
    BOOST_OUTCOME_TRY(const auto id, blob_id_of(parameters, 2));
    BOOST_OUTCOME_TRY(const auto list, layer.blobs(id.height, id.name));
    const auto found = std::ranges::find(list, id.commitment, &LayerBlob::commitment);
    if (found == list.end()) return Error{LayerError::not_found};
    return to_json(*found);
}

Result<json::value> blob_get_all(EmbeddedLayer& layer, const json::array& parameters) {
    BOOST_OUTCOME_TRY(const auto height, number_of(parameters[0]));
    const auto* names = parameters[1].if_array();
    if (names == nullptr || names->size() > kMostNamespaces)
        return malformed("a list of namespaces expected");
    json::array out;
    std::set<Namespace> answered;
    for (const auto& item : *names) {
        BOOST_OUTCOME_TRY(const auto name, namespace_of(item));
        if (!answered.insert(name).second) return malformed("each namespace once expected");
        BOOST_OUTCOME_TRY(const auto list, layer.blobs(height, name));
        for (const auto& blob : list)
            out.push_back(to_json(blob));
    }
    // celestia-node's answer where there is none.
    if (out.empty()) return json::value(nullptr);
    return out;
}

Result<json::value> blob_get_proof(EmbeddedLayer& layer, const json::array& parameters) {
    BOOST_OUTCOME_TRY(const auto id, blob_id_of(parameters, 2));
    BOOST_OUTCOME_TRY(const auto proofs, prove_blob(layer, id));
    json::array out;
    for (const auto& proof : proofs)
        out.push_back(to_json(proof));
    return out;
}

Result<json::value> blob_included(EmbeddedLayer& layer, const json::array& parameters) {
    BOOST_OUTCOME_TRY(const auto id, blob_id_of(parameters, 3));
    const auto* list = parameters[2].if_array();
    if (list == nullptr) return malformed("a proof expected");
    std::vector<NamespacedProof> given;
    for (const auto& item : *list) {
        BOOST_OUTCOME_TRY(auto proof, namespaced_proof_of(item));
        given.push_back(std::move(proof));
    }
    const auto proofs = prove_blob(layer, id);
    if (!proofs && proofs.error() == Error{LayerError::not_found}) return json::value(false);
    if (!proofs) return proofs.error();
    return json::value(proofs.value() == given);
}

Result<json::value> blob_get_commitment_proof(EmbeddedLayer& layer, const json::array& parameters) {
    BOOST_OUTCOME_TRY(const auto id, blob_id_of(parameters, 2));
    BOOST_OUTCOME_TRY(const auto proof, layer.prove(id.height, id.name, id.commitment));
    return to_json(proof);
}

}  // namespace valence::da
