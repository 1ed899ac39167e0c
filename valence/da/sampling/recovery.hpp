// Recovery: a block's blobs, and nothing but its blobs, whatever the node asked would rather say.
#pragma once

#include <mutex>

#include "valence/da/layer/layer.hpp"

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
/// namespace, and where the layer behind keeps some back, out of the square repaired from the rest. `behind`
/// outlives it.
class VerifyingLayer final : public Layer {
public:
    explicit VerifyingLayer(Layer& behind) : behind_(behind) {}

    Result<std::uint64_t> submit(std::span<const Blob> blobs) override { return behind_.submit(blobs); }
    Result<std::vector<LayerBlob>> blobs(std::uint64_t height, const Namespace& name) override;
    Result<ExtendedHeader> header(std::uint64_t height) override { return behind_.header(height); }
    Result<ExtendedHeader> head() override { return behind_.head(); }
    Result<ExtendedHeader> wait_for(std::uint64_t height, std::chrono::milliseconds patience) override {
        return behind_.wait_for(height, patience);
    }
    Result<CommitmentProof> prove(std::uint64_t height, const Namespace& name,
                                  const Hash& commitment) override {
        return behind_.prove(height, name, commitment);
    }
    Result<std::vector<Sample>> samples(std::uint64_t height, std::span<const Cell> cells) override {
        return behind_.samples(height, cells);
    }

    Result<std::vector<NamespaceRow>> namespace_rows(std::uint64_t height, const Namespace& name) override {
        return behind_.namespace_rows(height, name);
    }

    /// Blocks that were repaired, each once for every time it was read.
    std::vector<std::uint64_t> repaired() const;

private:
    Layer& behind_;
    mutable std::mutex mutex_;  // guards what follows
    std::vector<std::uint64_t> repaired_;
};

}  // namespace valence::da
