// The operations of the integer graph: all there is that a model can compute. docs/model-semantics.md states
// the same formulas with their bounds; ml/reference is their plainest implementation and decides in doubt.
//
// Conventions. x, y: activations, integers in [−2^15, 2^15). i: indices, integers in [−2^31, 2^31).
// Everything else is exact: sums and products are taken over the integers, and graph/validate.hpp refuses a
// graph in which one of them could leave 64 bits. `>>` is the arithmetic shift (floor), broadcasting is
// numpy's, axes count from 0, lists of axes are ascending and not empty. The operations that only move
// elements (Reshape … Gather, Constant, Choice) take activations and indices alike. Inputs of a node are
// listed after its name; weights are named by their number in the graph's weight table.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

#include "valence/ml/graph/shape.hpp"

namespace valence::ml {

/// Number of a tensor in Graph::tensors.
using TensorId = std::uint32_t;
/// Number of an entry of Graph::weights.
using WeightId = std::uint32_t;

/// How a 64-bit accumulator becomes an activation:
///     requantise(t) = clamp((t + 2^(shift−1)) >> shift, low, high)        round half up; no rounding term
///     for shift 0
/// Saturation is part of the semantics; ReLU and Clip are its bounds. Of T = t + 2^(shift−1) validation
/// proves that |T| ≤ 2^(30 + shift), which is 2^46 at shift 16 and 2^54 at 24, and that T >> shift lies less
/// than 2^30 outside [low, high]: what a proof's range checks represent.
struct Requantisation {
    std::uint8_t shift = 0;  // 0…24; with 8-bit weights at most 16
    std::int16_t low = -32768;
    std::int16_t high = 32767;
    bool operator==(const Requantisation&) const = default;
};

/// (x[…, K]) → y[…, N]:  y[…, n] = requantise(2^e[n] · (Σ_k weight[n, k]·x[…, k] + bias[n]))
struct Linear {
    WeightId weight;                  // int8 or int16, [N, K]
    std::optional<WeightId> bias;     // int64, [N], |b| ≤ 2^40
    std::optional<WeightId> channel;  // uint8, [N], e ≤ 15; absent: all 0
    Requantisation out;
    bool operator==(const Linear&) const = default;
};

/// Where a window of a convolution or pooling lies: input row = output row · stride + tap · dilation −
/// before.
struct Window {
    std::array<std::uint32_t, 2> size{1, 1};  // height, width
    std::array<std::uint32_t, 2> stride{1, 1};
    std::array<std::uint32_t, 2> dilation{1, 1};
    std::array<std::uint32_t, 2> before{0, 0};  // padding above, left
    std::array<std::uint32_t, 2> after{0, 0};   // padding below, right
    bool operator==(const Window&) const = default;
};

/// (x[N, C, H, W]) → y[N, O, H′, W′], zero padding; one-dimensional convolutions have H = 1:
///     y[n, o, r, q] = requantise(2^e[o] · (Σ_{c,i,j} weight[o, c, i, j]·x[n, g·C/G + c, row(r, i), column(q,
///     j)] + bias[o]))
/// with g = o·G/O the group of output channel o.
struct Convolution {
    WeightId weight;                  // int8 or int16, [O, C/G, size]
    std::optional<WeightId> bias;     // int64, [O], |b| ≤ 2^40
    std::optional<WeightId> channel;  // uint8, [O], e ≤ 15
    Window window;
    std::uint32_t groups = 1;
    Requantisation out;
    bool operator==(const Convolution&) const = default;
};

/// (x[N, C, H, W]) → y[N, O, H′, W′]: the transpose of a convolution's linear map. Output pixel (r, q) sums
/// over all (i, j) for which r + before − i·dilation is a multiple of the stride and lies in the input:
///     y[n, o, r, q] = requantise(2^e[o] · (Σ weight[o, c, i, j]·x[n, g·C/G + c, (r + before −
///     i·dilation)/stride, …] + bias[o]))
/// H′ = (H − 1)·stride + (size − 1)·dilation + 1 + extra − before − after.
struct TransposedConvolution {
    WeightId weight;  // int8 or int16, [O, C/G, size]
    std::optional<WeightId> bias;
    std::optional<WeightId> channel;
    Window window;
    std::array<std::uint32_t, 2> extra{0, 0};  // rows and columns added below and right
    std::uint32_t groups = 1;
    Requantisation out;
    bool operator==(const TransposedConvolution&) const = default;
};

/// (x[…, M, K], z[…, K, N]) → y[…, M, N], equal leading axes: y = requantise(Σ_k x[…, m, k]·z[…, k, n])
struct MatrixProduct {
    Requantisation out;
    bool operator==(const MatrixProduct&) const = default;
};

/// (x₁, …, x_n) → y, all broadcast: y = requantise(Σ_i coefficient[i]·x_i + bias)
struct Combination {
    std::vector<std::int32_t> coefficients;  // one per input, |c| ≤ 2^24
    std::optional<WeightId> bias;            // int64, |b| ≤ 2^40, broadcast
    Requantisation out;
    bool operator==(const Combination&) const = default;
};

/// (x, z) → y, broadcast: y = requantise(x·z)
struct Product {
    Requantisation out;
    bool operator==(const Product&) const = default;
};

/// (x) → y of x's shape: y = requantise(2^e·(weight·x + bias)), weight, bias and e broadcast to x
struct Scaling {
    WeightId weight;                  // int8 or int16
    std::optional<WeightId> bias;     // int64, |b| ≤ 2^40
    std::optional<WeightId> channel;  // uint8, e ≤ 15
    Requantisation out;
    bool operator==(const Scaling&) const = default;
};

/// (x) → y with every axis of `axes` of extent 1: y = requantise(multiplier·Σ x)
struct Sum {
    std::vector<std::uint8_t> axes;  // ascending
    std::int32_t multiplier = 1;     // |m| ≤ 2^24; a mean over n is about 2^shift / n
    Requantisation out;
    bool operator==(const Sum&) const = default;
};

/// (x[N, C, H, W]) → y[N, C, H′, W′]: y[n, c, r, q] = requantise(m[r, q]·Σ x over the window), padding counts
/// as 0. m = multiplier, or the table's entry where the divisor depends on how much of the window is padding.
struct AveragePool {
    Window window;
    std::int32_t multiplier = 1;               // |m| ≤ 2^24
    std::optional<WeightId> multiplier_table;  // int64, [H′, W′], |m| ≤ 2^24; then multiplier is 1
    Requantisation out;
    bool operator==(const AveragePool&) const = default;
};

/// (x[N, C, H, W]) → y[N, C, H′, W′]: the largest element of the window; padding counts as −2^15.
struct MaxPool {
    Window window;
    bool operator==(const MaxPool&) const = default;
};

enum class Extremum : std::uint8_t { minimum, maximum };

/// (x) → y with every axis of `axes` of extent 1: the least or greatest element over those axes.
struct ReduceExtremum {
    Extremum which = Extremum::maximum;
    std::vector<std::uint8_t> axes;  // ascending
    bool operator==(const ReduceExtremum&) const = default;
};

/// (x, z) → y, broadcast: the lesser or greater of the two.
struct ElementwiseExtremum {
    Extremum which = Extremum::maximum;
    bool operator==(const ElementwiseExtremum&) const = default;
};

/// Functions of one real variable v; a and b are parameters, 0 where a function has none. "Largest" and
/// "least" are 2^15 − 1 and −2^15 in the table.
enum class Function : std::uint8_t {
    identity,                // v
    absolute,                // |v|
    sign,                    // −1, 0, 1
    floor,                   // ⌊v⌋
    ceiling,                 // ⌈v⌉
    round,                   // nearest integer, half to even
    leaky_relu,              // v ≥ 0: v, else a·v
    hard_sigmoid,            // clamp(a·v + b, 0, 1)
    hard_swish,              // v·clamp(v/6 + 1/2, 0, 1)
    reciprocal,              // 1/v; the largest at 0
    square,                  // v²
    power,                   // v^a; v = 0 and a < 0: the largest; v < 0 and a no integer: 0
    square_root,             // √v, 0 for v < 0
    reciprocal_square_root,  // 1/√v; the largest for v ≤ 0
    exponential,             // e^v
    logarithm,               // ln v; the least for v ≤ 0
    sigmoid,                 // 1/(1 + e^−v)
    tanh,                    // tanh v
    softplus,                // ln(1 + e^v)
    softsign,                // v/(1 + |v|)
    elu,                     // v ≥ 0: v, else a·(e^v − 1)
    selu,                    // b·(v ≥ 0: v, else a·(e^v − 1))
    erf,                     // the error function
    gelu,                    // v/2·(1 + erf(v/√2))
    gelu_tanh,               // v/2·(1 + tanh(√(2/π)·(v + 0.044715·v³)))
    silu,                    // v/(1 + e^−(a·v)), a = 1 for SiLU
    mish,                    // v·tanh(ln(1 + e^v))
    sine,                    // sin v
    cosine,                  // cos v
};

/// Which table of 65,536 entries a lookup uses: function(x·2^−in)·2^out, rounded half up and saturated to 16
/// bits at the knots x = −2^15 + 64·j, and between them interpolated linearly. Around a pole or an infinite
/// slope, and for functions with steps, every entry is rounded by itself (functions/table.hpp says where).
struct Table {
    Function function = Function::identity;
    std::int8_t in = 0;   // exponent of the argument: v = x·2^−in; −32…32
    std::int8_t out = 0;  // exponent of the result; −32…32
    std::int32_t a = 0;   // parameters, in units of 2^−20
    std::int32_t b = 0;
    bool operator==(const Table&) const = default;
    auto operator<=>(const Table&) const = default;
};

/// (x) → y of the same shape: y = table[x]
struct Lookup {
    Table table;
    bool operator==(const Lookup&) const = default;
};

/// (x[…, n]) → y[…, n] at exponent 15. With m = max x, E = table(exponential, in 11, out 14), R(t) the
/// requantisation of shift max(in − 11, 0) without upper clamp:
///     d_k = max(R((x_k − m)·2^max(11 − in, 0)), −2^15),  e_k = E[d_k],  S = Σ e_k,
///     y_k = min(2^15 − 1, ⌊(2^16·e_k + S) / (2·S)⌋)
/// d is at exponent 11 whatever x's is: there E's knots are 1/32 apart and −2^15 is −16, where E is 0.
struct Softmax {
    std::int8_t in = 0;  // the exponent of x; −32…32
    bool operator==(const Softmax&) const = default;
};

enum class Norm : std::uint8_t {
    layer,  // c_k = n·x_k − Σx,  V = n·Σx² − (Σx)²      (x − mean)/√variance
    rms,    // c_k = n·x_k,       V = n·Σx²              x/√(mean of squares)
    l2,     // c_k = x_k,         V = Σx²                x/√(sum of squares)
};

/// (x[…, n]) → y[…, n], n ≤ 2^16, c and V as the norm says, W = max(V + epsilon, 1):
///     p the largest even number with W·2^p < 2^62 (−2 … 60),  σ = ⌊√(W·2^p)⌋,
///     y_k = clamp(⌊(c_k·2^(p/2 + out + 1) + σ) / (2·σ)⌋, −2^15, 2^15 − 1)
struct Normalise {
    Norm norm = Norm::layer;
    std::uint64_t epsilon = 0;  // in V's units: for layer and rms ε·n²·2^(2·in), < 2^60
    std::uint8_t out = 12;      // exponent of y, at most 15
    bool operator==(const Normalise&) const = default;
};

/// (x, z) → y, broadcast: x/z·2^shift rounded half up,
///     y = clamp(⌊(2·x′·2^shift + |z|) / (2·|z|)⌋, −2^15, 2^15 − 1)   with x′ = z < 0 ? −x : x;
/// z = 0: 2^15 − 1, 0 or −2^15 by the sign of x.
struct Division {
    std::uint8_t shift = 0;  // 0…40
    bool operator==(const Division&) const = default;
};

/// (x) → y: the same elements in row-major order under another shape (the output tensor's).
struct Reshape {
    bool operator==(const Reshape&) const = default;
};

/// (x) → y: y's axis k is x's axis permutation[k].
struct Transpose {
    std::vector<std::uint8_t> permutation;
    bool operator==(const Transpose&) const = default;
};

/// (x) → y: y[…, j, …] = x[…, start + j·step, …] on every axis; y's extents are the output tensor's.
struct Slice {
    std::vector<std::uint32_t> start;  // one per axis
    std::vector<std::int32_t> step;    // one per axis, not 0
    bool operator==(const Slice&) const = default;
};

/// (x₁, …, x_n) → y: one after the other along `axis`.
struct Concatenation {
    std::uint8_t axis = 0;
    bool operator==(const Concatenation&) const = default;
};

/// (x) → y: x at `before`, `value` (of x's type) elsewhere; y's extents are the output tensor's.
struct Padding {
    std::vector<std::uint32_t> before;  // one per axis
    std::int32_t value = 0;
    bool operator==(const Padding&) const = default;
};

/// (x) → y: x broadcast to the output tensor's shape.
struct Broadcast {
    bool operator==(const Broadcast&) const = default;
};

/// (x) → y: y[…, j, …] = x[…, indices[j], …] along `axis`; nearest resizing, reflecting pads, channel
/// shuffles.
struct Selection {
    std::uint8_t axis = 0;
    WeightId indices;  // int32, rank 1, each within x's extent
    bool operator==(const Selection&) const = default;
};

/// (x, i) → y, or (i) → y with a table among the weights: slices of x's axis `axis` named by i's elements
/// take that axis's place. An index below 0 counts from the end; whatever is then outside is moved to the
/// nearest end.
struct Gather {
    std::uint8_t axis = 0;
    std::optional<WeightId> table;  // int8 or int16; its entries are used as they are
    bool operator==(const Gather&) const = default;
};

/// () → y: a weight as a tensor: int8 and int16 are activations, int32 indices.
struct Constant {
    WeightId value;
    bool operator==(const Constant&) const = default;
};

/// (x) → i with extent 1 on `axis`: the place of the least or greatest element, the lowest such place on
/// ties.
struct ArgExtremum {
    Extremum which = Extremum::maximum;
    std::uint8_t axis = 0;
    bool operator==(const ArgExtremum&) const = default;
};

/// (x) → y, i with extent k on `axis`: the k greatest (least) elements in descending (ascending) order and
/// their places; ties: lower place first.
struct TopK {
    Extremum which = Extremum::maximum;
    std::uint8_t axis = 0;
    bool operator==(const TopK&) const = default;
};

enum class Relation : std::uint8_t { equal, less, less_or_equal };

/// (x, z) → y in {0, 1}, broadcast; both activations or both indices.
struct Comparison {
    Relation relation = Relation::equal;
    bool operator==(const Comparison&) const = default;
};

/// (c, x, z) → y, broadcast: c ≠ 0 ? x : z
struct Choice {
    bool operator==(const Choice&) const = default;
};

/// (i) → y: y = clamp(i·2^shift, −2^15, 2^15 − 1)
struct IndexToActivation {
    std::uint8_t shift = 0;  // 0…15
    bool operator==(const IndexToActivation&) const = default;
};

/// (x) → i: x·2^−shift, toward zero as a cast of a float to an integer does.
struct ActivationToIndex {
    std::uint8_t shift = 0;  // 0…31
    bool operator==(const ActivationToIndex&) const = default;
};

/// (i) → i: values[j] where keys[j] = i, else `otherwise`. A label encoder.
struct IndexMap {
    WeightId keys;    // int32, rank 1, strictly ascending
    WeightId values;  // int32, the same extent
    std::int32_t otherwise = 0;
    bool operator==(const IndexMap&) const = default;
};

/// (x[N, F]) → y[N, T]: every tree is walked from its root: at an inner node, left if x[n, feature] ≤
/// threshold, else right, until a leaf. y[n, t] = requantise(bias[t] + Σ over the leaves reached of
/// leaf[leaf, t]). Nodes are rows (feature, threshold, left, right); children come after their parent;
/// feature −1 is a leaf, `left` its row in `leaves`, threshold and right are 0.
struct TreeEnsemble {
    WeightId nodes;                // int32, [nodes, 4]
    WeightId roots;                // int32, [trees]
    WeightId leaves;               // int64, [leaves, T], |leaf| ≤ 2^40
    std::optional<WeightId> bias;  // int64, [T], |b| ≤ 2^40
    Requantisation out;
    /// Rows visited for one item at most, leaves included: the sum over the trees of their longest way from
    /// root to leaf. Follows from the weights, and stands here so that a run is priced without them.
    std::uint64_t steps = 0;
    bool operator==(const TreeEnsemble&) const = default;
};

/// (initial states…, elements…) → (final states…, sequences…): the body graph, once per step along axis 0 of
/// the elements, t = 0 … T − 1 (T − 1 … 0 if reversed). The body's inputs are the states, then row t of each
/// element (without axis 0); its outputs are the next states, then row t of each sequence, which therefore
/// are in the order of the elements whatever the direction. At least one element. Recurrent layers.
struct Scan {
    std::uint32_t body = 0;    // number in Graph::bodies
    std::uint32_t states = 0;  // how many inputs, and as many outputs, are states
    bool reversed = false;
    bool operator==(const Scan&) const = default;
};

/// Every operation; the order is the number of the kind in a .vmodel file and never changes.
using Operation =
    std::variant<Linear, Convolution, TransposedConvolution, MatrixProduct, Combination, Product, Scaling,
                 Sum, AveragePool, MaxPool, ReduceExtremum, ElementwiseExtremum, Lookup, Softmax, Normalise,
                 Division, Reshape, Transpose, Slice, Concatenation, Padding, Broadcast, Selection, Gather,
                 Constant, ArgExtremum, TopK, Comparison, Choice, IndexToActivation, ActivationToIndex,
                 IndexMap, TreeEnsemble, Scan>;

}  // namespace valence::ml
