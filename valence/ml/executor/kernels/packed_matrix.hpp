// Weights laid out for the tile kernel, with the proof that no 32-bit sum overflows.
//
// The plan knows every weight and the interval of every activation, so for each lane it knows the least and
// greatest sum that any input can give. Products are added in 32 bits for as long as those stay inside; where
// they would not, the sums move on to 64 bits and start again (Stretch::widen). Weights of 16 bits may
// instead be split into 256·h + l, which costs twice the products and hardly ever a widening: whichever is
// estimated to be faster is taken, layer by layer.
#pragma once

#include <deque>
#include <functional>
#include <span>
#include <vector>

#include "valence/ml/executor/builder.hpp"
#include "valence/ml/executor/kernels/tile.hpp"

namespace valence::ml::executor {

/// Consecutive activations that a row of products takes, from the row's address on.
struct Segment {
    std::uint32_t offset = 0;
    std::uint32_t length = 0;
};

/// A matrix [channels, Σ lengths], in the words of the graph.
struct MatrixSpec {
    std::size_t channels = 0;
    std::vector<Segment> segments;
    /// Writes row n: the weights in the order of the segments' activations.
    std::function<void(std::size_t n, std::int16_t* row)> row;
    /// Whether every weight fits 8 bits.
    bool bytes = false;
    std::function<std::int64_t(std::size_t n)> bias;
    std::function<unsigned(std::size_t n)> exponent;
    Requantisation out;
    const std::int16_t* table = nullptr;
    Interval x;  // of the activations
    /// Few rows: fetching the weights is what costs, so bytes stay bytes.
    bool few_rows = false;
    /// The sums are wanted, not activations.
    bool sums = false;
    std::ptrdiff_t x_offset = 0;
    std::ptrdiff_t y_offset = 0;
};

class PackedMatrix {
public:
    /// Adds the panels of a matrix; called once per group of a convolution.
    Result<void> add(Resources& resources, const MatrixSpec& spec);

    std::span<const Panel> panels() const { return panels_; }
    /// Pairs of products of one row, over all panels' lanes.
    std::uint64_t pairs() const { return pairs_; }

private:
    std::vector<Panel> panels_;
    std::deque<Finish> finishes_;
    std::deque<std::vector<Stretch>> stretches_;
    std::uint64_t pairs_ = 0;
};

/// Greatest number of pairs of products of any activation and a weight of at most 2^7 in magnitude that 32
/// bits can sum: 2·255·2^22 < 2^31.
inline constexpr std::uint32_t kSplitPairs = 255;

}  // namespace valence::ml::executor
