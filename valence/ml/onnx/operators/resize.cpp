// Resize and Upsample: nearest as a Gather per axis, linear as a product with a matrix of weights per axis.
#include <cmath>

#include "valence/ml/onnx/node_context.hpp"
#include "valence/ml/onnx/operator_table.hpp"

namespace valence::ml::onnx_import {
namespace {

struct Resizing {
    std::string mode = "nearest";
    std::string coordinates = "asymmetric";
    std::string nearest = "floor";
};

/// The place in the input that output place `at` stands for. In single precision as onnxruntime computes it,
/// since rounding decides which neighbour is the nearest.
float source_place(const Resizing& how, std::int64_t at, double exact_scale, std::int64_t in,
                   std::int64_t out) {
    const auto x = static_cast<float>(at);
    const auto scale = static_cast<float>(exact_scale);
    if (how.coordinates == "asymmetric") return x / scale;
    if (how.coordinates == "align_corners")
        return out == 1 ? 0.0F : x * static_cast<float>(in - 1) / static_cast<float>(out - 1);
    if (how.coordinates == "pytorch_half_pixel" && out == 1) return 0;
    if (how.coordinates == "half_pixel_symmetric") {
        const float adjustment = static_cast<float>(out) / (scale * static_cast<float>(in));
        const float centre = static_cast<float>(in) / 2;
        return centre * (1 - adjustment) + (x + 0.5F) / scale - 0.5F;
    }
    if (how.coordinates == "tf_half_pixel_for_nn") return (x + 0.5F) / scale;
    return (x + 0.5F) / scale - 0.5F;
}

std::int64_t nearest_place(const Resizing& how, float place, std::int64_t in) {
    float chosen = std::floor(place);
    if (how.nearest == "ceil") chosen = std::ceil(place);
    if (how.nearest == "round_prefer_floor") chosen = std::ceil(place - 0.5F);
    if (how.nearest == "round_prefer_ceil") chosen = std::floor(place + 0.5F);
    return std::clamp<std::int64_t>(static_cast<std::int64_t>(chosen), 0, in - 1);
}

Result<ValueId> gather_nearest(real::GraphBuilder& build, const Resizing& how, ValueId x, std::size_t axis,
                               double scale, std::int64_t out) {
    const auto in = build.shape(x)[axis];
    std::vector<std::int64_t> places;
    for (std::int64_t i = 0; i < out; ++i)
        places.push_back(nearest_place(how, source_place(how, i, scale, in, out), in));
    BOOST_OUTCOME_TRY(const auto indices, build.add_constant(Tensor(Shape{out}, std::move(places))));
    return build.add_one(Op::gather, real::Axis{static_cast<std::int64_t>(axis)}, {x, indices});
}

/// Along one axis every output element is a weighted mean of two neighbours: moves the axis last and
/// multiplies.
Result<ValueId> blend_linear(real::GraphBuilder& build, const Resizing& how, ValueId x, std::size_t axis,
                             double scale, std::int64_t out) {
    const auto rank = build.shape(x).size();
    const auto in = build.shape(x)[axis];
    BOOST_OUTCOME_TRY(const auto size, real::checked_element_count({in, out}));
    if (size > (std::int64_t{1} << 28))
        return unsupported("linear interpolation of " + std::to_string(in) + " places");
    std::vector<float> weights(static_cast<std::size_t>(size));
    for (std::int64_t i = 0; i < out; ++i) {
        const double place = std::clamp(static_cast<double>(source_place(how, i, scale, in, out)), 0.0,
                                        static_cast<double>(in - 1));
        const auto low = static_cast<std::int64_t>(std::floor(place));
        const auto part = static_cast<float>(place - std::floor(place));
        weights[static_cast<std::size_t>(low * out + i)] += 1 - part;
        if (part > 0) weights[static_cast<std::size_t>((low + 1) * out + i)] += part;
    }
    BOOST_OUTCOME_TRY(const auto matrix, build.add_constant(Tensor(Shape{in, out}, std::move(weights))));
    Shape axes;
    for (std::size_t i = 0; i < rank; ++i)
        axes.push_back(static_cast<std::int64_t>(i));
    std::swap(axes[axis], axes[rank - 1]);
    BOOST_OUTCOME_TRY(const auto turned, build.transpose(x, axes));
    BOOST_OUTCOME_TRY(const auto y, build.add_one(Op::matmul, real::MatMulAttributes{}, {turned, matrix}));
    return build.transpose(y, axes);
}

Result<void> resize_to(NodeContext& node, const Resizing& how, const std::vector<double>& scales,
                       const Shape& out) {
    auto& build = node.build();
    auto x = node.input(0);
    if (how.mode != "nearest" && how.mode != "linear" && how.mode != "bilinear")
        return unsupported("mode '" + how.mode + "'");
    if (how.coordinates == "tf_crop_and_resize") return unsupported("coordinates 'tf_crop_and_resize'");
    if (how.mode != "nearest" && node.shape(0).size() < 2)
        return unsupported("linear interpolation of a vector");
    for (std::size_t axis = 0; axis < out.size(); ++axis) {
        const auto in = build.shape(x)[axis];
        if (out[axis] < 1 || in < 1 || out[axis] > (std::int64_t{1} << 24))
            return invalid("output " + to_string(out));
        if (in == out[axis] && std::fabs(scales[axis] - 1) < 1e-9) continue;
        const double exact = scales[axis] * static_cast<double>(in);
        if (how.coordinates == "align_corners" && std::fabs(exact - static_cast<double>(out[axis])) > 1e-3)
            return unsupported(
                "coordinates 'align_corners' with a fractional extent, on which implementations disagree");
        BOOST_OUTCOME_TRY(x, how.mode == "nearest"
                                 ? gather_nearest(build, how, x, axis, scales[axis], out[axis])
                                 : blend_linear(build, how, x, axis, scales[axis], out[axis]));
    }
    node.set(0, x);
    return success();
}

Result<std::vector<double>> scales_of(const Tensor& tensor, std::size_t axes) {
    if (tensor.element() != ElementType::f32 || static_cast<std::size_t>(tensor.count()) != axes)
        return invalid("scales are " + to_string(tensor.type()));
    std::vector<double> scales;
    for (const float s : tensor.f32()) {
        if (!(s > 0) || s > 1e6F) return invalid("a scale of " + std::to_string(s));
        scales.push_back(static_cast<double>(s));
    }
    return scales;
}

Result<Shape> scaled(const Shape& shape, const std::vector<double>& scales) {
    Shape out = shape;
    for (std::size_t i = 0; i < out.size(); ++i) {
        const double extent = std::floor(static_cast<double>(shape[i]) * scales[i]);
        if (extent > static_cast<double>(real::kMaxElements)) return invalid("output too large");
        out[i] = static_cast<std::int64_t>(extent);
    }
    return out;
}

Result<void> resize(NodeContext& node) {
    BOOST_OUTCOME_TRYV(node.require(1));
    Resizing how;
    BOOST_OUTCOME_TRY(how.mode, node.text("mode", "nearest"));
    const bool old = node.opset() < 11;
    if (!old) {
        BOOST_OUTCOME_TRY(how.coordinates, node.text("coordinate_transformation_mode", "half_pixel"));
        BOOST_OUTCOME_TRY(how.nearest, node.text("nearest_mode", "round_prefer_floor"));
        constexpr std::string_view kKnown[] = {"asymmetric",           "align_corners",
                                               "half_pixel",           "pytorch_half_pixel",
                                               "half_pixel_symmetric", "tf_half_pixel_for_nn"};
        if (std::find(std::begin(kKnown), std::end(kKnown), how.coordinates) == std::end(kKnown))
            return unsupported("coordinates '" + how.coordinates + "'");
        constexpr std::string_view kModes[] = {"floor", "ceil", "round_prefer_floor", "round_prefer_ceil"};
        if (std::find(std::begin(kModes), std::end(kModes), how.nearest) == std::end(kModes))
            return unsupported("nearest_mode '" + how.nearest + "'");
        BOOST_OUTCOME_TRY(const auto antialias, node.integer("antialias", 0));
        if (antialias != 0 && how.mode != "nearest") return unsupported("antialias = 1");
        node.ignore("cubic_coeff_a");        // cubic mode only, which is refused
        node.ignore("exclude_outside");      // likewise
        node.ignore("extrapolation_value");  // tf_crop_and_resize only, which is refused
    }
    const auto& shape = node.shape(0);
    const std::size_t scales_at = old ? 1 : 2;
    Shape named;
    const bool by_axes = node.has_attribute("axes");
    BOOST_OUTCOME_TRY(named, node.integers("axes"));
    if (!by_axes)
        for (std::size_t i = 0; i < shape.size(); ++i)
            named.push_back(static_cast<std::int64_t>(i));
    BOOST_OUTCOME_TRYV(normalised_axes(named, shape.size()));
    std::vector<double> scales(shape.size(), 1);
    Shape out = shape;
    const bool has_sizes = node.has(3);
    if (has_sizes) {
        BOOST_OUTCOME_TRY(const auto policy, node.text("keep_aspect_ratio_policy", "stretch"));
        if (policy != "stretch") return unsupported("keep_aspect_ratio_policy '" + policy + "'");
        BOOST_OUTCOME_TRY(const auto sizes, node.constant_integers(3, "the sizes"));
        if (sizes.size() != named.size()) return invalid("sizes " + to_string(sizes));
        for (std::size_t i = 0; i < sizes.size(); ++i) {
            BOOST_OUTCOME_TRY(const auto axis, normalised_axis(named[i], shape.size()));
            const auto at = static_cast<std::size_t>(axis);
            out[at] = sizes[i];
            scales[at] =
                static_cast<double>(sizes[i]) / static_cast<double>(std::max<std::int64_t>(shape[at], 1));
        }
    } else {
        node.ignore("keep_aspect_ratio_policy");
        BOOST_OUTCOME_TRY(const auto* tensor, node.constant(scales_at, "the scales"));
        BOOST_OUTCOME_TRY(const auto given, scales_of(*tensor, named.size()));
        for (std::size_t i = 0; i < given.size(); ++i) {
            BOOST_OUTCOME_TRY(const auto axis, normalised_axis(named[i], shape.size()));
            scales[static_cast<std::size_t>(axis)] = given[i];
        }
        BOOST_OUTCOME_TRY(out, scaled(shape, scales));
    }
    return resize_to(node, how, scales, out);
}

Result<void> upsample(NodeContext& node) {
    BOOST_OUTCOME_TRYV(node.require(1));
    Resizing how;
    BOOST_OUTCOME_TRY(how.mode, node.text("mode", "nearest"));
    std::vector<double> scales;
    if (node.opset() < 9) {
        BOOST_OUTCOME_TRY(auto given, node.numbers("scales"));
        const auto count = static_cast<std::int64_t>(given.size());
        BOOST_OUTCOME_TRY(scales, scales_of(Tensor(Shape{count}, std::move(given)), node.shape(0).size()));
    } else {
        BOOST_OUTCOME_TRY(const auto* tensor, node.constant(1, "the scales"));
        BOOST_OUTCOME_TRY(scales, scales_of(*tensor, node.shape(0).size()));
    }
    BOOST_OUTCOME_TRY(const auto out, scaled(node.shape(0), scales));
    return resize_to(node, how, scales, out);
}

constexpr OnnxOperator kResizeRows[] = {
    {"", "Resize", 10, Tier::two, resize},
    {"", "Upsample", 7, Tier::two, upsample},
};

}  // namespace

std::span<const OnnxOperator> resize_operators() { return kResizeRows; }

}  // namespace valence::ml::onnx_import
