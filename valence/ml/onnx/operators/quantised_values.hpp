// What quantised models' integers stand for, and how real numbers become such integers: shared by the
// operators on them.
#pragma once

#include "valence/ml/onnx/node_context.hpp"

namespace valence::ml::onnx_import {

/// A scale or zero point given as input i, one element or one per place on `axis` of x, shaped to broadcast.
Result<ValueId> aligned(NodeContext& node, std::size_t i, const Shape& x, std::int64_t axis);

/// (x − zero point)·scale of the inputs at these places; a zero point that is not given is 0. A scale of two
/// axes and more, or `block` > 0, has one number for every `block` places on `axis`.
Result<ValueId> dequantised(NodeContext& node, std::size_t x_at, std::size_t scale_at, std::size_t zero_at,
                            std::int64_t axis, std::int64_t block = 0);

/// x − zero point, as real numbers.
Result<ValueId> centred(NodeContext& node, std::size_t x_at, std::size_t zero_at, std::int64_t axis);

/// clamp(round(x/scale) + zero point) as integers of the file's type `to`.
Result<ValueId> quantised(NodeContext& node, ValueId x, std::size_t scale_at, std::size_t zero_at,
                          std::int64_t axis, std::int32_t to);

/// What DynamicQuantizeLinear makes of x: its integers 0 … 255, their scale and zero point, all f32.
struct DynamicallyQuantised {
    ValueId integers;
    ValueId scale;
    ValueId zero;
};
Result<DynamicallyQuantised> dynamically_quantised(real::GraphBuilder& build, ValueId x);

}  // namespace valence::ml::onnx_import
