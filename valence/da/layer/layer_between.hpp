// LayerBetween: passes everything on to another layer; what is to be otherwise its heirs override.
#pragma once

#include "valence/da/layer/layer.hpp"

namespace valence::da {

/// `behind` outlives it.
class LayerBetween : public Layer {
public:
    explicit LayerBetween(Layer& behind) : behind_(behind) {}

    Result<std::uint64_t> submit(std::span<const Blob> blobs) override { return behind_.submit(blobs); }
    Result<std::vector<LayerBlob>> blobs(std::uint64_t height, const Namespace& name) override {
        return behind_.blobs(height, name);
    }
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

protected:
    Layer& behind_;
};

}  // namespace valence::da
