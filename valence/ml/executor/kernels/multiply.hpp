// The step under Linear and Convolution: every row of activations times every panel of a packed matrix.
#pragma once

#include "valence/ml/executor/kernels/packed_matrix.hpp"

namespace valence::ml::executor {

/// Where the rows of one item lie: images of lines of columns. Strides in elements; output rows follow each
/// other.
struct RowMap {
    std::size_t images = 1;
    std::size_t lines = 1;
    std::size_t columns = 1;
    std::ptrdiff_t image_stride = 0;
    std::ptrdiff_t line_stride = 0;
    std::ptrdiff_t column_stride = 0;
    std::ptrdiff_t y_stride = 0;

    std::size_t rows() const { return images * lines * columns; }
};

class Multiply final : public Step {
public:
    Multiply(PackedMatrix matrix, const RowMap& map, BufferId from, BufferId to, InstructionSet instructions)
        : matrix_(std::move(matrix)), map_(map), from_(from), to_(to), tile_(tile_function(instructions)) {}
    void run(const Frame& frame) const override;

private:
    PackedMatrix matrix_;
    RowMap map_;
    BufferId from_;
    BufferId to_;
    TileFunction tile_;
};

/// All rows given by their addresses times one panel, tile by tile.
void multiply_rows(TileFunction tile, const Panel& panel, std::span<const std::int16_t* const> x,
                   std::span<std::int16_t* const> y);

}  // namespace valence::ml::executor
