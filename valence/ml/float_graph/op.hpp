// The operators of a float graph: fewer than ONNX has, since import resolves whatever static shapes and
// constants decide (Flatten, Squeeze, DepthToSpace … are Reshape and Transpose here; Gemm is MatMul).
#pragma once

#include <cstdint>
#include <string_view>

namespace valence::ml::real {

/// Comments give inputs → outputs, the attributes struct, and the formula where the name leaves doubt. f32
/// unless said otherwise; "any" is any element type; broadcasting is numpy's.
enum class Op : std::uint8_t {
    // ---- One f32 input, elementwise
    relu,
    leaky_relu,        // Scalars: x < 0 ? alpha·x : x
    elu,               // Scalars: x < 0 ? alpha·(e^x − 1) : x
    celu,              // Scalars: max(0, x) + min(0, alpha·(e^(x/alpha) − 1))
    selu,              // Scalars: x > 0 ? beta·x : beta·alpha·(e^x − 1)
    thresholded_relu,  // Scalars: x > alpha ? x : 0
    shrink,            // Scalars: x < −alpha ? x + beta : x > alpha ? x − beta : 0
    clip,              // Bounds
    sigmoid,
    hard_sigmoid,  // Scalars: clamp(alpha·x + beta, 0, 1)
    hard_swish,    // x·clamp(x/6 + 1/2, 0, 1)
    swish,         // Scalars: x / (1 + e^(−alpha·x)); SiLU for alpha = 1
    mish,          // x·tanh(ln(1 + e^x))
    gelu,          // x/2·(1 + erf(x/√2))
    gelu_tanh,     // x/2·(1 + tanh(√(2/π)·(x + 0.044715·x³)))
    tanh,
    softplus,
    softsign,
    erf,
    exp,
    log,
    sqrt,
    reciprocal,
    abs,   // f32 or i64
    neg,   // f32 or i64
    sign,  // f32 or i64
    floor,
    ceil,
    round,  // half to even
    sin,
    cos,
    tan,
    asin,
    acos,
    atan,
    sinh,
    cosh,
    asinh,
    acosh,
    atanh,
    is_nan,       // → bool
    is_inf,       // Infinities → bool
    logical_not,  // bool → bool
    cast,         // CastTo; any → the given type, f32 to i64 toward zero

    // ---- Two inputs, elementwise, broadcast, of one element type
    add,  // f32 or i64, as sub … max
    sub,
    mul,
    div,  // i64: toward zero
    pow,
    min,
    max,
    mod,            // sign of the divisor
    fmod,           // sign of the dividend
    prelu,          // (x, slope): x < 0 ? slope·x : x
    equal,          // any → bool
    less,           // f32 or i64 → bool
    less_or_equal,  // f32 or i64 → bool
    logical_and,    // bool
    logical_or,
    logical_xor,
    where,  // (bool, any, any), all broadcast

    // ---- Products
    matmul,  // MatMulAttributes: (A[…, M, K], B[…, K, N], bias?) → [M, N], leading axes broadcast; the bias
             // broadcasts to the output
    conv,    // Window: (x[N, C, …], w[O, C/groups, kernel], bias[O]?) → [N, O, output]
    conv_transpose,  // Window: (x[N, C, …], w[C, O/groups, kernel], bias[O]?) → [N, O, output]

    // ---- Pooling and reductions
    max_pool,      // Window: [N, C, …] → [N, C, output]; padding never wins
    average_pool,  // Window
    reduce_sum,    // ReducedAxes; f32 or i64, as mean … prod
    reduce_mean,   // f32
    reduce_max,
    reduce_min,
    reduce_prod,
    reduce_log_sum_exp,  // f32
    arg_max,             // ArgAttributes: f32 or i64 → i64
    arg_min,
    cum_sum,  // CumulativeAttributes; f32 or i64

    // ---- Normalisation
    batch_norm,  // NormAttributes: (x[N, C, …], scale[C], bias[C], mean[C], variance[C]), all but x constant
    layer_norm,  // NormAttributes: (x, scale?, bias?): (x − mean)/√(variance + epsilon)·scale + bias over
                 // axes ≥
    // axis; scale and bias have the shape of those axes
    rms_norm,     // NormAttributes: (x, scale?): x/√(mean of squares + epsilon)·scale over axes ≥ axis
    group_norm,   // NormAttributes: (x[N, C, …], scale[C], bias[C]); instance normalisation has groups = C
    lrn,          // LrnAttributes
    softmax,      // Axis
    log_softmax,  // Axis
    hardmax,      // Axis

    // ---- Moving elements; any element type
    concat,            // Axis: (x₁ …)
    split,             // SplitAttributes: x → y₁ …
    slice,             // SliceAttributes
    gather,            // Axis: (x, i64 indices); an index below 0 counts from the end
    gather_elements,   // Axis: (x, i64 indices of x's rank)
    gather_nd,         // BatchDims: (x, i64 indices)
    scatter_elements,  // ScatterAttributes: (x, i64 indices, updates)
    scatter_nd,        // ScatterAttributes: (x, i64 indices, updates)
    transpose,         // Permutation
    reshape,           // TargetShape
    expand,            // TargetShape: numpy's broadcast to exactly that shape
    tile,              // TileAttributes
    pad,               // PadAttributes
    top_k,             // TopKAttributes: x → values, i64 places; ties: the lower place first

    // ---- Recurrent layers, one direction, time first; gate order as in ONNX
    lstm,  // RecurrentAttributes: (x[T, B, I], w[4H, I] iofc, r[4H, H], bias[4H]?, h0[B, H]?, c0[B, H]?,
           // peepholes[3H] iof?) → y[T, B, H], h[B, H], c[B, H]
    gru,   // RecurrentAttributes: (x[T, B, I], w[3H, I] zrh, r[3H, H], input bias[3H]?, recurrent bias[3H]?,
           // h0[B, H]?) → y[T, B, H], h[B, H]
    rnn,   // RecurrentAttributes: (x[T, B, I], w[H, I], r[H, H], bias[H]?, h0[B, H]?) → y[T, B, H], h[B, H]

    // ---- Classical models
    lookup,         // LookupAttributes: keys' type → values' type
    tree_ensemble,  // TreeAttributes: x[N, F] → [N, targets]
};

/// Number of operators.
inline constexpr std::size_t kOpCount = static_cast<std::size_t>(Op::tree_ensemble) + 1;

/// "matmul"
std::string_view name(Op op);

}  // namespace valence::ml::real
