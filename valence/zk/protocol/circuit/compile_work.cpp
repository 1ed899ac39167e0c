#include "valence/zk/protocol/circuit/compile_work.hpp"

#include <algorithm>

#include "valence/ml/graph/describe.hpp"
#include "valence/ml/graph/staged_image.hpp"

namespace valence::zk {
namespace {

constexpr std::uint64_t kNode = 1'024;
constexpr std::uint64_t kTap = 1'024;
/// Of a tree's levels, 64 at most, each with a dozen columns.
constexpr std::uint64_t kLevel = 1'024;
constexpr std::uint64_t kMostLevels = 64;
/// Of a list of all elements, each found by its place.
constexpr std::uint64_t kListed = 8;

/// Sums and products that stay at the bound once they are there: factors are below 2^32, so none overflows.
std::uint64_t at_most(std::uint64_t value) { return std::min(value, kMaxCompileWork + 1); }
std::uint64_t times(std::uint64_t a, std::uint64_t b) { return at_most(at_most(a) * at_most(b)); }

std::uint64_t extents(const ml::Subgraph& part, std::span<const ml::TensorId> tensors) {
    std::uint64_t sum = 0;
    for (const ml::TensorId id : tensors)
        for (const std::uint32_t extent : part.tensors[id].shape.extents())
            sum = at_most(sum + extent);
    return sum;
}

/// What a node's operation takes beside its node: taps of pools, levels of trees, parts of concatenations,
/// lists of what no axis of a tensor shows. In a scan's body `steps` are more items; 1 elsewhere.
std::uint64_t of_operation(const ml::Graph& graph, const ml::Subgraph& part, const ml::Node& node,
                           std::uint64_t steps) {
    const ml::Operation& operation = node.operation;
    const ml::Shape& out = part.tensors[node.outputs[0]].shape;
    const auto taps_along = [&](const ml::Window& window, std::size_t axis) {
        return times(window.size[axis], kTap + out[2 + axis]);
    };
    if (const auto* pool = std::get_if<ml::AveragePool>(&operation)) {
        const std::uint64_t multipliers = pool->multiplier_table ? times(out[2], out[3]) : 0;
        return at_most(taps_along(pool->window, 0) + taps_along(pool->window, 1) + multipliers);
    }
    if (const auto* pool = std::get_if<ml::MaxPool>(&operation))
        return at_most(taps_along(pool->window, 0) +
                       times(pool->window.size[0], taps_along(pool->window, 1)));
    // Where each place of the image with its pixels spread apart comes from.
    if (const auto* convolution = std::get_if<ml::TransposedConvolution>(&operation)) {
        const auto spread = ml::staged_image(*convolution, part.tensors[node.inputs[0]].shape, out);
        return at_most(at_most(spread[0]) + at_most(spread[1]));
    }
    // Which slice each index names, where the run's inputs say so.
    if (std::holds_alternative<ml::Gather>(operation))
        return times(part.tensors[node.inputs.back()].shape.elements(), steps);
    // Each state's column names all that the scan begins with.
    if (const auto* scan = std::get_if<ml::Scan>(&operation)) return times(scan->states, node.inputs.size());
    // Where each part lies in the whole.
    if (const auto* concatenation = std::get_if<ml::Concatenation>(&operation))
        return times(node.inputs.size(), out[concatenation->axis]);
    if (const auto* trees = std::get_if<ml::TreeEnsemble>(&operation)) {
        const std::uint64_t items = times(out[0], steps);
        return at_most(kLevel * std::min(trees->steps, kMostLevels) + 4 * items);
    }
    // Exponents on more than one axis are a list of the elements.
    if (const auto* scaling = std::get_if<ml::Scaling>(&operation); scaling != nullptr && scaling->channel) {
        const auto varied = std::ranges::count_if(graph.weights[*scaling->channel].shape.extents(),
                                                  [](std::uint32_t extent) { return extent > 1; });
        if (varied > 1) return times(kListed * at_most(out.elements()), steps);
    }
    return 0;
}

/// Places along the axes of the weights that a node names.
std::uint64_t of_weights(const ml::Graph& graph, const ml::Operation& operation) {
    std::uint64_t sum = 0;
    for (const ml::WeightId id : ml::weights_of(operation))
        for (const std::uint32_t extent : graph.weights[id].shape.extents())
            sum = at_most(sum + extent);
    return sum;
}

/// `steps` of the scan that lifts the part's tensors; 0 of the main graph.
std::uint64_t of_part(const ml::Graph& graph, const ml::Subgraph& part, std::uint64_t steps) {
    std::uint64_t sum = 0;
    for (const ml::Node& node : part.nodes) {
        sum = at_most(sum + kNode + times(node.inputs.size() + node.outputs.size(), steps) +
                      extents(part, node.inputs) + extents(part, node.outputs) +
                      of_weights(graph, node.operation) +
                      of_operation(graph, part, node, std::max<std::uint64_t>(steps, 1)));
        if (const auto* scan = std::get_if<ml::Scan>(&node.operation))
            sum = at_most(sum + of_part(graph, graph.bodies[scan->body],
                                        part.tensors[node.inputs[scan->states]].shape[0]));
        if (sum > kMaxCompileWork) break;
    }
    return sum;
}

}  // namespace

std::uint64_t compile_work(const ml::Graph& graph) { return of_part(graph, graph.main, 0); }

}  // namespace valence::zk
