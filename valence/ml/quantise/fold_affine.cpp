#include "valence/ml/quantise/fold_affine.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

#include "valence/ml/quantise/masks.hpp"

namespace valence::ml {
namespace {

/// x·scale + offset along the last axis.
struct Affine {
    std::vector<double> scale;
    std::vector<double> offset;
};

/// A constant as one number per place on `axis` of a tensor of shape `full`, if it is the same along all
/// others.
std::optional<std::vector<double>> along_axis(const real::Tensor& tensor, const real::Shape& full,
                                              std::size_t axis) {
    if (tensor.element() != real::ElementType::f32 || tensor.shape().size() > full.size())
        return std::nullopt;
    const std::size_t missing = full.size() - tensor.shape().size();
    for (std::size_t k = missing; k < full.size(); ++k)
        if (k != axis && tensor.shape()[k - missing] != 1) return std::nullopt;
    const auto elements = tensor.f32();
    if (elements.size() == 1) return std::vector<double>(static_cast<std::size_t>(full[axis]), elements[0]);
    return std::vector<double>(elements.begin(), elements.end());
}

/// What the node does to its computed input along `axis`, and which that is; nothing if it is no such node.
std::optional<std::pair<real::ValueId, Affine>> as_affine(const real::Graph& graph, const real::Node& node,
                                                          std::size_t axis) {
    const bool sum = node.op == real::Op::add || node.op == real::Op::sub;
    if (!sum && node.op != real::Op::mul && node.op != real::Op::div) return std::nullopt;
    const bool constant_first = graph.is_constant(node.inputs[0]);
    const real::ValueId x = node.inputs[constant_first ? 1 : 0];
    const real::ValueId c = node.inputs[constant_first ? 0 : 1];
    if (!graph.is_constant(c) || graph.is_constant(x) || graph.shape(x) != graph.shape(node.outputs[0]) ||
        axis >= graph.shape(x).size() || (constant_first && node.op == real::Op::div))
        return std::nullopt;
    const auto width = static_cast<std::size_t>(graph.shape(x)[axis]);
    const auto values = along_axis(*graph.constant(c), graph.shape(x), axis);
    if (!values) return std::nullopt;
    Affine affine{std::vector<double>(width, 1.0), std::vector<double>(width, 0.0)};
    for (std::size_t k = 0; k < width; ++k) {
        const double value = (*values)[k];
        // What hides elements is held at a level of its own, which it would lose here.
        if (value < kMaskBelow && softmax_arguments(graph)[static_cast<std::size_t>(c)]) return std::nullopt;
        switch (node.op) {
            case real::Op::add:
                affine.offset[k] = value;
                break;
            case real::Op::sub:
                affine.scale[k] = constant_first ? -1 : 1;
                affine.offset[k] = constant_first ? value : -value;
                break;
            case real::Op::mul:
                affine.scale[k] = value;
                break;
            default:
                if (value == 0) return std::nullopt;
                affine.scale[k] = 1 / value;
        }
    }
    return std::pair{x, std::move(affine)};
}

/// All scaling and shifting between a value and what it is made of, where nothing else reads it.
struct Chain {
    real::ValueId from;
    Affine affine;
};

std::optional<Chain> chain_before(const real::Graph& graph, std::span<const std::int32_t> uses,
                                  std::span<const std::int32_t> producer, real::ValueId x, std::size_t axis) {
    std::optional<Chain> chain;
    for (;;) {
        const auto place = static_cast<std::size_t>(x);
        if (x < 0 || producer[place] < 0 || uses[place] != 1) return chain;
        auto step = as_affine(graph, graph.nodes[static_cast<std::size_t>(producer[place])], axis);
        if (!step) return chain;
        x = step->first;
        if (!chain) {
            chain = Chain{x, std::move(step->second)};
            continue;
        }
        chain->from = x;
        for (std::size_t k = 0; k < chain->affine.scale.size(); ++k) {
            chain->affine.offset[k] += chain->affine.scale[k] * step->second.offset[k];
            chain->affine.scale[k] *= step->second.scale[k];
        }
    }
}

/// Whether the product's bias can take a row of offsets: absent, or constant along the columns.
bool bias_can_take(const real::Graph& graph, const real::Node& node) {
    const real::ValueId bias = node.input(2);
    const real::Shape& out = graph.shape(node.outputs[0]);
    return bias < 0 ||
           (graph.is_constant(bias) && along_axis(*graph.constant(bias), out, out.size() - 1).has_value());
}

real::Tensor vector_of(const std::vector<double>& values) {
    return {{static_cast<std::int64_t>(values.size())}, std::vector<float>(values.begin(), values.end())};
}

/// weights·diag(scale) and bias + offset·weights as new constants of the product.
void fold_into_product(real::Graph& graph, std::size_t number, const Chain& chain) {
    const real::ValueId weights = graph.nodes[number].inputs[1];
    const bool transposed = graph.nodes[number].get<real::MatMulAttributes>().transpose_b;
    const real::Tensor& old = *graph.constant(weights);
    const std::size_t depth = chain.affine.scale.size();
    const std::size_t columns = old.f32().size() / depth;
    std::vector<double> bias(columns, 0.0);
    const real::Shape& out = graph.shape(graph.nodes[number].outputs[0]);
    if (const real::ValueId id = graph.nodes[number].input(2); id >= 0)
        bias = *along_axis(*graph.constant(id), out, out.size() - 1);
    real::Tensor scaled = old;
    for (std::size_t k = 0; k < depth; ++k)
        for (std::size_t n = 0; n < columns; ++n) {
            float& weight = scaled.f32()[transposed ? n * depth + k : k * columns + n];
            bias[n] += chain.affine.offset[k] * weight;
            weight = static_cast<float>(weight * chain.affine.scale[k]);
        }
    const std::string name = graph.value(weights).name;
    const real::ValueId new_weights = real::add_constant(graph, name, std::move(scaled));
    const real::ValueId new_bias = real::add_constant(graph, name + " (bias)", vector_of(bias));
    graph.nodes[number].inputs = {chain.from, new_weights, new_bias};
}

bool pads(const real::Window& window) {
    const auto some = [](const real::Shape& shape) {
        return std::any_of(shape.begin(), shape.end(), [](auto extent) { return extent != 0; });
    };
    return some(window.before) || some(window.after);
}

/// What x must be padded with so that scale·x + offset is 0 there; nothing if that differs between channels.
std::optional<double> level_of_zero(const Affine& affine) {
    std::optional<double> level;
    for (std::size_t k = 0; k < affine.scale.size(); ++k) {
        if (affine.scale[k] == 0) return std::nullopt;
        const double own = affine.offset[k] == 0 ? 0 : -affine.offset[k] / affine.scale[k];
        if (!level) level = own;
        if (std::abs(own - *level) > 1e-6 * (std::abs(own) + 1e-6)) return std::nullopt;
    }
    return level;
}

/// The padding that has to come before a convolution once its input's affine is in its weights; nothing if
/// there is none to add. Takes the convolution's own.
real::Node take_padding(real::Graph& graph, real::Node& convolution, real::ValueId x, double level) {
    auto window = convolution.get<real::Window>();
    real::PadAttributes attributes;
    attributes.value = level;
    attributes.before = {0, 0};
    attributes.after = {0, 0};
    real::TensorType type = graph.type(x);
    for (std::size_t k = 0; k < window.kernel.size(); ++k) {
        attributes.before.push_back(window.before.empty() ? 0 : window.before[k]);
        attributes.after.push_back(window.after.empty() ? 0 : window.after[k]);
        type.shape[2 + k] += attributes.before.back() + attributes.after.back();
    }
    window.before.assign(window.kernel.size(), 0);
    window.after.assign(window.kernel.size(), 0);
    convolution.attributes = std::move(window);
    convolution.inputs[0] = real::add_value(graph, graph.value(x).name + " (padded)", type);
    return {real::Op::pad, convolution.name, {x}, {convolution.inputs[0]}, std::move(attributes)};
}

/// The same for a convolution: input channels scaled, offsets times the sums of weights into the bias.
void fold_into_convolution(real::Graph& graph, real::Node& node, const Chain& chain) {
    const real::Tensor& old = *graph.constant(node.inputs[1]);
    const auto groups = static_cast<std::size_t>(node.get<real::Window>().groups);
    const auto outputs = static_cast<std::size_t>(old.shape()[0]);
    const auto inputs = static_cast<std::size_t>(old.shape()[1]);
    const std::size_t taps = old.f32().size() / (outputs * inputs);
    real::Tensor scaled = old;
    std::vector<double> bias(outputs, 0.0);
    for (std::size_t o = 0; o < outputs; ++o) {
        if (node.input(2) >= 0) bias[o] = graph.constant(node.inputs[2])->f32()[o];
        for (std::size_t c = 0; c < inputs; ++c) {
            const std::size_t channel = o / (outputs / groups) * inputs + c;
            for (std::size_t tap = 0; tap < taps; ++tap) {
                float& weight = scaled.f32()[(o * inputs + c) * taps + tap];
                bias[o] += chain.affine.offset[channel] * weight;
                weight = static_cast<float>(weight * chain.affine.scale[channel]);
            }
        }
    }
    const std::string name = graph.value(node.inputs[1]).name;
    const real::ValueId new_weights = real::add_constant(graph, name, std::move(scaled));
    const real::ValueId new_bias = real::add_constant(graph, name + " (bias)", vector_of(bias));
    node.inputs = {chain.from, new_weights, new_bias};
}

/// x·scale + offset by channel as one node in place of a chain's last.
void make_batch_norm(real::Graph& graph, real::Node& node, const Chain& chain) {
    const std::size_t channels = chain.affine.scale.size();
    const auto parameter = [&](const std::vector<double>& values) {
        return real::add_constant(graph, node.name, vector_of(values));
    };
    real::NormAttributes attributes;
    attributes.epsilon = 0;
    node.inputs = {chain.from, parameter(chain.affine.scale), parameter(chain.affine.offset),
                   parameter(std::vector<double>(channels, 0.0)),
                   parameter(std::vector<double>(channels, 1.0))};
    node.op = real::Op::batch_norm;
    node.attributes = attributes;
}

void drop_unused(real::Graph& graph) {
    std::vector<std::int32_t> uses = real::use_counts(graph);
    std::vector<real::Node> kept;
    for (auto node = graph.nodes.rbegin(); node != graph.nodes.rend(); ++node) {
        const bool used = std::any_of(node->outputs.begin(), node->outputs.end(), [&](real::ValueId id) {
            return uses[static_cast<std::size_t>(id)] > 0;
        });
        if (used) {
            kept.push_back(std::move(*node));
            continue;
        }
        for (const real::ValueId id : node->inputs)
            if (id >= 0) --uses[static_cast<std::size_t>(id)];
    }
    std::reverse(kept.begin(), kept.end());
    graph.nodes = std::move(kept);
}

}  // namespace

real::Graph fold_affine(real::Graph graph, const Ranges& ranges) {
    std::vector<std::int32_t> uses = real::use_counts(graph);
    std::vector<std::int32_t> producer = real::producers(graph);
    // Paddings to insert, by the place of the node they precede.
    std::vector<std::pair<std::size_t, real::Node>> paddings;
    for (std::size_t number = 0; number < graph.nodes.size(); ++number) {
        const real::ValueId x = graph.nodes[number].input(0);
        if (graph.nodes[number].op == real::Op::matmul) {
            const real::Node& node = graph.nodes[number];
            if (node.get<real::MatMulAttributes>().transpose_a || !graph.is_constant(node.inputs[1]) ||
                graph.shape(node.inputs[1]).size() != 2 || !bias_can_take(graph, node))
                continue;
            const auto chain = chain_before(graph, uses, producer, x, graph.shape(x).size() - 1);
            if (chain) fold_into_product(graph, number, *chain);
        } else if (graph.nodes[number].op == real::Op::conv) {
            real::Node& node = graph.nodes[number];
            if (!graph.is_constant(node.inputs[1]) ||
                (node.input(2) >= 0 && !graph.is_constant(node.input(2))))
                continue;
            const auto chain = chain_before(graph, uses, producer, x, 1);
            if (!chain) continue;
            const auto level = level_of_zero(chain->affine);
            const bool padded = pads(node.get<real::Window>()) && (!level || *level != 0);
            if (padded) {
                const auto place = static_cast<std::size_t>(chain->from);
                if (!level || std::abs(*level) > ranges.values[place].reach()) continue;
                fold_into_convolution(graph, node, *chain);
                paddings.emplace_back(number, take_padding(graph, node, chain->from, *level));
            } else {
                fold_into_convolution(graph, node, *chain);
            }
        }
    }
    for (auto padding = paddings.rbegin(); padding != paddings.rend(); ++padding)
        graph.nodes.insert(graph.nodes.begin() + static_cast<std::ptrdiff_t>(padding->first),
                           std::move(padding->second));
    drop_unused(graph);

    // Backwards, so that a chain is taken as a whole at its end.
    uses = real::use_counts(graph);
    producer = real::producers(graph);
    for (auto node = graph.nodes.rbegin(); node != graph.nodes.rend(); ++node) {
        const auto last = as_affine(graph, *node, 1);
        if (!last) continue;
        auto chain = chain_before(graph, uses, producer, last->first, 1);
        if (!chain) continue;
        for (std::size_t k = 0; k < chain->affine.scale.size(); ++k) {
            chain->affine.scale[k] *= last->second.scale[k];
            chain->affine.offset[k] =
                chain->affine.offset[k] * last->second.scale[k] + last->second.offset[k];
        }
        make_batch_norm(graph, *node, *chain);
    }
    drop_unused(graph);
    return graph;
}

}  // namespace valence::ml
