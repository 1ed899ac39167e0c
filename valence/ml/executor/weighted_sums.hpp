// The sums of products under Linear and Convolution by the executor's kernels, before bias and
// requantisation: what a proof's witness needs besides activations.
#pragma once

#include <memory>
#include <span>

#include "valence/ml/executor/instruction_set.hpp"
#include "valence/ml/executor/kernels/packed_matrix.hpp"

namespace valence::ml::executor {

class WeightedSums {
public:
    /// x[…, K] → Σ_k weight[n, k]·x[…, k], [rows, N]. The graph need not outlive this. Errors: too_large.
    static Result<WeightedSums> linear(const Graph& graph, WeightId weight, std::size_t rows,
                                       InstructionSet instructions = best_instruction_set());
    /// x[N, C, H, W] → the sums of a convolution, [N, O, H′, W′]; `in` and `out` are these shapes.
    static Result<WeightedSums> convolution(const Graph& graph, const Convolution& operation, const Shape& in,
                                            const Shape& out,
                                            InstructionSet instructions = best_instruction_set());

    /// Elements of x, and sums.
    std::size_t inputs() const { return map_.items * map_.item_inputs(); }
    std::size_t outputs() const { return map_.items * map_.lines * map_.columns * map_.channels; }

    /// x as the kernels read it.
    Memory stage(std::span<const std::int16_t> x) const;
    /// The work in pieces that may be done at the same time; `cost` is a guess of a piece's nanoseconds.
    std::size_t pieces() const;
    std::uint64_t cost() const;
    void run(const Memory& staged, std::size_t begin, std::size_t end, std::span<std::int64_t> sums) const;

private:
    /// Where windows begin in the staged activations, item by item, line by line, and where their sums go.
    struct Map {
        std::size_t items = 1, in_channels = 1, in_height = 1, in_width = 1;
        std::size_t staged_height = 1, staged_width = 1, before_height = 0, before_width = 0;
        std::size_t lines = 1, columns = 1, line_stride = 0, column_stride = 0;
        std::size_t channels = 1;   // of the result
        bool channels_last = true;  // in the result; x is channels first if not
        std::size_t item_inputs() const { return in_channels * in_height * in_width; }
        std::size_t staged_item() const { return staged_height * staged_width * in_channels; }
    };

    WeightedSums() = default;
    Result<void> pack(const Graph& graph, std::span<const MatrixSpec> specs, InstructionSet instructions);
    std::size_t rows() const { return map_.items * map_.lines * map_.columns; }

    Map map_;
    std::unique_ptr<Resources> resources_;  // that hold the packed weights
    PackedMatrix matrix_;
    TileFunction tile_ = nullptr;
};

}  // namespace valence::ml::executor
