// What parametrises the operators of a float graph. One struct per family; op.hpp says which operator has
// which. Axes are never negative here, and every size that ONNX computes from shapes has been computed.
#pragma once

#include <cstdint>
#include <memory>
#include <variant>
#include <vector>

#include "valence/ml/float_graph/tensor.hpp"

namespace valence::ml::real {

struct NoAttributes {
    bool operator==(const NoAttributes&) const = default;
};

/// One or two numbers; op.hpp gives their meaning.
struct Scalars {
    float alpha = 0;
    float beta = 0;
    bool operator==(const Scalars&) const = default;
};

/// Clip: bounds, infinite where there is none.
struct Bounds {
    float low = 0;
    float high = 0;
    bool operator==(const Bounds&) const = default;
};

/// IsInf: which infinities count.
struct Infinities {
    bool negative = true;
    bool positive = true;
    bool operator==(const Infinities&) const = default;
};

struct CastTo {
    ElementType element = ElementType::f32;
    bool operator==(const CastTo&) const = default;
};

/// MatMul: whether the last two axes of an operand are swapped first.
struct MatMulAttributes {
    bool transpose_a = false;
    bool transpose_b = false;
    bool operator==(const MatMulAttributes&) const = default;
};

/// A window sliding over the spatial axes (those after batch and channel); one entry per spatial axis.
/// Convolutions and poolings: input place = output place · stride + tap · dilation − before.
struct Window {
    Shape kernel;
    Shape strides;
    Shape dilations;
    Shape before;
    Shape after;
    /// Spatial extents of the output (ceil_mode, auto_pad and output_padding are resolved into this).
    Shape output;
    /// Convolutions.
    std::int64_t groups = 1;
    /// Average pooling: whether padding (that of `before` and `after`, not what ceil_mode adds) counts as
    /// zeros.
    bool count_padding = false;
    bool operator==(const Window&) const = default;
};

struct Axis {
    std::int64_t axis = 0;
    bool operator==(const Axis&) const = default;
};

/// Reductions: ascending axes, which have extent 1 in the output if `keep` and vanish otherwise.
struct ReducedAxes {
    Shape axes;
    bool keep = true;
    bool operator==(const ReducedAxes&) const = default;
};

/// Arg-max and arg-min along one axis; among equals the first, or the last if `last`.
struct ArgAttributes {
    std::int64_t axis = 0;
    bool keep = true;
    bool last = false;
    bool operator==(const ArgAttributes&) const = default;
};

/// Normalisation over the axes from `axis` on (layer, rms), or over groups of channels.
struct NormAttributes {
    std::int64_t axis = 0;
    std::int64_t groups = 1;
    float epsilon = 0;
    bool operator==(const NormAttributes&) const = default;
};

/// Local response normalisation across channels: x / (bias + alpha/size · Σ x²)^beta.
struct LrnAttributes {
    std::int64_t size = 1;
    float alpha = 0;
    float beta = 0;
    float bias = 0;
    bool operator==(const LrnAttributes&) const = default;
};

struct SplitAttributes {
    std::int64_t axis = 0;
    Shape sizes;
    bool operator==(const SplitAttributes&) const = default;
};

/// Per axis: output place j reads input place start + j·step; `size` places.
struct SliceAttributes {
    Shape start;
    Shape step;
    Shape size;
    bool operator==(const SliceAttributes&) const = default;
};

struct Permutation {
    /// The output's axis k is the input's axis axes[k].
    Shape axes;
    bool operator==(const Permutation&) const = default;
};

/// Reshape, Expand: the output's shape.
struct TargetShape {
    Shape shape;
    bool operator==(const TargetShape&) const = default;
};

struct TileAttributes {
    Shape repeats;
    bool operator==(const TileAttributes&) const = default;
};

enum class PadMode : std::uint8_t { constant, reflect, edge, wrap };

/// Per axis, elements added before and after (never negative: cropping is a Slice).
struct PadAttributes {
    PadMode mode = PadMode::constant;
    Shape before;
    Shape after;
    /// In constant mode, converted to the element type of the input.
    double value = 0;
    bool operator==(const PadAttributes&) const = default;
};

struct TopKAttributes {
    std::int64_t axis = 0;
    std::int64_t k = 0;
    bool largest = true;
    bool operator==(const TopKAttributes&) const = default;
};

/// CumSum along one axis.
struct CumulativeAttributes {
    std::int64_t axis = 0;
    bool exclusive = false;
    bool reverse = false;
    bool operator==(const CumulativeAttributes&) const = default;
};

enum class ScatterReduction : std::uint8_t { none, add, mul, min, max };

struct ScatterAttributes {
    std::int64_t axis = 0;
    ScatterReduction reduction = ScatterReduction::none;
    bool operator==(const ScatterAttributes&) const = default;
};

/// GatherND: how many leading axes data and indices share.
struct BatchDims {
    std::int64_t count = 0;
    bool operator==(const BatchDims&) const = default;
};

enum class Activation : std::uint8_t { sigmoid, tanh, relu };

/// LSTM, GRU, RNN, one direction and the time axis first (both directions, batch-first layouts and initial
/// state selection are taken apart on import).
struct RecurrentAttributes {
    std::int64_t hidden = 0;
    bool reverse = false;
    /// GRU: whether the reset gate applies after the recurrent product.
    bool linear_before_reset = false;
    /// Gates (f), cell candidate (g) and output (h); RNN uses f only.
    Activation f = Activation::sigmoid;
    Activation g = Activation::tanh;
    Activation h = Activation::tanh;
    bool operator==(const RecurrentAttributes&) const = default;
};

/// A map from numbers to numbers of one element type each; keys ascending and unique.
struct LookupAttributes {
    std::shared_ptr<const Tensor> keys;
    std::shared_ptr<const Tensor> values;
    /// One element of the values' type, for every other key.
    std::shared_ptr<const Tensor> otherwise;
    bool operator==(const LookupAttributes&) const = default;
};

enum class TreeBranch : std::uint8_t {
    less_or_equal,
    less,
    greater_or_equal,
    greater,
    equal,
    not_equal,
    leaf
};

/// A node of a tree; children come after their parent in TreeEnsemble::nodes.
struct TreeNode {
    TreeBranch branch = TreeBranch::leaf;
    bool missing_goes_true = false;
    std::uint32_t feature = 0;
    float threshold = 0;
    /// Inner nodes: places of the children. Leaves: first and one past the last of its entries in `weights`.
    std::uint32_t if_true = 0;
    std::uint32_t if_false = 0;
    bool operator==(const TreeNode&) const = default;
};

/// What a leaf adds to one target.
struct LeafWeight {
    std::uint32_t target = 0;
    float weight = 0;
    bool operator==(const LeafWeight&) const = default;
};

enum class TreeAggregate : std::uint8_t { sum, average, min, max };

/// Gradient-boosted trees, random forests, single trees.
struct TreeEnsemble {
    std::vector<TreeNode> nodes;
    std::vector<std::uint32_t> roots;
    std::vector<LeafWeight> weights;
    std::uint32_t targets = 1;
    TreeAggregate aggregate = TreeAggregate::sum;
    /// Added to each target after aggregation; empty for none.
    std::vector<float> base;
    bool operator==(const TreeEnsemble&) const = default;
};

struct TreeAttributes {
    std::shared_ptr<const TreeEnsemble> ensemble;
    bool operator==(const TreeAttributes&) const = default;
};

using Attributes = std::variant<NoAttributes, Scalars, Bounds, Infinities, CastTo, MatMulAttributes, Window,
                                Axis, ReducedAxes, ArgAttributes, NormAttributes, LrnAttributes,
                                SplitAttributes, SliceAttributes, Permutation, TargetShape, TileAttributes,
                                PadAttributes, TopKAttributes, CumulativeAttributes, ScatterAttributes,
                                BatchDims, RecurrentAttributes, LookupAttributes, TreeAttributes>;

}  // namespace valence::ml::real
