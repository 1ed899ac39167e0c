// Planning depthwise convolutions for their own kernel.
#pragma once

#include <optional>

#include "valence/ml/executor/kernels/depthwise.hpp"
#include "valence/ml/executor/kernels/multiply.hpp"

namespace valence::ml::executor {

/// One matrix of a single row per channel (the spec of channel c from `spec(c)`), as blocks of 16 channels;
/// nothing where some channel's sum may need more than 32 bits.
Result<std::optional<Depthwise>> pack_depthwise(Resources& resources, std::size_t channels,
                                                const std::vector<MatrixSpec>& specs);

class ConvolveDepthwise final : public Step {
public:
    ConvolveDepthwise(Depthwise layer, const RowMap& map, BufferId from, BufferId to,
                      InstructionSet instructions)
        : layer_(std::move(layer)), map_(map), from_(from), to_(to), instructions_(instructions) {}
    void run(const Frame& frame) const override;

private:
    Depthwise layer_;
    RowMap map_;
    BufferId from_;
    BufferId to_;
    InstructionSet instructions_;
};

}  // namespace valence::ml::executor
