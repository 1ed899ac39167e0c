#include "valence/ml/graph/validate.hpp"

#include <set>

#include <fmt/format.h>

#include "valence/ml/graph/cost.hpp"
#include "valence/ml/graph/describe.hpp"
#include "valence/ml/graph/limits.hpp"
#include "valence/ml/graph/node_view.hpp"
#include "valence/ml/graph/text.hpp"

namespace valence::ml {
namespace {

Error bad_graph(std::string what) { return {ModelError::invalid_graph, std::move(what)}; }
Error too_large(std::string what) { return {ModelError::too_large, std::move(what)}; }

bool exponent_valid(int exponent) { return exponent >= -kMaxExponent && exponent <= kMaxExponent; }

/// No extent of 0, and not too many elements.
Result<void> check_shape(const Shape& shape) {
    for (const std::uint32_t extent : shape.extents())
        if (extent == 0) return bad_graph(fmt::format("an extent of 0 in {}", to_string(shape)));
    if (shape.elements() > kMaxElements) return too_large(fmt::format("a tensor of {}", to_string(shape)));
    return success();
}

Result<void> check_weights(const Graph& graph, WeightBytes present) {
    if (graph.weights.size() > kMaxWeights) return too_large(fmt::format("{} weights", graph.weights.size()));
    std::uint64_t bytes = 0;
    for (std::size_t id = 0; id < graph.weights.size(); ++id) {
        const Weight& weight = graph.weights[id];
        if (weight.type > WeightType::uint8) return bad_graph(fmt::format("weight {} is of no type", id));
        BOOST_OUTCOME_TRY(check_shape(weight.shape));
        const std::uint64_t size = weight.shape.elements() * width(weight.type);
        if (present == WeightBytes::present && weight.data.size() != size)
            return bad_graph(
                fmt::format("weight {} of {} has {} bytes", id, to_string(weight.shape), weight.data.size()));
        bytes += size;
        if (bytes > kMaxWeightBytes) return too_large("weights");
    }
    return success();
}

/// Counts over the main graph and all bodies.
struct Totals {
    std::size_t nodes = 0;
    std::size_t tensors = 0;
    std::size_t arguments = 0;
    std::uint64_t elements = 0;

    Result<void> add(const Subgraph& part) {
        nodes += part.nodes.size();
        tensors += part.tensors.size();
        arguments += part.inputs.size() + part.outputs.size();
        for (const Node& node : part.nodes) {
            arguments += node.inputs.size() + node.outputs.size();
            if (node.name.size() > kMaxName) return too_large("a node's name");
        }
        for (const Tensor& tensor : part.tensors) {
            if (tensor.type > ElementType::index) return bad_graph("a tensor of no type");
            if (!exponent_valid(tensor.exponent))
                return bad_graph(fmt::format("a tensor of exponent {}", tensor.exponent));
            BOOST_OUTCOME_TRY(check_shape(tensor.shape));
            elements += tensor.shape.elements();
            if (elements > kMaxTotalElements) return too_large("elements of all tensors");
        }
        if (nodes > kMaxNodes) return too_large("nodes");
        if (tensors > kMaxTensors) return too_large("tensors");
        if (arguments > kMaxArguments) return too_large("inputs and outputs of nodes");
        return success();
    }
};

/// Which weights, bodies and tables the nodes of a graph name.
struct Uses {
    std::vector<bool> weights;
    std::vector<bool> bodies;
    std::set<Table> tables;

    explicit Uses(const Graph& graph) : weights(graph.weights.size()), bodies(graph.bodies.size()) {}

    Result<void> add(const Node& node) {
        for (const WeightId id : weights_of(node.operation)) {
            if (id >= weights.size()) return bad_graph(fmt::format("weight {} of {}", id, weights.size()));
            weights[id] = true;
        }
        if (const auto* scan = std::get_if<Scan>(&node.operation)) {
            if (scan->body >= bodies.size())
                return bad_graph(fmt::format("body {} of {}", scan->body, bodies.size()));
            bodies[scan->body] = true;
        }
        if (const auto* lookup = std::get_if<Lookup>(&node.operation)) tables.insert(lookup->table);
        if (tables.size() > kMaxTables) return too_large("different function tables");
        return success();
    }
};

/// What is planned for one subgraph.
struct Expanded {
    std::uint64_t nodes = 0;
    std::uint64_t elements = 0;  // of the weights its nodes name

    Expanded(const Graph& graph, const Subgraph& part, std::span<const Expanded> bodies)
        : nodes(part.nodes.size()) {
        for (const Node& node : part.nodes) {
            for (const WeightId id : weights_of(node.operation))
                elements += graph.weights[id].shape.elements();
            const auto* scan = std::get_if<Scan>(&node.operation);
            if (scan == nullptr || bodies.empty()) continue;
            nodes += bodies[scan->body].nodes;
            elements += bodies[scan->body].elements;
        }
    }
};

/// That planning takes no more than the sizes of the graph and its weights warrant.
Result<void> check_expansion(const Graph& graph) {
    std::vector<Expanded> bodies;
    for (const Subgraph& body : graph.bodies)
        bodies.emplace_back(graph, body, std::span<const Expanded>{});
    const Expanded all(graph, graph.main, bodies);
    if (all.nodes > kMaxNodes) return too_large("nodes, with a body for each scan");
    std::uint64_t own = 0;
    for (const Weight& weight : graph.weights)
        own += weight.shape.elements();
    if (all.elements > kMaxNamedElements + kWeightUses * own)
        return too_large("weights, counted as often as nodes name them");
    return success();
}

Error located(const Error& error, const std::string& place) {
    return {error.code, fmt::format("{}: {}", place, error.context)};
}

/// One subgraph: numbers, order, and every node by its operation's rules.
Result<void> check_part(const Graph& graph, const Subgraph& part, WeightFacts& facts, bool body) {
    std::vector<Range> ranges(part.tensors.size());
    std::vector<bool> written(part.tensors.size());
    const auto write = [&](TensorId id, const Range& range) -> Result<void> {
        if (id >= written.size()) return bad_graph(fmt::format("tensor {} of {}", id, written.size()));
        if (written[id]) return bad_graph(fmt::format("tensor {} is written twice", id));
        written[id] = true;
        ranges[id] = range;
        return success();
    };
    const auto read = [&](TensorId id) -> Result<void> {
        if (id >= written.size()) return bad_graph(fmt::format("tensor {} of {}", id, written.size()));
        if (!written[id]) return bad_graph(fmt::format("tensor {} is read before it is written", id));
        return success();
    };

    for (const TensorId id : part.inputs) {
        BOOST_OUTCOME_TRY(write(id, id < part.tensors.size() ? Range::of(part.tensors[id].type) : Range{}));
    }

    for (std::size_t number = 0; number < part.nodes.size(); ++number) {
        const Node& node = part.nodes[number];
        const auto checked = [&]() -> Result<void> {
            for (const TensorId id : node.inputs) {
                BOOST_OUTCOME_TRY(read(id));
            }
            std::vector<Range> results;
            for (const TensorId id : node.outputs) {
                if (id >= part.tensors.size())
                    return bad_graph(fmt::format("tensor {} of {}", id, part.tensors.size()));
                results.push_back(Range::of(part.tensors[id].type));
            }
            if (results.empty()) return bad_graph("no outputs");
            const NodeView view{graph, part, node, facts, ranges, results, body};
            BOOST_OUTCOME_TRY(
                std::visit([&](const auto& operation) { return check(operation, view); }, node.operation));
            for (std::size_t i = 0; i < node.outputs.size(); ++i) {
                BOOST_OUTCOME_TRY(write(node.outputs[i], results[i]));
            }
            return success();
        }();
        if (checked.has_error()) return located(checked.error(), label(node, number));
    }

    for (const TensorId id : part.outputs) {
        BOOST_OUTCOME_TRY(read(id));
    }
    if (part.outputs.empty()) return bad_graph("no outputs");
    for (std::size_t id = 0; id < written.size(); ++id)
        if (!written[id]) return bad_graph(fmt::format("tensor {} is never written", id));
    return success();
}

Result<void> check_ports(std::span<const Port> ports, std::span<const TensorId> tensors, const Subgraph& main,
                         bool outputs) {
    const char* const kind = outputs ? "output" : "input";
    if (ports.size() != tensors.size())
        return bad_graph(fmt::format("{} {} ports for {} tensors", ports.size(), kind, tensors.size()));
    if (ports.size() > kMaxPorts) return too_large("ports");
    std::set<std::string_view> names;
    for (std::size_t i = 0; i < ports.size(); ++i) {
        const Port& port = ports[i];
        if (port.tensor != tensors[i]) return bad_graph(fmt::format("{} {} is another tensor", kind, i));
        if (port.name.size() > kMaxName || port.unit.size() > kMaxName) return too_large("a port's name");
        if (!is_plain_text(port.name) || !is_plain_text(port.unit))
            return bad_graph(fmt::format("{} {} has a name or unit that is not plain text", kind, i));
        if (!names.insert(port.name).second)
            return bad_graph(fmt::format("two {}s are named \"{}\"", kind, port.name));
        const Tensor& tensor = main.tensors[port.tensor];
        const bool activation = tensor.type == ElementType::activation;
        if (outputs && activation && tensor.exponent > kMaxOutputExponent)
            return bad_graph(
                fmt::format("output {} has exponent {}, above {}", i, tensor.exponent, kMaxOutputExponent));
        if (port.exponents.empty()) continue;
        if (outputs || !activation || tensor.shape.rank() == 0 ||
            port.exponents.size() != tensor.shape.back())
            return bad_graph(fmt::format("{} {} has {} exponents", kind, i, port.exponents.size()));
        for (const std::int8_t exponent : port.exponents)
            if (!exponent_valid(exponent))
                return bad_graph(fmt::format("{} {} has a feature of exponent {}", kind, i, exponent));
    }
    return success();
}

}  // namespace

/// The body has been checked by itself, for all values of its inputs.
Result<void> check(const Scan& op, const NodeView& node) {
    if (node.in_body) return invalid("a scan within a scan");
    const Subgraph& body = node.graph.bodies[op.body];
    BOOST_OUTCOME_TRY(node.arguments(body.inputs.size(), body.outputs.size()));
    if (op.states > body.outputs.size() || op.states >= body.inputs.size())
        return invalid(fmt::format("{} states", op.states));
    // An element's or sequence's shape without axis 0.
    const auto row = [](const Shape& shape) { return Shape{shape.extents().subspan(1)}; };
    std::optional<std::uint32_t> length;
    const auto matches = [&](const Tensor& outer, const Tensor& inner, bool state) {
        if (outer.type != inner.type) return false;
        if (state) return outer.shape == inner.shape;
        if (outer.shape.rank() == 0 || row(outer.shape) != inner.shape) return false;
        if (!length) length = outer.shape[0];
        return outer.shape[0] == *length;
    };
    for (std::size_t i = 0; i < body.inputs.size(); ++i)
        if (!matches(node.input(i), body.tensors[body.inputs[i]], i < op.states))
            return invalid(fmt::format("input {} is not what the body takes", i));
    for (std::size_t i = 0; i < body.outputs.size(); ++i) {
        const Tensor& inner = body.tensors[body.outputs[i]];
        const bool state = i < op.states;
        if (!matches(node.output(i), inner, state))
            return invalid(fmt::format("output {} is not what the body gives", i));
        const Tensor& before = body.tensors[body.inputs[i < op.states ? i : 0]];
        if (state && (before.type != inner.type || before.shape != inner.shape))
            return invalid(fmt::format("state {} changes its shape", i));
    }
    return success();
}

namespace {

Result<void> check_graph(const Graph& graph, WeightBytes present) {
    if (graph.bodies.size() > kMaxBodies) return too_large("bodies");
    BOOST_OUTCOME_TRY(check_weights(graph, present));
    Totals totals;
    BOOST_OUTCOME_TRY(totals.add(graph.main));
    for (const Subgraph& body : graph.bodies) {
        BOOST_OUTCOME_TRY(totals.add(body));
    }

    Uses uses{graph};
    const auto note = [&](const Subgraph& part) -> Result<void> {
        for (std::size_t number = 0; number < part.nodes.size(); ++number) {
            const auto added = uses.add(part.nodes[number]);
            if (added.has_error()) return located(added.error(), label(part.nodes[number], number));
        }
        return success();
    };
    BOOST_OUTCOME_TRY(note(graph.main));
    for (const Subgraph& body : graph.bodies) {
        BOOST_OUTCOME_TRY(note(body));
    }
    for (std::size_t id = 0; id < uses.weights.size(); ++id)
        if (!uses.weights[id]) return bad_graph(fmt::format("weight {} is not used", id));
    for (std::size_t number = 0; number < uses.bodies.size(); ++number)
        if (!uses.bodies[number]) return bad_graph(fmt::format("body {} is not used", number));

    BOOST_OUTCOME_TRY(check_expansion(graph));

    WeightFacts facts{graph, present};
    for (std::size_t number = 0; number < graph.bodies.size(); ++number) {
        const auto checked = check_part(graph, graph.bodies[number], facts, true);
        if (checked.has_error()) return located(checked.error(), fmt::format("body {}", number));
    }
    BOOST_OUTCOME_TRY(check_part(graph, graph.main, facts, false));
    BOOST_OUTCOME_TRY(check_ports(graph.inputs, graph.main.inputs, graph.main, false));
    BOOST_OUTCOME_TRY(check_ports(graph.outputs, graph.main.outputs, graph.main, true));

    const Cost total = cost_of(graph).total;
    if (std::max({total.multiply_accumulates, total.lookups, total.bytes, total.work}) > kMaxWork)
        return too_large(fmt::format("{} multiply-accumulates, {} lookups, {} bytes moved and work of {}",
                                     total.multiply_accumulates, total.lookups, total.bytes, total.work));
    return success();
}

}  // namespace

Result<void> validate(const Graph& graph) { return check_graph(graph, WeightBytes::present); }

Result<void> validate_structure(const Graph& graph) { return check_graph(graph, WeightBytes::absent); }

}  // namespace valence::ml
