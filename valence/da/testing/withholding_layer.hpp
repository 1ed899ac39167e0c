// WithholdingLayer: a layer that does not give all that its headers commit to.
#pragma once

#include <functional>

#include "valence/da/layer/layer_between.hpp"

namespace valence::da::testing {

/// Keeps back the shares of a block that it is told to, and with them all of its blobs.
class WithholdingLayer final : public LayerBetween {
public:
    WithholdingLayer(Layer& behind, std::uint64_t height, std::function<bool(Cell)> withheld)
        : LayerBetween(behind), height_(height), withheld_(std::move(withheld)) {}

    Result<std::vector<LayerBlob>> blobs(std::uint64_t height, const Namespace& name) override {
        if (height == height_) return Error{LayerError::not_found};
        return behind_.blobs(height, name);
    }
    Result<std::vector<NamespaceRow>> namespace_rows(std::uint64_t height, const Namespace& name) override {
        if (height == height_) return Error{LayerError::not_found};
        return behind_.namespace_rows(height, name);
    }
    Result<std::vector<Sample>> samples(std::uint64_t height, std::span<const Cell> cells) override {
        if (height == height_ && std::ranges::any_of(cells, withheld_)) return Error{LayerError::not_found};
        return behind_.samples(height, cells);
    }

private:
    std::uint64_t height_;
    std::function<bool(Cell)> withheld_;
};

}  // namespace valence::da::testing
