// LSTM, GRU and RNN: a scan whose body is one step. Gates' arguments are held at exponent 11 (±16, where
// sigmoid and tanh have saturated), gates and states at 15, the LSTM's cell where calibration saw it.
#include <algorithm>
#include <cmath>

#include "valence/ml/quantise/lowering.hpp"
#include "valence/ml/quantise/recurrent_ranges.hpp"

namespace valence::ml {
namespace {

constexpr int kArgument = 11;
constexpr int kGate = 15;

/// One recurrent layer being lowered: its sizes and its weights as rows of real numbers.
struct RecurrentLayer {
    Lowering& l;
    const real::Node& node;
    std::uint32_t steps, batch, width, hidden;
    std::vector<double> w, r;

    const Range& inside(Inside entry) const {
        return l.ranges.internal[l.index_of(node)][static_cast<std::size_t>(entry)];
    }
    std::vector<double> constant(std::size_t input) const {
        const real::ValueId id = node.input(input);
        return id >= 0 ? l.constant(id).values : std::vector<double>{};
    }
    /// The initial state at an exponent: given or zeros.
    Place state(std::size_t input, int exponent) {
        const real::ValueId id = node.input(input);
        if (id >= 0) {
            const real::ValueId ids[] = {id};
            return l.aligned(ids, exponent)[0];
        }
        return l.builder.constant({{batch, hidden}, std::vector<double>(std::size_t{batch} * hidden, 0.0)},
                                  exponent);
    }
};

/// [W | R]·[x; h] + bias for rows `first` … of the gates, one requantisation for both parts.
Result<Place> gates(RecurrentLayer& layer, Builder& body, const Place& joined, int x_exponent, int h_exponent,
                    std::uint32_t first, std::uint32_t count, const std::vector<double>& bias, int exponent) {
    const std::uint32_t depth = layer.width + layer.hidden;
    std::vector<double> rows(std::size_t{count} * depth);
    for (std::uint32_t row = 0; row < count; ++row) {
        for (std::uint32_t k = 0; k < layer.width; ++k)
            rows[std::size_t{row} * depth + k] =
                std::ldexp(layer.w[std::size_t{first + row} * layer.width + k], -x_exponent);
        for (std::uint32_t k = 0; k < layer.hidden; ++k)
            rows[std::size_t{row} * depth + layer.width + k] =
                std::ldexp(layer.r[std::size_t{first + row} * layer.hidden + k], -h_exponent);
    }
    BOOST_OUTCOME_TRY(const auto made,
                      body.layer(rows, bias, {count, depth}, {count}, layer.l.bits, exponent));
    return body.emit(Linear{made.weight, made.bias, made.channel,
                            body.requantisation(made.shift, made.exponent, kUnclamped)},
                     {joined.tensor}, {layer.batch, count}, made.exponent);
}

/// rows·x + bias of one operand.
Result<Place> affine(Builder& builder, const Place& x, std::span<const double> weights, std::uint32_t count,
                     std::span<const double> bias, int bits, int exponent) {
    Shape shape = builder.shape(x);
    const std::uint32_t depth = shape.back();
    std::vector<double> rows(weights.begin(), weights.end());
    for (double& value : rows)
        value = std::ldexp(value, -x.exponent);
    BOOST_OUTCOME_TRY(const auto made, builder.layer(rows, bias, {count, depth}, {count}, bits, exponent));
    shape[shape.rank() - 1] = count;
    return builder.emit(Linear{made.weight, made.bias, made.channel,
                               builder.requantisation(made.shift, made.exponent, kUnclamped)},
                        {x.tensor}, shape, made.exponent);
}

Result<void> lower_lstm(RecurrentLayer& layer, const Place& x) {
    Lowering& l = layer.l;
    const std::uint32_t hidden = layer.hidden;
    const Shape row{layer.batch, hidden};
    // Calibration steps through the layer from a zero state where the first is not constant: what was seen of
    // the given and of the last cell counts too.
    double cell_reach = std::max(1.0, layer.inside(Inside::cell).reach());
    for (const real::ValueId id :
         {layer.node.input(5), layer.node.outputs.size() > 2 ? layer.node.outputs[2] : -1})
        if (id >= 0) cell_reach = std::max(cell_reach, l.ranges.values[static_cast<std::size_t>(id)].reach());
    const int cell_exponent = exponent_for(cell_reach, l.options.headroom);
    const Place h0 = layer.state(4, kGate);
    const Place c0 = layer.state(5, cell_exponent);

    Graph& graph = l.builder.graph();
    Subgraph step;
    Builder body(graph, step);
    body.set_name(layer.node.name);
    const Place h{body.add_tensor(ElementType::activation, row, h0.exponent), h0.exponent, {}};
    const Place c{body.add_tensor(ElementType::activation, row, c0.exponent), c0.exponent, {}};
    const Place xt{
        body.add_tensor(ElementType::activation, {layer.batch, layer.width}, x.exponent), x.exponent, {}};
    step.inputs = {h.tensor, c.tensor, xt.tensor};
    const Place joined =
        body.emit(Concatenation{1}, {xt.tensor, h.tensor}, {layer.batch, layer.width + hidden}, 0);
    // The last two exponents need not agree: the weights' rows take account of both.
    BOOST_OUTCOME_TRY(const Place arguments, gates(layer, body, joined, x.exponent, h.exponent, 0, 4 * hidden,
                                                   layer.constant(3), kArgument));
    const std::vector<double> peepholes = layer.constant(6);
    const double ones[] = {1.0, 1.0};
    // Gates in the order input, output, forget, candidate; the first three may see the cell.
    const auto gate = [&](std::uint32_t g, Function function, const Place& cell) {
        Place argument = body.slice(arguments, 1, g * hidden, hidden);
        if (!peepholes.empty() && g < 3) {
            const auto first = peepholes.begin() + std::ptrdiff_t{g} * hidden;
            const RealTensor weights{{hidden}, {first, first + hidden}};
            const Place seen[] = {argument, body.scale(cell, weights, nullptr, kArgument)};
            argument = body.combine(seen, ones, nullptr, row, kArgument);
        }
        return body.lookup(argument, function, kGate);
    };
    const Place input = gate(0, Function::sigmoid, c);
    const Place forget = gate(2, Function::sigmoid, c);
    const Place candidate = gate(3, Function::tanh, c);
    const Place terms[] = {body.multiply(forget, c, row, c.exponent),
                           body.multiply(input, candidate, row, c.exponent)};
    const Place next_c = body.rescale(body.combine(terms, ones, nullptr, row, c.exponent), c.exponent);
    const Place output = gate(1, Function::sigmoid, next_c);
    const Place next_h = body.rescale(
        body.multiply(output, body.lookup(next_c, Function::tanh, kGate), row, h.exponent), h.exponent);
    step.outputs = {next_h.tensor, next_c.tensor, next_h.tensor};
    graph.bodies.push_back(std::move(step));

    const TensorId last_h = l.builder.add_tensor(ElementType::activation, row, h.exponent);
    const TensorId last_c = l.builder.add_tensor(ElementType::activation, row, c.exponent);
    const TensorId all =
        l.builder.add_tensor(ElementType::activation, {layer.steps, layer.batch, hidden}, h.exponent);
    const bool reversed = layer.node.get<real::RecurrentAttributes>().reverse;
    l.builder.emit_many(Scan{static_cast<std::uint32_t>(graph.bodies.size() - 1), 2, reversed},
                        {h0.tensor, c0.tensor, x.tensor}, {last_h, last_c, all});
    l.put(layer.node.outputs[0], {all, h.exponent, {}});
    if (layer.node.outputs.size() > 1) l.put(layer.node.outputs[1], {last_h, h.exponent, {}});
    if (layer.node.outputs.size() > 2) l.put(layer.node.outputs[2], {last_c, c.exponent, {}});
    return success();
}

Result<void> lower_gru(RecurrentLayer& layer, const Place& x) {
    Lowering& l = layer.l;
    const auto& attributes = layer.node.get<real::RecurrentAttributes>();
    const std::uint32_t hidden = layer.hidden;
    const Shape row{layer.batch, hidden};
    const Place h0 = layer.state(5, kGate);
    std::vector<double> input_bias = layer.constant(3);
    std::vector<double> state_bias = layer.constant(4);
    input_bias.resize(3 * std::size_t{hidden}, 0.0);
    state_bias.resize(3 * std::size_t{hidden}, 0.0);
    std::vector<double> gate_bias(2 * std::size_t{hidden});
    for (std::size_t k = 0; k < gate_bias.size(); ++k)
        gate_bias[k] = input_bias[k] + state_bias[k];
    const auto candidate_rows = [&](const std::vector<double>& weights, std::size_t depth) {
        return std::span(weights).subspan(2 * hidden * depth, hidden * depth);
    };
    const std::span<const double> candidate_input_bias =
        std::span(input_bias).subspan(2 * std::size_t{hidden});
    const std::span<const double> candidate_state_bias =
        std::span(state_bias).subspan(2 * std::size_t{hidden});

    Graph& graph = l.builder.graph();
    Subgraph step;
    Builder body(graph, step);
    body.set_name(layer.node.name);
    const Place h{body.add_tensor(ElementType::activation, row, h0.exponent), h0.exponent, {}};
    const Place xt{
        body.add_tensor(ElementType::activation, {layer.batch, layer.width}, x.exponent), x.exponent, {}};
    step.inputs = {h.tensor, xt.tensor};
    const Place joined =
        body.emit(Concatenation{1}, {xt.tensor, h.tensor}, {layer.batch, layer.width + hidden}, 0);
    BOOST_OUTCOME_TRY(const Place arguments, gates(layer, body, joined, x.exponent, h.exponent, 0, 2 * hidden,
                                                   gate_bias, kArgument));
    const Place update = body.lookup(body.slice(arguments, 1, 0, hidden), Function::sigmoid, kGate);
    const Place reset = body.lookup(body.slice(arguments, 1, hidden, hidden), Function::sigmoid, kGate);
    const auto exponent = [&](Inside entry) {
        return std::min(kGate, exponent_for(std::max(0.25, layer.inside(entry).reach()), l.options.headroom));
    };
    BOOST_OUTCOME_TRY(const Place from_input,
                      affine(body, xt, candidate_rows(layer.w, layer.width), hidden, candidate_input_bias,
                             l.bits, exponent(Inside::candidate_input)));
    Place from_state;
    if (attributes.linear_before_reset) {
        BOOST_OUTCOME_TRY(const Place product,
                          affine(body, h, candidate_rows(layer.r, hidden), hidden, candidate_state_bias,
                                 l.bits, exponent(Inside::candidate_hidden)));
        from_state = body.multiply(reset, product, row, product.exponent);
    } else {
        const Place scaled = body.multiply(reset, h, row, h.exponent);
        BOOST_OUTCOME_TRY(from_state,
                          affine(body, scaled, candidate_rows(layer.r, hidden), hidden, candidate_state_bias,
                                 l.bits, exponent(Inside::candidate_hidden)));
    }
    const Place terms[] = {from_input, from_state};
    const double ones[] = {1.0, 1.0};
    const Place candidate =
        body.lookup(body.combine(terms, ones, nullptr, row, kArgument), Function::tanh, kGate);
    // h′ = n + z·(h − n), the difference within ±2
    const Place ends[] = {h, candidate};
    const double signs[] = {1.0, -1.0};
    const Place difference = body.combine(ends, signs, nullptr, row, kGate - 1);
    const Place moved[] = {candidate, body.multiply(update, difference, row, kGate - 1)};
    const Place next = body.rescale(body.combine(moved, ones, nullptr, row, h.exponent), h.exponent);
    step.outputs = {next.tensor, next.tensor};
    graph.bodies.push_back(std::move(step));

    const TensorId last = l.builder.add_tensor(ElementType::activation, row, h.exponent);
    const TensorId all =
        l.builder.add_tensor(ElementType::activation, {layer.steps, layer.batch, hidden}, h.exponent);
    l.builder.emit_many(Scan{static_cast<std::uint32_t>(graph.bodies.size() - 1), 1, attributes.reverse},
                        {h0.tensor, x.tensor}, {last, all});
    l.put(layer.node.outputs[0], {all, h.exponent, {}});
    if (layer.node.outputs.size() > 1) l.put(layer.node.outputs[1], {last, h.exponent, {}});
    return success();
}

/// h′ = f(W·x + R·h + b)
Result<void> lower_rnn(RecurrentLayer& layer, const Place& x) {
    Lowering& l = layer.l;
    const auto& attributes = layer.node.get<real::RecurrentAttributes>();
    const bool relu = attributes.f == real::Activation::relu;
    const Shape row{layer.batch, layer.hidden};
    // What relu leaves has no bound but the one that calibration saw.
    const int state_exponent = relu ? std::min(kGate, l.wanted(layer.node.outputs[0])) : kGate;
    const Place h0 = layer.state(4, state_exponent);

    Graph& graph = l.builder.graph();
    Subgraph step;
    Builder body(graph, step);
    body.set_name(layer.node.name);
    const Place h{body.add_tensor(ElementType::activation, row, h0.exponent), h0.exponent, {}};
    const Place xt{
        body.add_tensor(ElementType::activation, {layer.batch, layer.width}, x.exponent), x.exponent, {}};
    step.inputs = {h.tensor, xt.tensor};
    const Place joined =
        body.emit(Concatenation{1}, {xt.tensor, h.tensor}, {layer.batch, layer.width + layer.hidden}, 0);
    BOOST_OUTCOME_TRY(const Place argument,
                      gates(layer, body, joined, x.exponent, h.exponent, 0, layer.hidden, layer.constant(3),
                            relu ? h.exponent : kArgument));
    const Function function = attributes.f == real::Activation::sigmoid ? Function::sigmoid : Function::tanh;
    const Place next = relu ? body.rescale(argument, h.exponent, {0, kUnclamped.high})
                            : body.rescale(body.lookup(argument, function, kGate), h.exponent);
    step.outputs = {next.tensor, next.tensor};
    graph.bodies.push_back(std::move(step));

    const TensorId last = l.builder.add_tensor(ElementType::activation, row, h.exponent);
    const TensorId all =
        l.builder.add_tensor(ElementType::activation, {layer.steps, layer.batch, layer.hidden}, h.exponent);
    l.builder.emit_many(Scan{static_cast<std::uint32_t>(graph.bodies.size() - 1), 1, attributes.reverse},
                        {h0.tensor, x.tensor}, {last, all});
    l.put(layer.node.outputs[0], {all, h.exponent, {}});
    if (layer.node.outputs.size() > 1) l.put(layer.node.outputs[1], {last, h.exponent, {}});
    return success();
}

}  // namespace

Result<void> lower_recurrent(Lowering& l, const real::Node& node) {
    const auto& attributes = node.get<real::RecurrentAttributes>();
    for (const std::size_t input : {1, 2, 3})
        if (node.input(input) >= 0 && !l.source.is_constant(node.input(input)))
            return unsupported("with weights that are not constant");
    if (node.op == real::Op::gru && node.input(4) >= 0 && !l.source.is_constant(node.input(4)))
        return unsupported("with weights that are not constant");
    if (node.op == real::Op::lstm && node.input(6) >= 0 && !l.source.is_constant(node.input(6)))
        return unsupported("with peepholes that are not constant");
    if (l.source.is_constant(node.inputs[0])) return unsupported("over a constant sequence");
    if (node.op != real::Op::rnn &&
        (attributes.f != real::Activation::sigmoid || attributes.g != real::Activation::tanh ||
         attributes.h != real::Activation::tanh))
        return unsupported("with activations other than sigmoid and tanh");
    const Shape shape = l.shape(node.inputs[0]);
    RecurrentLayer layer{l,
                         node,
                         shape[0],
                         shape[1],
                         shape[2],
                         static_cast<std::uint32_t>(attributes.hidden),
                         l.constant(node.inputs[1]).values,
                         l.constant(node.inputs[2]).values};
    const Place x = l.at(node.inputs[0]);
    if (node.op == real::Op::rnn) return lower_rnn(layer, x);
    return node.op == real::Op::lstm ? lower_lstm(layer, x) : lower_gru(layer, x);
}

}  // namespace valence::ml
