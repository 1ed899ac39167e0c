// Attention over heads: what the many operators that contain it share.
#pragma once

#include "valence/ml/onnx/node_context.hpp"

namespace valence::ml::onnx_import {

/// What one attention works on.
struct Heads {
    /// [B, N, S, H], [B, M, T, H], [B, M, T, V]; N is a multiple of M, each of whose heads serves N/M of q's.
    ValueId q;
    ValueId k;
    ValueId v;
    /// Added to the scores, broadcast to [B, N, S, T]; kAbsent for none.
    ValueId bias = kAbsent;
    double scale = 1;
    /// Query s sees keys up to s + T − S only; others' scores are lowered by this (a negative number), 0: all
    /// seen.
    double hidden = 0;
    /// Scores are c·tanh(score/c) before the bias; 0: as they are.
    double softcap = 0;
};

/// softmax(q·kᵀ·scale + bias)·v: [B, N, S, V]
Result<ValueId> attend(real::GraphBuilder& build, const Heads& heads);

/// [B, S, N·H] → [B, N, S, H]
Result<ValueId> split_heads(real::GraphBuilder& build, ValueId x, std::int64_t heads);
/// [B, N, S, H] → [B, S, N·H]
Result<ValueId> join_heads(real::GraphBuilder& build, ValueId x);

/// Places first … first + size − 1 of x along an axis.
Result<ValueId> part_of(real::GraphBuilder& build, ValueId x, std::size_t axis, std::int64_t first,
                        std::int64_t size);

/// What masks of 0 and 1, or counts of keys that hold, do to scores: (1 − mask)·hidden, broadcast to [B, N,
/// S, T]. A mask of integers or booleans with shape [B, T], [B, S, T] or [B, 1, S, T], or counts of shape
/// [B].
Result<ValueId> mask_bias(real::GraphBuilder& build, ValueId mask, std::int64_t batch, std::int64_t keys,
                          double hidden);

}  // namespace valence::ml::onnx_import
