// Operators that only rearrange: their shape arithmetic is done here, once.
#include <limits>

#include "valence/ml/onnx/node_context.hpp"
#include "valence/ml/onnx/operator_table.hpp"

namespace valence::ml::onnx_import {
namespace {

using real::Axis;

Result<void> identity(NodeContext& node) {
    BOOST_OUTCOME_TRYV(node.require(1));
    node.set(0, node.input(0));
    return success();
}

Result<void> dropout(NodeContext& node) {
    BOOST_OUTCOME_TRYV(node.require(1));
    node.ignore("ratio");
    node.ignore("seed");
    node.ignore("is_test");
    node.ignore("consumed_inputs");
    if (node.opset() >= 12 && node.has(2)) {
        BOOST_OUTCOME_TRY(const auto* training, node.constant(2, "training_mode"));
        if (training->element() != ElementType::boolean || training->count() != 1)
            return invalid("training_mode is " + to_string(training->type()));
        if (training->boolean()[0] != 0) {
            bool drops = true;
            if (const auto* ratio = node.has(1) ? node.build().constant(node.input(1)) : nullptr)
                drops = ratio->element() != ElementType::f32 || ratio->count() != 1 || ratio->f32()[0] != 0;
            if (drops) return unsupported("training mode, which is random");
        }
    }
    node.set(0, node.input(0));
    if (node.wants(1)) {
        Tensor mask(TensorType{ElementType::boolean, node.shape(0)});
        std::fill(mask.boolean().begin(), mask.boolean().end(), std::uint8_t{1});
        BOOST_OUTCOME_TRY(const auto id, node.build().add_constant(std::move(mask)));
        node.set(1, id, ::onnx::TensorProto::BOOL);
    }
    return success();
}

Result<void> reshape(NodeContext& node) {
    BOOST_OUTCOME_TRYV(node.require(1));
    Shape wanted;
    if (node.opset() < 5) {
        node.ignore("consumed_inputs");
        BOOST_OUTCOME_TRY(wanted, node.integers("shape"));
    } else {
        BOOST_OUTCOME_TRY(wanted, node.constant_integers(1, "the shape"));
    }
    BOOST_OUTCOME_TRY(const auto allow_zero, node.integer("allowzero", 0));
    const auto& shape = node.shape(0);
    std::int64_t known = 1;
    std::size_t open = wanted.size();
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        auto& d = wanted[i];
        if (d == 0 && allow_zero == 0) {
            if (i >= shape.size()) return invalid("0 in the shape past the input's rank");
            d = shape[i];
        }
        if (d == -1) {
            if (open != wanted.size()) return invalid("two -1 in the shape");
            open = i;
            continue;
        }
        if (d < 0 || (d > 0 && known > real::kMaxElements / d)) return invalid("shape " + to_string(wanted));
        known *= d;
    }
    if (open != wanted.size()) {
        const auto count = real::element_count(shape);
        if (known == 0 || count % known != 0) return invalid(to_string(shape) + " into " + to_string(wanted));
        wanted[open] = count / known;
    }
    BOOST_OUTCOME_TRY(const auto y, node.build().reshape(node.input(0), std::move(wanted)));
    node.set(0, y);
    return success();
}

Result<void> flatten(NodeContext& node) {
    BOOST_OUTCOME_TRYV(node.require(1));
    const auto& shape = node.shape(0);
    const auto rank = static_cast<std::int64_t>(shape.size());
    BOOST_OUTCOME_TRY(auto axis, node.integer("axis", 1));
    if (axis < 0) axis += rank;
    if (axis < 0 || axis > rank) return invalid("axis " + std::to_string(axis));
    Shape flat{1, 1};
    for (std::int64_t i = 0; i < rank; ++i)
        flat[i < axis ? 0 : 1] *= shape[static_cast<std::size_t>(i)];
    BOOST_OUTCOME_TRY(const auto y, node.build().reshape(node.input(0), std::move(flat)));
    node.set(0, y);
    return success();
}

Result<Shape> axes_of(NodeContext& node, bool& given) {
    given = true;
    if (node.opset() >= 13) {
        if (node.has(1)) return node.constant_integers(1, "the list of axes");
        given = false;
        return Shape{};
    }
    given = node.has_attribute("axes");
    return node.integers("axes");
}

Result<void> squeeze(NodeContext& node) {
    BOOST_OUTCOME_TRYV(node.require(1));
    bool given = false;
    BOOST_OUTCOME_TRY(auto list, axes_of(node, given));
    const auto& shape = node.shape(0);
    BOOST_OUTCOME_TRY(const auto axes, normalised_axes(std::move(list), shape.size()));
    Shape out;
    for (std::size_t i = 0; i < shape.size(); ++i) {
        const bool named = std::binary_search(axes.begin(), axes.end(), static_cast<std::int64_t>(i));
        if (named && shape[i] != 1) return invalid("axis " + std::to_string(i) + " of " + to_string(shape));
        if (given ? !named : shape[i] != 1) out.push_back(shape[i]);
    }
    BOOST_OUTCOME_TRY(const auto y, node.build().reshape(node.input(0), std::move(out)));
    node.set(0, y);
    return success();
}

Result<void> unsqueeze(NodeContext& node) {
    BOOST_OUTCOME_TRYV(node.require(1));
    bool given = false;
    BOOST_OUTCOME_TRY(auto list, axes_of(node, given));
    if (!given) return invalid("no axes");
    const auto& shape = node.shape(0);
    BOOST_OUTCOME_TRY(const auto axes, normalised_axes(list, shape.size() + list.size()));
    Shape out = shape;
    for (const auto axis : axes)
        out.insert(out.begin() + axis, 1);
    BOOST_OUTCOME_TRY(const auto y, node.build().reshape(node.input(0), std::move(out)));
    node.set(0, y);
    return success();
}

Result<void> transpose(NodeContext& node) {
    BOOST_OUTCOME_TRYV(node.require(1));
    Shape reversed;
    for (auto i = node.shape(0).size(); i-- > 0;)
        reversed.push_back(static_cast<std::int64_t>(i));
    BOOST_OUTCOME_TRY(auto axes, node.integers("perm", std::move(reversed)));
    BOOST_OUTCOME_TRY(const auto y, node.build().transpose(node.input(0), std::move(axes)));
    node.set(0, y);
    return success();
}

Result<void> concat(NodeContext& node) {
    BOOST_OUTCOME_TRYV(node.require(std::max<std::size_t>(node.input_count(), 1)));
    if (node.opset() >= 4 && !node.has_attribute("axis")) return invalid("no axis");
    BOOST_OUTCOME_TRY(const auto axis, node.axis("axis", 1, node.shape(0).size()));
    std::vector<ValueId> inputs;
    for (std::size_t i = 0; i < node.input_count(); ++i)
        inputs.push_back(node.input(i));
    if (inputs.size() == 1) return identity(node);
    return node.result(Op::concat, Axis{axis}, std::move(inputs));
}

Result<void> split(NodeContext& node) {
    BOOST_OUTCOME_TRYV(node.require(1));
    BOOST_OUTCOME_TRY(const auto axis, node.axis("axis", 0, node.shape(0).size()));
    const auto extent = node.shape(0)[static_cast<std::size_t>(axis)];
    const auto parts = static_cast<std::int64_t>(node.output_count());
    Shape sizes;
    if (node.opset() >= 13 || (node.opset() < 2 && node.has(1))) {
        if (node.has(1)) {
            BOOST_OUTCOME_TRY(sizes, node.constant_integers(1, "the list of sizes"));
        }
    } else {
        BOOST_OUTCOME_TRY(sizes, node.integers("split"));
    }
    BOOST_OUTCOME_TRY(const auto wanted, node.integer("num_outputs", parts));
    if (wanted != parts || parts == 0) return invalid("num_outputs " + std::to_string(wanted));
    if (sizes.empty()) {
        if (extent % parts != 0 && node.opset() < 18)
            return invalid(std::to_string(extent) + " in " + std::to_string(parts) + " equal parts");
        // From opset 18 on the last part may be smaller.
        const auto size = (extent + parts - 1) / parts;
        auto rest = extent;
        for (std::int64_t i = 0; i < parts; ++i) {
            sizes.push_back(std::min(size, rest));
            rest -= sizes.back();
        }
    }
    if (sizes.size() != node.output_count()) return invalid("sizes " + to_string(sizes));
    BOOST_OUTCOME_TRY(
        const auto ids,
        node.build().add(Op::split, real::SplitAttributes{axis, std::move(sizes)}, {node.input(0)}));
    for (std::size_t i = 0; i < ids.size(); ++i)
        node.set(i, ids[i]);
    return success();
}

/// The places start, start + step … before `end` on an axis, with numpy's clamping.
void place_slice(real::SliceAttributes& slice, std::size_t axis, std::int64_t extent, std::int64_t start,
                 std::int64_t end, std::int64_t step) {
    const auto low = step > 0 ? 0 : -1;
    const auto high = step > 0 ? extent : extent - 1;
    const auto bounded = [&](std::int64_t v) {
        if (v < 0) v = v < -extent ? -1 - extent : v + extent;
        return std::clamp<std::int64_t>(v, low, std::max<std::int64_t>(low, high));
    };
    // A negative bound past the start clamps to the lower end.
    const auto from = start < -extent ? low : bounded(start);
    const auto to = end < -extent ? low : bounded(end);
    const auto distance = step > 0 ? to - from : from - to;
    const auto stride = step == std::numeric_limits<std::int64_t>::min()
                            ? std::numeric_limits<std::int64_t>::max()
                            : std::abs(step);
    const auto size = distance <= 0 ? 0 : (distance - 1) / stride + 1;
    slice.size[axis] = size;
    slice.start[axis] = size == 0 ? 0 : from;
    slice.step[axis] = size <= 1 ? 1 : step;
}

Result<void> slice(NodeContext& node) {
    BOOST_OUTCOME_TRYV(node.require(1));
    const auto& shape = node.shape(0);
    Shape starts, ends, axes, steps;
    if (node.opset() < 10) {
        BOOST_OUTCOME_TRY(starts, node.integers("starts"));
        BOOST_OUTCOME_TRY(ends, node.integers("ends"));
        BOOST_OUTCOME_TRY(axes, node.integers("axes"));
    } else {
        BOOST_OUTCOME_TRY(starts, node.constant_integers(1, "the list of starts"));
        BOOST_OUTCOME_TRY(ends, node.constant_integers(2, "the list of ends"));
        if (node.has(3)) {
            BOOST_OUTCOME_TRY(axes, node.constant_integers(3, "the list of axes"));
        }
        if (node.has(4)) {
            BOOST_OUTCOME_TRY(steps, node.constant_integers(4, "the list of steps"));
        }
    }
    if (axes.empty())
        for (std::size_t i = 0; i < starts.size(); ++i)
            axes.push_back(static_cast<std::int64_t>(i));
    if (steps.empty()) steps.assign(starts.size(), 1);
    if (ends.size() != starts.size() || axes.size() != starts.size() || steps.size() != starts.size())
        return invalid("starts, ends, axes and steps differ in number");
    BOOST_OUTCOME_TRYV(normalised_axes(axes, shape.size()));
    real::SliceAttributes attributes{Shape(shape.size(), 0), Shape(shape.size(), 1), shape};
    for (std::size_t i = 0; i < axes.size(); ++i) {
        if (steps[i] == 0) return invalid("step 0");
        BOOST_OUTCOME_TRY(const auto axis, normalised_axis(axes[i], shape.size()));
        const auto at = static_cast<std::size_t>(axis);
        place_slice(attributes, at, shape[at], starts[i], ends[i], steps[i]);
    }
    return node.result(Op::slice, std::move(attributes), {node.input(0)});
}

Result<void> expand(NodeContext& node) {
    BOOST_OUTCOME_TRYV(node.require(2));
    BOOST_OUTCOME_TRY(const auto shape, node.constant_integers(1, "the shape"));
    Shape out(std::max(shape.size(), node.shape(0).size()), 1);
    for (std::size_t i = 0; i < out.size(); ++i) {
        const auto back = out.size() - i;
        const auto own = back <= node.shape(0).size() ? node.shape(0)[node.shape(0).size() - back] : 1;
        const auto wanted = back <= shape.size() ? shape[shape.size() - back] : 1;
        out[i] = wanted == 1 ? own : wanted;
    }
    BOOST_OUTCOME_TRY(const auto y, node.build().expand(node.input(0), std::move(out)));
    node.set(0, y);
    return success();
}

Result<void> tile(NodeContext& node) {
    BOOST_OUTCOME_TRYV(node.require(2));
    Shape repeats(node.shape(0).size(), 1);
    if (node.opset() < 6) {
        BOOST_OUTCOME_TRYV(node.require(3));
        BOOST_OUTCOME_TRY(const auto* tiles, node.constant(1, "the number of repetitions"));
        BOOST_OUTCOME_TRY(const auto* axis, node.constant(2, "the axis"));
        // Both were of the input's type then.
        const auto number = [](const Tensor& t) {
            return t.element() == ElementType::f32
                       ? static_cast<std::int64_t>(std::clamp(t.f32()[0], -1e9F, 1e9F))
                       : t.i64()[0];
        };
        if (tiles->count() != 1 || axis->count() != 1 || tiles->element() == ElementType::boolean ||
            axis->element() == ElementType::boolean)
            return invalid("one number of repetitions and one axis are needed");
        BOOST_OUTCOME_TRY(const auto at, normalised_axis(number(*axis), repeats.size()));
        repeats[static_cast<std::size_t>(at)] = number(*tiles);
    } else {
        BOOST_OUTCOME_TRY(repeats, node.constant_integers(1, "the list of repetitions"));
    }
    return node.result(Op::tile, real::TileAttributes{std::move(repeats)}, {node.input(0)});
}

Result<void> pad(NodeContext& node) {
    BOOST_OUTCOME_TRYV(node.require(1));
    const auto rank = node.shape(0).size();
    real::PadAttributes attributes;
    BOOST_OUTCOME_TRY(const auto mode, node.text("mode", "constant"));
    constexpr std::pair<std::string_view, real::PadMode> kModes[] = {{"constant", real::PadMode::constant},
                                                                     {"reflect", real::PadMode::reflect},
                                                                     {"edge", real::PadMode::edge},
                                                                     {"wrap", real::PadMode::wrap}};
    const auto* known =
        std::find_if(std::begin(kModes), std::end(kModes), [&](const auto& m) { return m.first == mode; });
    if (known == std::end(kModes)) return unsupported("mode '" + mode + "'");
    attributes.mode = known->second;
    Shape pads;
    if (node.opset() < 11) {
        BOOST_OUTCOME_TRY(pads, node.integers(node.opset() < 2 ? "paddings" : "pads"));
        BOOST_OUTCOME_TRY(const auto value, node.number("value", 0));
        attributes.value = static_cast<double>(value);
    } else {
        BOOST_OUTCOME_TRY(pads, node.constant_integers(1, "the padding"));
        if (node.has(2)) {
            BOOST_OUTCOME_TRY(const auto* value, node.constant(2, "the padding's value"));
            if (value->count() != 1) return invalid("the padding's value is " + to_string(value->type()));
            attributes.value = value->element() == ElementType::f32 ? static_cast<double>(value->f32()[0])
                               : value->element() == ElementType::i64
                                   ? static_cast<double>(value->i64()[0])
                                   : static_cast<double>(value->boolean()[0]);
            if (value->element() == ElementType::i64 && std::abs(attributes.value) > 9007199254740992.0)
                return unsupported("a padding value above 2^53");
        }
    }
    Shape axes;
    if (node.has(3)) {
        BOOST_OUTCOME_TRY(axes, node.constant_integers(3, "the list of axes"));
    } else {
        for (std::size_t i = 0; i < rank; ++i)
            axes.push_back(static_cast<std::int64_t>(i));
    }
    if (pads.size() != 2 * axes.size()) return invalid("padding " + to_string(pads));
    BOOST_OUTCOME_TRYV(normalised_axes(axes, rank));
    attributes.before.assign(rank, 0);
    attributes.after.assign(rank, 0);
    real::SliceAttributes crop{Shape(rank, 0), Shape(rank, 1), node.shape(0)};
    bool crops = false;
    for (std::size_t i = 0; i < axes.size(); ++i) {
        BOOST_OUTCOME_TRY(const auto axis, normalised_axis(axes[i], rank));
        const auto at = static_cast<std::size_t>(axis);
        const auto before = pads[i];
        const auto after = pads[axes.size() + i];
        attributes.before[at] = std::max<std::int64_t>(before, 0);
        attributes.after[at] = std::max<std::int64_t>(after, 0);
        if (before >= 0 && after >= 0) continue;
        // Negative padding takes elements away.
        const auto extent = crop.size[at];
        const auto first = before < 0 ? (before < -extent ? extent : -before) : 0;
        const auto last = after < 0 ? (after < -extent ? extent : -after) : 0;
        if (first + last > extent) return invalid("padding takes away more than there is");
        crop.size[at] = extent - first - last;
        crop.start[at] = crop.size[at] == 0 ? 0 : first;
        crops = true;
        if (attributes.mode != real::PadMode::constant)
            return unsupported("negative padding in mode '" + mode + "'");
    }
    auto x = node.input(0);
    if (crops) {
        BOOST_OUTCOME_TRY(x, node.build().add_one(Op::slice, std::move(crop), {x}));
    }
    return node.result(Op::pad, std::move(attributes), {x});
}

/// Reshape, Transpose, Reshape.
Result<void> rearrange(NodeContext& node, Shape split_shape, Shape axes, Shape out) {
    auto& build = node.build();
    BOOST_OUTCOME_TRY(const auto split_x, build.reshape(node.input(0), std::move(split_shape)));
    BOOST_OUTCOME_TRY(const auto turned, build.transpose(split_x, std::move(axes)));
    BOOST_OUTCOME_TRY(const auto y, build.reshape(turned, std::move(out)));
    node.set(0, y);
    return success();
}

Result<void> depth_to_space(NodeContext& node) {
    BOOST_OUTCOME_TRYV(node.require(1));
    BOOST_OUTCOME_TRY(const auto b, node.integer("blocksize", 0));
    BOOST_OUTCOME_TRY(const auto mode, node.text("mode", "DCR"));
    const auto& x = node.shape(0);
    if (x.size() != 4 || b < 1 || b > 65536 || x[1] % (b * b) != 0)
        return invalid("input " + to_string(x) + ", blocksize " + std::to_string(b));
    const auto c = x[1] / (b * b);
    Shape out{x[0], c, x[2] * b, x[3] * b};
    if (mode == "DCR")
        return rearrange(node, {x[0], b, b, c, x[2], x[3]}, {0, 3, 4, 1, 5, 2}, std::move(out));
    if (mode == "CRD")
        return rearrange(node, {x[0], c, b, b, x[2], x[3]}, {0, 1, 4, 2, 5, 3}, std::move(out));
    return unsupported("mode '" + mode + "'");
}

Result<void> space_to_depth(NodeContext& node) {
    BOOST_OUTCOME_TRYV(node.require(1));
    BOOST_OUTCOME_TRY(const auto b, node.integer("blocksize", 0));
    const auto& x = node.shape(0);
    if (x.size() != 4 || b < 1 || b > 65536 || x[2] % b != 0 || x[3] % b != 0)
        return invalid("input " + to_string(x) + ", blocksize " + std::to_string(b));
    return rearrange(node, {x[0], x[1], x[2] / b, b, x[3] / b, b}, {0, 3, 5, 1, 2, 4},
                     {x[0], x[1] * b * b, x[2] / b, x[3] / b});
}

constexpr OnnxOperator kShapeRows[] = {
    {"", "Identity", 1, Tier::one, identity},
    {"", "Dropout", 1, Tier::one, dropout},
    {"", "Reshape", 1, Tier::one, reshape},
    {"", "Flatten", 1, Tier::one, flatten},
    {"", "Squeeze", 1, Tier::one, squeeze},
    {"", "Unsqueeze", 1, Tier::one, unsqueeze},
    {"", "Transpose", 1, Tier::one, transpose},
    {"", "Concat", 1, Tier::one, concat},
    {"", "Split", 1, Tier::one, split},
    {"", "Slice", 1, Tier::one, slice},
    {"", "Expand", 8, Tier::one, expand},
    {"", "Tile", 1, Tier::two, tile},
    {"", "Pad", 1, Tier::one, pad},
    {"", "DepthToSpace", 1, Tier::two, depth_to_space},
    {"", "SpaceToDepth", 1, Tier::two, space_to_depth},
};

}  // namespace

std::span<const OnnxOperator> shape_operators() { return kShapeRows; }

}  // namespace valence::ml::onnx_import
