// Convolutions and poolings: kernels, strides and padding in all their spellings become one Window.
#include "valence/ml/onnx/node_context.hpp"
#include "valence/ml/onnx/operator_table.hpp"
#include "valence/ml/onnx/operators/convolution.hpp"
#include "valence/ml/onnx/operators/fused_activation.hpp"

namespace valence::ml::onnx_import {
namespace {

using real::Window;

/// No size, stride, dilation or padding is larger.
constexpr std::int64_t kMaxSize = std::int64_t{1} << 24;

Result<void> check_sizes(const Shape& sizes, std::int64_t least, std::string_view what) {
    for (const auto size : sizes)
        if (size < least || size > kMaxSize) return invalid(std::string{what} + " " + to_string(sizes));
    return success();
}

/// A list attribute with one entry per spatial axis, `otherwise` in every entry if absent.
Result<Shape> per_axis(NodeContext& node, std::string_view name, std::size_t axes, std::int64_t otherwise,
                       std::int64_t least) {
    BOOST_OUTCOME_TRY(auto list, node.integers(name, Shape(axes, otherwise)));
    if (list.empty()) list.assign(axes, otherwise);
    if (list.size() != axes) return invalid(std::string{name} + " " + to_string(list));
    BOOST_OUTCOME_TRYV(check_sizes(list, least, name));
    return list;
}

Shape spatial_of(const Shape& shape) { return {shape.begin() + 2, shape.end()}; }

struct Padding {
    std::string auto_pad;
    Shape pads;  // before, then after
};

Result<Padding> read_padding(NodeContext& node, std::size_t axes) {
    Padding padding;
    BOOST_OUTCOME_TRY(auto auto_pad, node.text("auto_pad", "NOTSET"));
    BOOST_OUTCOME_TRY(auto pads, node.integers("pads"));
    if (pads.empty()) pads.assign(2 * axes, 0);
    if (pads.size() != 2 * axes) return invalid("pads " + to_string(pads));
    for (const auto p : pads)
        if (p < 0) return unsupported("negative padding " + to_string(pads));
    BOOST_OUTCOME_TRYV(check_sizes(pads, 0, "pads"));
    if (auto_pad == "VALID") pads.assign(2 * axes, 0);
    padding.auto_pad = std::move(auto_pad);
    padding.pads = std::move(pads);
    if (padding.auto_pad != "NOTSET" && padding.auto_pad != "VALID" && padding.auto_pad != "SAME_UPPER" &&
        padding.auto_pad != "SAME_LOWER" && !padding.auto_pad.empty())
        return invalid("auto_pad '" + padding.auto_pad + "'");
    return padding;
}

/// Sets padding and output extents of a window sliding over `spatial`.
Result<void> place_forward(Window& window, const Padding& padding, const Shape& spatial, bool ceil_mode) {
    const auto axes = spatial.size();
    window.before.assign(padding.pads.begin(), padding.pads.begin() + static_cast<std::ptrdiff_t>(axes));
    window.after.assign(padding.pads.begin() + static_cast<std::ptrdiff_t>(axes), padding.pads.end());
    window.output.assign(axes, 0);
    const bool same = padding.auto_pad.starts_with("SAME");
    for (std::size_t i = 0; i < axes; ++i) {
        const auto reach = (window.kernel[i] - 1) * window.dilations[i] + 1;
        if (same) {
            window.output[i] = (spatial[i] + window.strides[i] - 1) / window.strides[i];
            const auto total =
                std::max<std::int64_t>(0, (window.output[i] - 1) * window.strides[i] + reach - spatial[i]);
            const auto less = total / 2;
            window.before[i] = padding.auto_pad == "SAME_UPPER" ? less : total - less;
            window.after[i] = total - window.before[i];
            continue;
        }
        const auto room = spatial[i] + window.before[i] + window.after[i] - reach;
        if (room < 0)
            return invalid("the window does not fit into " + std::to_string(spatial[i]) +
                           " with its padding");
        window.output[i] = room / window.strides[i] + 1;
        if (ceil_mode && room % window.strides[i] != 0 &&
            // A window must start in the input or the padding before it.
            window.output[i] * window.strides[i] < spatial[i] + window.before[i])
            ++window.output[i];
    }
    return success();
}

/// kernel_shape, or the weight's extents; strides; dilations.
Result<Window> read_window(NodeContext& node, std::size_t axes, const Shape& kernel) {
    Window window;
    BOOST_OUTCOME_TRY(auto sizes, node.integers("kernel_shape", kernel));
    if (sizes.size() != axes) return invalid("kernel_shape " + to_string(sizes));
    if (!kernel.empty() && sizes != kernel)
        return invalid("kernel_shape " + to_string(sizes) + " is not the weight's");
    BOOST_OUTCOME_TRYV(check_sizes(sizes, 1, "kernel_shape"));
    BOOST_OUTCOME_TRY(auto strides, per_axis(node, "strides", axes, 1, 1));
    BOOST_OUTCOME_TRY(auto dilations, per_axis(node, "dilations", axes, 1, 1));
    window.kernel = std::move(sizes);
    window.strides = std::move(strides);
    window.dilations = std::move(dilations);
    return window;
}

std::vector<ValueId> with_bias(const NodeContext& node) {
    std::vector<ValueId> inputs{node.input(0), node.input(1)};
    if (node.has(2)) inputs.push_back(node.input(2));
    return inputs;
}

Result<void> conv(NodeContext& node) {
    BOOST_OUTCOME_TRYV(node.require(2));
    BOOST_OUTCOME_TRY(auto window, convolution_window(node, node.shape(0), node.shape(1)));
    return node.result(Op::conv, std::move(window), with_bias(node));
}

/// com.microsoft.FusedConv: (x, w, bias?, what is added?), then a function.
Result<void> fused_conv(NodeContext& node) {
    BOOST_OUTCOME_TRYV(node.require(2));
    BOOST_OUTCOME_TRY(const auto function, node.text("activation", ""));
    BOOST_OUTCOME_TRY(const auto parameters, node.numbers("activation_params"));
    BOOST_OUTCOME_TRY(auto window, convolution_window(node, node.shape(0), node.shape(1)));
    auto& build = node.build();
    BOOST_OUTCOME_TRY(auto y, build.add_one(Op::conv, std::move(window), with_bias(node)));
    if (node.has(3)) {
        BOOST_OUTCOME_TRY(y, build.add_one(Op::add, real::NoAttributes{}, {y, node.input(3)}));
    }
    BOOST_OUTCOME_TRY(const auto activation, activated(build, y, function, parameters));
    node.set(0, activation);
    return success();
}

Result<void> conv_transpose(NodeContext& node) {
    BOOST_OUTCOME_TRYV(node.require(2));
    const auto& x = node.shape(0);
    if (x.size() < 3 || node.shape(1).size() != x.size())
        return invalid("input " + to_string(x) + ", weight " + to_string(node.shape(1)));
    const auto spatial = spatial_of(x);
    const auto axes = spatial.size();
    BOOST_OUTCOME_TRY(auto window, read_window(node, axes, spatial_of(node.shape(1))));
    BOOST_OUTCOME_TRY(const auto padding, read_padding(node, axes));
    BOOST_OUTCOME_TRY(const auto extra, per_axis(node, "output_padding", axes, 0, 0));
    BOOST_OUTCOME_TRY(auto wanted, node.integers("output_shape"));
    BOOST_OUTCOME_TRY(window.groups, node.integer("group", 1));
    if (wanted.size() == x.size()) wanted.erase(wanted.begin(), wanted.begin() + 2);
    if (!wanted.empty() && wanted.size() != axes) return invalid("output_shape " + to_string(wanted));
    const bool same = padding.auto_pad.starts_with("SAME");
    window.before.assign(axes, 0);
    window.after.assign(axes, 0);
    window.output.assign(axes, 0);
    for (std::size_t i = 0; i < axes; ++i) {
        const auto full = window.strides[i] * (spatial[i] - 1) + extra[i] +
                          (window.kernel[i] - 1) * window.dilations[i] + 1;
        if (wanted.empty() && !same) {
            window.before[i] = padding.pads[i];
            window.after[i] = padding.pads[axes + i];
            window.output[i] = full - window.before[i] - window.after[i];
        } else {
            // The padding follows from the extent; the odd element goes where auto_pad says, by default
            // before.
            window.output[i] = wanted.empty() ? spatial[i] * window.strides[i] : wanted[i];
            const auto total = std::max<std::int64_t>(0, full - window.output[i]);
            window.before[i] = padding.auto_pad == "SAME_UPPER" ? total / 2 : total - total / 2;
            window.after[i] = total - window.before[i];
        }
        if (window.output[i] < 0) return invalid("padding takes away more than there is");
    }
    return node.result(Op::conv_transpose, std::move(window), with_bias(node));
}

/// A pooling's window but for what it makes of the padding.
Result<Window> pooling_window(NodeContext& node, const Shape& x) {
    if (x.size() < 3) return invalid("input " + to_string(x));
    const auto spatial = spatial_of(x);
    BOOST_OUTCOME_TRY(auto window, read_window(node, spatial.size(), {}));
    BOOST_OUTCOME_TRY(const auto padding, read_padding(node, spatial.size()));
    BOOST_OUTCOME_TRY(const auto ceil_mode, node.integer("ceil_mode", 0));
    BOOST_OUTCOME_TRYV(place_forward(window, padding, spatial, ceil_mode != 0));
    return window;
}

Result<void> max_pool(NodeContext& node) {
    BOOST_OUTCOME_TRYV(node.require(1));
    BOOST_OUTCOME_TRY(auto window, pooling_window(node, node.shape(0)));
    node.ignore("storage_order");  // concerns the places of the maxima only
    if (node.wants(1)) return unsupported("the places of the maxima are asked for");
    if (node.type(0).element == ElementType::f32)
        return node.result(Op::max_pool, std::move(window), {node.input(0)});
    // 8-bit integers, all of which are also real numbers.
    auto& build = node.build();
    BOOST_OUTCOME_TRY(const auto x, build.cast(node.input(0), ElementType::f32));
    BOOST_OUTCOME_TRY(const auto most, build.add_one(Op::max_pool, std::move(window), {x}));
    BOOST_OUTCOME_TRY(const auto y, build.cast(most, node.type(0).element));
    node.set(0, y, node.file_type(0));
    return success();
}

Result<void> average_pool(NodeContext& node) {
    BOOST_OUTCOME_TRYV(node.require(1));
    BOOST_OUTCOME_TRY(auto window, average_window(node, node.shape(0)));
    return node.result(Op::average_pool, std::move(window), {node.input(0)});
}

template <Op op>
Result<void> global_pool(NodeContext& node) {
    BOOST_OUTCOME_TRYV(node.require(1));
    real::ReducedAxes reduced;
    for (std::size_t i = 2; i < node.shape(0).size(); ++i)
        reduced.axes.push_back(static_cast<std::int64_t>(i));
    return node.result(op, std::move(reduced), {node.input(0)});
}

constexpr OnnxOperator kWindowRows[] = {
    {"", "Conv", 1, Tier::one, conv},
    {"", "ConvTranspose", 1, Tier::two, conv_transpose},
    {"", "MaxPool", 1, Tier::one, max_pool},
    {"", "AveragePool", 1, Tier::one, average_pool},
    {"", "GlobalAveragePool", 1, Tier::one, global_pool<Op::reduce_mean>},
    {"", "GlobalMaxPool", 1, Tier::one, global_pool<Op::reduce_max>},
    {"com.microsoft", "FusedConv", 1, Tier::one, fused_conv},
};

}  // namespace

Result<Window> convolution_window(NodeContext& node, const Shape& x, const Shape& w) {
    if (x.size() < 3 || w.size() != x.size())
        return invalid("input " + to_string(x) + ", weight " + to_string(w));
    const auto spatial = spatial_of(x);
    BOOST_OUTCOME_TRY(auto window, read_window(node, spatial.size(), spatial_of(w)));
    BOOST_OUTCOME_TRY(const auto padding, read_padding(node, spatial.size()));
    BOOST_OUTCOME_TRYV(place_forward(window, padding, spatial, false));
    BOOST_OUTCOME_TRY(window.groups, node.integer("group", 1));
    return window;
}

Result<Window> average_window(NodeContext& node, const Shape& x) {
    BOOST_OUTCOME_TRY(auto window, pooling_window(node, x));
    BOOST_OUTCOME_TRY(const auto count, node.integer("count_include_pad", 0));
    window.count_padding = count != 0;
    return window;
}

std::span<const OnnxOperator> window_operators() { return kWindowRows; }

}  // namespace valence::ml::onnx_import
