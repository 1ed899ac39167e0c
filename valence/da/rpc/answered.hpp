// What a node of the layer answered to a client, as far as that does not contradict itself. Total on any
// JSON. Errors, of all of them: malformed; those of checking headers and blobs.
#pragma once

#include "valence/da/rpc/shapes.hpp"

namespace valence::da {

/// To blob.GetAll of one namespace: in the order of the square.
Result<std::vector<LayerBlob>> answered_blobs(const json::value& answer, const Namespace& name);

/// To header.*: one that fits its own commit and roots.
Result<ExtendedHeader> answered_header(const json::value& answer);

/// To share.GetSamples of these cells: proofs are still to be verified.
Result<std::vector<Sample>> answered_samples(const json::value& answer, std::span<const Cell> cells);

/// To share.GetNamespaceData: proofs are still to be verified.
Result<std::vector<NamespaceRow>> answered_rows(const json::value& answer);

}  // namespace valence::da
