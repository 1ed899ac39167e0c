#include "valence/ml/quantise/lowering.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

#include <fmt/format.h>

#include "valence/ml/quantise/masks.hpp"

namespace valence::ml {
namespace {

std::uint64_t constant_elements(const real::Graph& graph) {
    std::uint64_t count = 0;
    for (const real::Value& value : graph.values)
        if (value.constant && value.type.element == real::ElementType::f32)
            count += static_cast<std::uint64_t>(value.type.count());
    return count;
}

/// Why a value can't be a tensor of the integer graph, or empty.
std::string refusal(const real::Value& value) {
    if (value.type.shape.size() > kMaxRank)
        return fmt::format("'{}' has rank {}, at most 8 are supported", value.name, value.type.shape.size());
    for (const std::int64_t extent : value.type.shape)
        if (extent < 1) return fmt::format("'{}' has no elements", value.name);
    if (static_cast<std::uint64_t>(value.type.count()) > kMaxElements)
        return fmt::format("'{}' is too large", value.name);
    return {};
}

/// Whether the node can read an input whose features have exponents of their own.
bool reads_features(const real::Graph& graph, const real::Node& node, real::ValueId input) {
    switch (node.op) {
        case real::Op::matmul:
            return node.inputs[0] == input && !node.get<real::MatMulAttributes>().transpose_a &&
                   graph.is_constant(node.inputs[1]) && graph.shape(node.inputs[1]).size() == 2;
        case real::Op::add:
        case real::Op::sub:
        case real::Op::mul:
        case real::Op::div:
            return node.inputs[0] == input && graph.is_constant(node.inputs[1]) &&
                   graph.shape(node.outputs[0]) == graph.shape(input);
        case real::Op::batch_norm:
            return node.inputs[0] == input && graph.shape(input).size() == 2;
        case real::Op::tree_ensemble:
            return true;
        default:
            return false;
    }
}

/// Beyond which arguments a function is constant, or its argument itself, to within half a step of any result
/// that has 16 bits: what lies there may saturate.
std::optional<Clamp> span_of_change(const real::Node& node) {
    constexpr double kAny = 1e30;
    switch (node.op) {
        case real::Op::swish: {
            const double alpha = node.get<real::Scalars>().alpha;
            if (alpha <= 0) return std::nullopt;
            return Clamp{-16 / alpha, kAny};
        }
        case real::Op::sigmoid:
            return Clamp{-12, 12};
        case real::Op::tanh:
            return Clamp{-6, 6};
        case real::Op::erf:
            return Clamp{-3.5, 3.5};
        case real::Op::hard_swish:
            return Clamp{-3, kAny};
        case real::Op::gelu:
        case real::Op::gelu_tanh:
            return Clamp{-5.5, kAny};
        case real::Op::softplus:
            return Clamp{-12, kAny};
        case real::Op::elu:
        case real::Op::selu:
            return Clamp{-12, kAny};
        case real::Op::mish:
            return Clamp{-16, kAny};
        default:
            return std::nullopt;
    }
}

/// Operators that end in a requantisation, which can round their exact sum to whole numbers at once.
bool rounds_exactly(real::Op op) {
    switch (op) {
        case real::Op::add:
        case real::Op::sub:
        case real::Op::mul:
        case real::Op::div:
        case real::Op::matmul:
        case real::Op::conv:
        case real::Op::conv_transpose:
        case real::Op::batch_norm:
        case real::Op::reduce_sum:
        case real::Op::reduce_mean:
            return true;
        default:
            return false;
    }
}

/// From this many elements seen on, kLittleHeadroom is enough.
constexpr std::uint64_t kManyElements = 1 << 16;
constexpr double kLittleHeadroom = 1.0625;

}  // namespace

int weight_bits(const real::Graph& graph, const QuantiseOptions& options) {
    const bool narrow = options.weights == WeightWidth::bits8 || (options.weights == WeightWidth::automatic &&
                                                                  constant_elements(graph) >= kLargeModel);
    return narrow ? 8 : 16;
}

Lowering::Lowering(const real::Graph& graph, const Ranges& seen, const QuantiseOptions& choices)
    : source(graph),
      ranges(seen),
      options(choices),
      bits(weight_bits(graph, choices)),
      builder(graph_, graph_.main),
      uses_(real::use_counts(graph)),
      producer_(real::producers(graph)),
      softmax_arguments_(ml::softmax_arguments(graph)),
      effective_(seen.values),
      rounded_(graph.values.size(), false) {
    for (const real::Node& node : graph.nodes) {
        if (node.op != real::Op::round || !read_once(node.inputs[0])) continue;
        const auto input = static_cast<std::size_t>(node.inputs[0]);
        rounded_[input] = producer_[input] >= 0 &&
                          rounds_exactly(graph.nodes[static_cast<std::size_t>(producer_[input])].op);
    }
    // Backwards, so that a chain of clamps and of moves takes the range of its end.
    for (auto node = graph.nodes.rbegin(); node != graph.nodes.rend(); ++node) {
        if (node->inputs.empty()) continue;
        const real::ValueId input = node->inputs[0];
        if (input < 0 || graph.is_constant(input) || !read_once(input)) continue;
        Range& range = effective_[static_cast<std::size_t>(input)];
        if (node->op == real::Op::relu || node->op == real::Op::clip)
            range = effective_[static_cast<std::size_t>(node->outputs[0])];
        if (const auto span = span_of_change(*node)) {
            range.low = std::max(range.low, span->low);
            range.high = std::min(range.high, span->high);
        }
    }
}

bool Lowering::read_once(real::ValueId id) const { return uses_[static_cast<std::size_t>(id)] == 1; }

int Lowering::wanted(real::ValueId id) const {
    const Range& range = effective_[static_cast<std::size_t>(id)];
    double reach = range.reach();
    if (range.masked) reach = std::max(2 * reach, reach + 32);
    // The largest of many elements is hardly exceeded by more.
    const int exponent = exponent_for(
        reach, range.count >= kManyElements ? std::min(options.headroom, kLittleHeadroom) : options.headroom);
    // What is rounded to whole numbers next is rounded once, not twice.
    return rounded_[static_cast<std::size_t>(id)] ? std::min(exponent, 0) : exponent;
}

Shape Lowering::shape(real::ValueId id) const {
    std::vector<std::uint32_t> extents;
    for (const std::int64_t extent : source.shape(id))
        extents.push_back(static_cast<std::uint32_t>(extent));
    return Shape(extents);
}

RealTensor Lowering::constant(real::ValueId id) const {
    const real::Tensor& tensor = *source.constant(id);
    RealTensor result{shape(id), {}};
    result.values.reserve(static_cast<std::size_t>(tensor.count()));
    const bool mask = softmax_arguments_[static_cast<std::size_t>(id)];
    if (tensor.element() == real::ElementType::f32)
        for (const float value : tensor.f32())
            result.values.push_back(mask && value < kMaskBelow ? kMaskLevel : value);
    else if (tensor.element() == real::ElementType::boolean)
        for (const std::uint8_t value : tensor.boolean())
            result.values.push_back(value);
    else
        for (const std::int64_t value : tensor.i64())
            result.values.push_back(static_cast<double>(value));
    return result;
}

Place Lowering::raw(real::ValueId id) {
    if (const auto known = places_.find(id); known != places_.end()) return known->second;
    VALENCE_CHECK(source.is_constant(id));
    Place place;
    if (is_index(id)) {
        const auto values = source.constant(id)->i64();
        std::vector<std::int64_t> clamped;
        for (const std::int64_t value : values)
            clamped.push_back(std::clamp<std::int64_t>(value, -2147483648LL, 2147483647LL));
        const WeightId weight = builder.add_weight(WeightType::int32, shape(id), clamped);
        place = builder.emit(Constant{weight}, {}, shape(id), 0, ElementType::index);
    } else if (source.type(id).element == real::ElementType::boolean) {
        place = builder.constant(constant(id), 0);
    } else {
        const RealTensor value = constant(id);
        double reach = 0;
        for (const double element : value.values)
            reach = std::max(reach, std::abs(element));
        place = builder.constant(value, exponent_for(reach, 1.0));
    }
    places_[id] = place;
    return place;
}

Place Lowering::at(real::ValueId id) {
    Place place = raw(id);
    if (place.features.empty()) return place;
    return builder.rescale(place, wanted(id));
}

std::vector<Place> Lowering::aligned(std::span<const real::ValueId> ids, int exponent) {
    std::vector<Place> result;
    for (const real::ValueId id : ids)
        result.push_back(source.is_constant(id) && !is_index(id) ? builder.constant(constant(id), exponent)
                                                                 : builder.rescale(at(id), exponent));
    return result;
}

bool Lowering::clamp_in_place(real::ValueId id, Clamp clamp) {
    const auto known = places_.find(id);
    if (known == places_.end() || !read_once(id) || source.is_constant(id)) return false;
    Subgraph& subgraph = builder.subgraph();
    // Only the node emitted last: anything between would have read the unclamped tensor.
    if (subgraph.nodes.empty() || subgraph.nodes.back().outputs != std::vector{known->second.tensor})
        return false;
    return std::visit(
        [&](auto& operation) {
            if constexpr (requires { operation.out; } &&
                          !std::is_same_v<std::decay_t<decltype(operation)>, Normalise>) {
                const Requantisation bounds = builder.requantisation(0, known->second.exponent, clamp);
                operation.out.low = std::max(operation.out.low, bounds.low);
                operation.out.high = std::min(operation.out.high, bounds.high);
                return operation.out.low <= operation.out.high;
            } else {
                return false;
            }
        },
        subgraph.nodes.back().operation);
}

std::span<const std::vector<float>> Lowering::feature_values(real::ValueId id) const {
    for (std::size_t k = 0; k < source.inputs.size(); ++k)
        if (source.inputs[k].value == id) return ranges.feature_values[k];
    return {};
}

std::vector<std::int8_t> Lowering::feature_exponents(std::size_t input) const {
    const real::ValueId id = source.inputs[input].value;
    const std::vector<Range>& seen = ranges.features[input];
    if (source.shape(id).size() != 2 || seen.empty() || seen.size() > 4096) return {};
    bool trees_only = true;
    std::vector<Range> thresholds(seen.size());
    for (const real::Node& node : source.nodes) {
        if (std::find(node.inputs.begin(), node.inputs.end(), id) == node.inputs.end()) continue;
        if (!reads_features(source, node, id)) return {};
        if (node.op != real::Op::tree_ensemble) {
            trees_only = false;
            continue;
        }
        for (const real::TreeNode& tree : node.get<real::TreeAttributes>().ensemble->nodes)
            if (tree.branch != real::TreeBranch::leaf && tree.feature < thresholds.size())
                thresholds[tree.feature].include(tree.threshold);
    }
    // Thresholds must lie within the range, or values on either side of one would saturate to the same. What
    // only trees read may saturate beyond them: no tree tells such values apart.
    std::vector<Range> features = thresholds;
    for (std::size_t k = 0; k < features.size() && !trees_only; ++k) {
        features[k].include(seen[k].low);
        features[k].include(seen[k].high);
    }
    for (const real::Port& output : source.outputs)
        if (output.value == id) return {};
    std::vector<std::int8_t> exponents;
    for (const Range& range : features) {
        // A feature that was always 0 in calibration says nothing about its scale.
        const int exponent =
            range.reach() == 0 ? 10 : exponent_for(range.reach(), trees_only ? 1.001 : options.headroom);
        exponents.push_back(static_cast<std::int8_t>(exponent));
    }
    if (std::all_of(exponents.begin(), exponents.end(), [&](auto e) { return e == exponents[0]; })) return {};
    return exponents;
}

void Lowering::add_inputs() {
    for (std::size_t k = 0; k < source.inputs.size(); ++k) {
        const real::ValueId id = source.inputs[k].value;
        const bool index = is_index(id);
        Place place;
        place.exponent = index || source.type(id).element == real::ElementType::boolean ? 0 : wanted(id);
        if (!index) place.features = feature_exponents(k);
        place.tensor = builder.add_tensor(index ? ElementType::index : ElementType::activation, shape(id),
                                          place.exponent);
        graph_.main.inputs.push_back(place.tensor);
        graph_.inputs.push_back({source.inputs[k].name, "", place.tensor, place.features});
        put(id, place);
    }
}

void Lowering::add_outputs() {
    for (const real::Port& output : source.outputs) {
        if (!places_.contains(output.value) && !source.is_constant(output.value)) continue;
        Place place = at(output.value);
        if (!is_index(output.value) && place.exponent > kMaxOutputExponent)
            place = builder.rescale(place, kMaxOutputExponent);
        graph_.main.outputs.push_back(place.tensor);
        graph_.outputs.push_back({output.name, "", place.tensor, {}});
    }
}

QuantiseResult Lowering::run() && {
    for (const real::Value& value : source.values)
        if (const std::string reason = refusal(value); !reason.empty()) {
            problems_.push_back({"", value.name, reason});
            return {std::move(graph_), std::move(problems_), bits};
        }
    add_inputs();
    for (const real::Node& node : source.nodes) {
        // Behind a refused node there is nothing to say.
        const bool reachable = std::all_of(node.inputs.begin(), node.inputs.end(), [&](real::ValueId id) {
            return id < 0 || source.is_constant(id) || places_.contains(id);
        });
        if (!reachable) continue;
        builder.set_name(node.name);
        if (const Result<void> done = lower(*this, node); !done)
            problems_.push_back({std::string(real::name(node.op)), node.name, done.error().context});
    }
    builder.set_name("");
    if (problems_.empty()) add_outputs();
    return {std::move(graph_), std::move(problems_), bits};
}

}  // namespace valence::ml
