// Recovery: a block's blobs, and nothing but its blobs, whatever the node asked would rather say.
#pragma once

#include <mutex>

#include "valence/da/layer/layer_between.hpp"

namespace valence::da {

/// Asks for all shares of a block, and repairs its square from those that come and hold. Errors:
/// DaError::unrepairable when too few do; DaError::wrong_encoding when the block's producer coded a row or
/// column wrongly; unreachable.
Result<ExtendedSquare> recover_square(Layer& layer, const ExtendedHeader& header);

/// All blobs of a namespace in a square, as Layer::blobs answers them. Errors: those of parsing shares.
Result<std::vector<LayerBlob>> blobs_of(const ExtendedSquare& square, const Namespace& name);

/// The blobs of a namespace out of its rows' shares, when these are proven to be all of it. Errors:
/// bad_proof; those of parsing shares.
Result<std::vector<LayerBlob>> proven_blobs(const ExtendedHeader& header, const Namespace& name,
                                            std::span<const NamespaceRow> rows);

/// Whether a row's range of namespaces includes this one: without, a block holds nothing of it.
bool may_hold(const SquareRoots& roots, const Namespace& name);

/// A layer whose word is taken for headers only: blobs come with the proof that they are all of their
/// namespace, and where the layer behind keeps some back, out of the square repaired from the rest.
class VerifyingLayer final : public LayerBetween {
public:
    using LayerBetween::LayerBetween;

    Result<std::vector<LayerBlob>> blobs(std::uint64_t height, const Namespace& name) override;

    /// Blocks that were repaired, each once for every time it was read.
    std::vector<std::uint64_t> repaired() const;

private:
    mutable std::mutex mutex_;  // guards what follows
    std::vector<std::uint64_t> repaired_;
};

}  // namespace valence::da
