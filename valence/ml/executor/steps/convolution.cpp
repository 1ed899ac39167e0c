// Convolution and TransposedConvolution as one matrix product per group over the staged image: the window of
// an output pixel is a row of the matrix, read where it lies.
#include "valence/ml/executor/kernels/multiply.hpp"
#include "valence/ml/executor/steps/depthwise.hpp"
#include "valence/ml/executor/steps/staging.hpp"
#include "valence/ml/executor/steps/window.hpp"
#include "valence/ml/graph/staged_image.hpp"

namespace valence::ml::executor {
namespace {

template <typename Affine>
Result<void> plan_convolution(Builder& builder, const Node& node, const Affine& operation, const Geometry& g,
                              const Staging& staging) {
    const Graph& graph = builder.graph();
    const Weight& weight = graph.weights[operation.weight];
    const Shape in = builder.tensor(node.inputs[0]).shape;
    const BufferId from = stage(builder, node.inputs[0], staging);
    const auto [output, table] = builder.absorb_lookup(node.outputs[0]);
    const Shape out = builder.tensor(output).shape;
    const std::size_t channels = in[1];

    RowMap map;
    map.images = out[0];
    map.lines = out[2];
    map.columns = out[3];
    map.column_stride = static_cast<std::ptrdiff_t>(g.stride[1] * channels);
    map.line_stride = static_cast<std::ptrdiff_t>(g.stride[0] * staging.width * channels);
    map.image_stride = static_cast<std::ptrdiff_t>(staging.height * staging.width * channels);
    map.y_stride = out[1];

    const std::size_t group_outputs = out[1] / g.groups;
    // What describes a group while it is packed: many groups of few weights take more than the weights.
    const std::size_t taps = std::size_t{g.size[0]} * g.size[1];
    BOOST_OUTCOME_TRY(builder.resources().reserve(g.groups * (sizeof(MatrixSpec) + taps * sizeof(Segment))));
    std::vector<MatrixSpec> specs;
    for (std::size_t group = 0; group < g.groups; ++group) {
        const std::size_t first = group * group_outputs;
        MatrixSpec spec = affine_spec(graph, operation, first);
        spec.channels = group_outputs;
        spec.segments = window_segments(g, staging.width, channels);
        spec.row = [&, first](std::size_t channel, std::int16_t* row) {
            window_weights(weight, g, first + channel, row);
        };
        spec.table = table;
        spec.x = builder.range(node.inputs[0]);
        spec.few_rows = map.rows() < kTileRows;
        spec.x_offset = static_cast<std::ptrdiff_t>(group * (channels / g.groups));
        spec.y_offset = static_cast<std::ptrdiff_t>(first);
        specs.push_back(std::move(spec));
    }
    const View to = builder.define(output, Layout::channels_last);
    if (table == nullptr) builder.set_range(output, {operation.out.low, operation.out.high});
    const InstructionSet instructions = builder.resources().instructions;
    if (g.groups == channels && group_outputs == 1 && channels > 1) {
        BOOST_OUTCOME_TRY(auto layer, pack_depthwise(builder.resources(), channels, specs));
        if (layer) {
            builder.emit(
                std::make_unique<ConvolveDepthwise>(std::move(*layer), map, from, to.buffer, instructions),
                {from, to.buffer});
            return success();
        }
    }
    PackedMatrix matrix;
    for (const MatrixSpec& spec : specs) {
        BOOST_OUTCOME_TRY(matrix.add(builder.resources(), spec));
    }
    builder.emit(std::make_unique<Multiply>(std::move(matrix), map, from, to.buffer, instructions),
                 {from, to.buffer});
    return success();
}

}  // namespace

Result<void> plan_step(Builder& builder, const Node& node, const Convolution& operation) {
    const Window& w = operation.window;
    const Shape in = builder.tensor(node.inputs[0]).shape;
    const Shape out = builder.tensor(node.outputs[0]).shape;
    Staging staging;
    const ImageExtents image = staged_image(operation, in, out);
    staging.height = image[0];
    staging.width = image[1];
    staging.before = {w.before[0], w.before[1]};
    return plan_convolution(builder, node, operation,
                            Geometry{w.size, w.stride, w.dilation, operation.groups, false}, staging);
}

Result<void> plan_step(Builder& builder, const Node& node, const TransposedConvolution& operation) {
    // Spread the pixels `stride` apart, and it is a convolution of stride 1 with its taps in reverse.
    const Window& w = operation.window;
    const Shape out = builder.tensor(node.outputs[0]).shape;
    const ImageExtents image = staged_image(operation, builder.tensor(node.inputs[0]).shape, out);
    Staging staging;
    staging.height = image[0];
    staging.width = image[1];
    for (std::size_t axis = 0; axis < 2; ++axis) {
        staging.before[axis] =
            (std::int64_t{w.size[axis]} - 1) * w.dilation[axis] - std::int64_t{w.before[axis]};
        staging.spread[axis] = w.stride[axis];
    }
    return plan_convolution(builder, node, operation,
                            Geometry{w.size, {1, 1}, w.dilation, operation.groups, true}, staging);
}

}  // namespace valence::ml::executor
