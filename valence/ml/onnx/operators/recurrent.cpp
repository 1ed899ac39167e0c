// LSTM, GRU and RNN: directions taken apart, biases joined, the time axis put first.
#include "valence/ml/onnx/node_context.hpp"
#include "valence/ml/onnx/operator_table.hpp"

namespace valence::ml::onnx_import {
namespace {

using real::Activation;
using real::NoAttributes;

Result<Activation> activation_of(std::string text) {
    for (auto& c : text)
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    if (text == "sigmoid") return Activation::sigmoid;
    if (text == "tanh") return Activation::tanh;
    if (text == "relu") return Activation::relu;
    return unsupported("activation '" + text + "'");
}

/// One direction's part of a tensor whose first axis counts directions, without that axis; kAbsent stays.
Result<ValueId> part(NodeContext& node, std::size_t i, std::int64_t direction, std::size_t rank) {
    if (!node.has(i)) return kAbsent;
    const auto shape = node.shape(i);
    if (shape.size() != rank || direction >= shape[0])
        return invalid("input " + std::to_string(i) + " is " + to_string(shape));
    real::SliceAttributes slice{Shape(rank, 0), Shape(rank, 1), shape};
    slice.start[0] = direction;
    slice.size[0] = 1;
    BOOST_OUTCOME_TRY(const auto one, node.build().add_one(Op::slice, std::move(slice), {node.input(i)}));
    return node.build().reshape(one, Shape(shape.begin() + 1, shape.end()));
}

/// Elements first … first + count − 1 of a vector.
Result<ValueId> piece(real::GraphBuilder& build, ValueId x, std::int64_t first, std::int64_t count) {
    return build.add_one(Op::slice, real::SliceAttributes{{first}, {1}, {count}}, {x});
}

struct Layer {
    Op op = Op::lstm;
    std::int64_t gates = 4;
    std::int64_t hidden = 0;
    std::int64_t directions = 1;
    bool batch_first = false;
    real::RecurrentAttributes attributes;
    std::vector<std::string> activations;
};

/// The inputs of one direction in the float graph's order.
Result<std::vector<ValueId>> direction_inputs(NodeContext& node, const Layer& layer, ValueId x,
                                              std::int64_t d) {
    auto& build = node.build();
    BOOST_OUTCOME_TRY(const auto w, part(node, 1, d, 3));
    BOOST_OUTCOME_TRY(const auto r, part(node, 2, d, 3));
    BOOST_OUTCOME_TRY(const auto both, part(node, 3, d, 2));
    std::vector<ValueId> inputs{x, w, r};
    const auto rows = layer.gates * layer.hidden;
    auto bias = kAbsent;
    auto recurrent_bias = kAbsent;
    if (both != kAbsent) {
        if (build.shape(both) != Shape{2 * rows}) return invalid("bias " + to_string(build.shape(both)));
        BOOST_OUTCOME_TRY(bias, piece(build, both, 0, rows));
        BOOST_OUTCOME_TRY(recurrent_bias, piece(build, both, rows, rows));
        if (layer.op != Op::gru) {
            BOOST_OUTCOME_TRY(bias, build.add_one(Op::add, NoAttributes{}, {bias, recurrent_bias}));
        }
    }
    inputs.push_back(bias);
    if (layer.op == Op::gru) inputs.push_back(recurrent_bias);
    for (const std::size_t i : {std::size_t{5}, std::size_t{6}}) {
        if (i == 6 && layer.op != Op::lstm) break;
        if (!node.has(i)) {
            inputs.push_back(kAbsent);
            continue;
        }
        if (!layer.batch_first) {
            BOOST_OUTCOME_TRY(const auto state, part(node, i, d, 3));
            inputs.push_back(state);
            continue;
        }
        // [B, directions, H]: one direction's slice.
        const auto shape = node.shape(i);
        if (shape.size() != 3 || d >= shape[1]) return invalid("initial state " + to_string(shape));
        BOOST_OUTCOME_TRY(
            const auto state,
            build.add_one(Op::slice, real::SliceAttributes{{0, d, 0}, {1, 1, 1}, {shape[0], 1, shape[2]}},
                          {node.input(i)}));
        BOOST_OUTCOME_TRY(const auto flat, build.reshape(state, {shape[0], shape[2]}));
        inputs.push_back(flat);
    }
    if (layer.op == Op::lstm) {
        BOOST_OUTCOME_TRY(const auto peepholes, part(node, 7, d, 2));
        inputs.push_back(peepholes);
    }
    return inputs;
}

/// The directions' results along a new axis: y[T, B, H] → [T, directions, B, H] at axis 1, states at axis 0.
Result<ValueId> stack(real::GraphBuilder& build, const std::vector<ValueId>& parts, std::size_t axis) {
    std::vector<ValueId> widened;
    for (const auto id : parts) {
        auto shape = build.shape(id);
        shape.insert(shape.begin() + static_cast<std::ptrdiff_t>(axis), 1);
        BOOST_OUTCOME_TRY(const auto wide, build.reshape(id, std::move(shape)));
        widened.push_back(wide);
    }
    if (widened.size() == 1) return widened[0];
    return build.add_one(Op::concat, real::Axis{static_cast<std::int64_t>(axis)}, widened);
}

Result<void> check_lengths(NodeContext& node, std::int64_t steps) {
    if (!node.has(4)) return success();
    BOOST_OUTCOME_TRY(const auto lengths, node.constant_integers(4, "sequence_lens"));
    for (const auto length : lengths)
        if (length != steps) return unsupported("sequences of different lengths");
    return success();
}

Result<Layer> read_layer(NodeContext& node, Op op) {
    Layer layer;
    layer.op = op;
    layer.gates = op == Op::lstm ? 4 : op == Op::gru ? 3 : 1;
    BOOST_OUTCOME_TRYV(node.require(3));
    if (node.shape(2).size() != 3) return invalid("recurrent weight " + to_string(node.shape(2)));
    BOOST_OUTCOME_TRY(layer.hidden, node.integer("hidden_size", node.shape(2)[2]));
    if (layer.hidden < 1 || layer.hidden > (1 << 24))
        return invalid("hidden_size " + std::to_string(layer.hidden));
    BOOST_OUTCOME_TRY(const auto direction, node.text("direction", "forward"));
    if (direction != "forward" && direction != "reverse" && direction != "bidirectional")
        return invalid("direction '" + direction + "'");
    layer.directions = direction == "bidirectional" ? 2 : 1;
    layer.attributes.hidden = layer.hidden;
    layer.attributes.reverse = direction == "reverse";
    BOOST_OUTCOME_TRY(const auto layout, node.integer("layout", 0));
    layer.batch_first = layout == 1;
    if (node.has_attribute("clip")) return unsupported("clip");
    for (const auto* name : {"activation_alpha", "activation_beta"}) {
        BOOST_OUTCOME_TRY(const auto values, node.numbers(name));
        if (!values.empty()) return unsupported(name);
    }
    BOOST_OUTCOME_TRY(layer.activations, node.texts("activations"));
    const auto per_direction = op == Op::lstm ? 3U : op == Op::gru ? 2U : 1U;
    const std::vector<std::string> usual = op == Op::lstm
                                               ? std::vector<std::string>{"sigmoid", "tanh", "tanh"}
                                           : op == Op::gru ? std::vector<std::string>{"sigmoid", "tanh"}
                                                           : std::vector<std::string>{"tanh"};
    if (layer.activations.empty())
        for (std::int64_t d = 0; d < layer.directions; ++d)
            layer.activations.insert(layer.activations.end(), usual.begin(), usual.end());
    if (layer.activations.size() != per_direction * static_cast<std::size_t>(layer.directions))
        return invalid("number of activations");
    if (op == Op::lstm) {
        BOOST_OUTCOME_TRY(const auto coupled, node.integer("input_forget", 0));
        if (coupled != 0) return unsupported("input_forget = 1");
    }
    if (op == Op::gru) {
        BOOST_OUTCOME_TRY(const auto linear, node.integer("linear_before_reset", 0));
        layer.attributes.linear_before_reset = linear != 0;
    }
    node.ignore("output_sequence");  // opset 1: whether output 0 is wanted
    return layer;
}

Result<void> recurrent(NodeContext& node, Op op) {
    BOOST_OUTCOME_TRY(const auto layer, read_layer(node, op));
    auto& build = node.build();
    auto x = node.input(0);
    if (node.shape(0).size() != 3) return invalid("input " + to_string(node.shape(0)));
    if (layer.batch_first) {
        BOOST_OUTCOME_TRY(x, build.transpose(x, {1, 0, 2}));
    }
    BOOST_OUTCOME_TRYV(check_lengths(node, build.shape(x)[0]));
    if (node.shape(1).size() != 3 || node.shape(1)[0] != layer.directions ||
        node.shape(2)[0] != layer.directions)
        return invalid("weights of " + to_string(node.shape(1)));
    std::vector<std::vector<ValueId>> results(op == Op::lstm ? 3 : 2);
    const auto per_direction = layer.activations.size() / static_cast<std::size_t>(layer.directions);
    for (std::int64_t d = 0; d < layer.directions; ++d) {
        auto attributes = layer.attributes;
        if (d == 1) attributes.reverse = true;
        Activation* targets[] = {&attributes.f, &attributes.g, &attributes.h};
        for (std::size_t i = 0; i < per_direction; ++i) {
            BOOST_OUTCOME_TRY(
                *targets[i],
                activation_of(layer.activations[static_cast<std::size_t>(d) * per_direction + i]));
        }
        BOOST_OUTCOME_TRY(auto inputs, direction_inputs(node, layer, x, d));
        BOOST_OUTCOME_TRY(const auto ids, build.add(op, attributes, std::move(inputs)));
        for (std::size_t i = 0; i < ids.size(); ++i)
            results[i].push_back(ids[i]);
    }
    for (std::size_t i = 0; i < results.size(); ++i) {
        if (!node.wants(i)) continue;
        BOOST_OUTCOME_TRY(auto y, stack(build, results[i], i == 0 ? 1 : 0));
        if (layer.batch_first) {
            BOOST_OUTCOME_TRY(y, build.transpose(y, i == 0 ? Shape{2, 0, 1, 3} : Shape{1, 0, 2}));
        }
        node.set(i, y);
    }
    return success();
}

Result<void> lstm(NodeContext& node) { return recurrent(node, Op::lstm); }
Result<void> gru(NodeContext& node) { return recurrent(node, Op::gru); }
Result<void> rnn(NodeContext& node) { return recurrent(node, Op::rnn); }

constexpr OnnxOperator kRecurrentRows[] = {
    {"", "LSTM", 7, Tier::two, lstm},
    {"", "GRU", 7, Tier::two, gru},
    {"", "RNN", 7, Tier::two, rnn},
};

}  // namespace

std::span<const OnnxOperator> recurrent_operators() { return kRecurrentRows; }

}  // namespace valence::ml::onnx_import
