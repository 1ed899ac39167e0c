#include "valence/ml/graph/cost.hpp"

#include <bit>

#include "valence/base/bytes.hpp"
#include "valence/ml/graph/describe.hpp"
#include "valence/ml/graph/staged_image.hpp"

namespace valence::ml {
namespace {

constexpr std::uint64_t kMost = std::uint64_t{1} << 63;

std::uint64_t add(std::uint64_t a, std::uint64_t b) {
    const base::UInt128 sum = static_cast<base::UInt128>(a) + b;
    return sum > kMost ? kMost : static_cast<std::uint64_t>(sum);
}
std::uint64_t multiply(std::uint64_t a, std::uint64_t b) {
    const base::UInt128 product = static_cast<base::UInt128>(a) * b;
    return product > kMost ? kMost : static_cast<std::uint64_t>(product);
}

std::uint64_t bytes_of(const Tensor& tensor) {
    return tensor.shape.elements() * (tensor.type == ElementType::index ? 4 : 2);
}

std::uint64_t bytes_of(const Weight& weight) { return weight.shape.elements() * width(weight.type); }

// Units of Cost::work, from the table of docs/ml-cost.md; rounded to powers of two.
/// A node: finding its buffers, starting its loops. Arguments cost as much again.
constexpr std::uint64_t kNode = 1024;
/// An element computed or moved from others, wherever they lie.
constexpr std::uint64_t kElement = 64;
/// Of an image that is staged for a convolution, mostly whole rows at a time.
constexpr std::uint64_t kStaged = 32;
/// Requantising one lane of a product.
constexpr std::uint64_t kFinish = 16;
constexpr std::uint64_t kLookup = 64;
constexpr std::uint64_t kDivision = 128;
/// An element of a row of Softmax or Normalise, and the row's reciprocal or root.
constexpr std::uint64_t kRowElement = 64;
constexpr std::uint64_t kRow = 1024;
/// A tap of a pool for one pixel, and for each of its channels.
constexpr std::uint64_t kTap = 64;
constexpr std::uint64_t kTapChannel = 8;
/// A comparison while sorting, or of a binary search, or at a node of a tree: a branch nobody can foretell.
constexpr std::uint64_t kBranch = 128;
/// A slice at a place that only its index tells.
constexpr std::uint64_t kSlice = 512;
/// Packing an activation of a matrix that is multiplied by, and each eight of its columns.
constexpr std::uint64_t kPack = 16;
constexpr std::uint64_t kColumns = 512;
constexpr std::uint64_t kByte = 2;
/// Targets of an ensemble that one walk through its trees serves.
constexpr std::uint64_t kTargetsOfWalk = 16;

constexpr std::uint64_t round_up(std::uint64_t value, std::uint64_t to) { return (value + to - 1) / to * to; }

/// Work of one node beside the bytes it moves.
struct NodeCost {
    const Graph& graph;
    const Subgraph& part;
    const Node& node;
    std::span<const Cost> bodies;

    using Wide = base::UInt128;

    const Shape& input(std::size_t i) const { return part.tensors[node.inputs[i]].shape; }
    const Shape& output() const { return part.tensors[node.outputs[0]].shape; }
    std::uint64_t row_of(WeightId id) const {
        const Shape& shape = graph.weights[id].shape;
        return shape.product(1, shape.rank());
    }
    static Cost counted(std::uint64_t multiply_accumulates, std::uint64_t lookups, Wide work) {
        return {multiply_accumulates, lookups, 0, work > kMost ? kMost : static_cast<std::uint64_t>(work)};
    }
    /// `count` products for each element of the output or first input, at `rate` each.
    Cost per_output(std::uint64_t count, std::uint64_t rate = kElement) const {
        const std::uint64_t all = multiply(output().elements(), count);
        return counted(all, 0, Wide{all} * rate);
    }
    Cost per_input(std::uint64_t count, std::uint64_t rate = kElement) const {
        const std::uint64_t all = multiply(input(0).elements(), count);
        return counted(all, 0, Wide{all} * rate);
    }

    /// `rows` activations rows of `products` each times `groups` matrices of `channels` rows, as the kernels
    /// do them: channels by eights, products by twos, 16-bit weights in halves.
    Wide product_work(Wide rows, std::uint64_t groups, std::uint64_t channels, std::uint64_t products,
                      bool halves) const {
        const Wide lanes = Wide{groups} * round_up(channels, 8);
        return rows * lanes * (round_up(products, 2) * (halves ? 2 : 1) + kFinish);
    }

    Cost operator()(const Linear& op) const {
        const Weight& weight = graph.weights[op.weight];
        const std::uint64_t rows = output().elements() / weight.shape[0];
        return counted(multiply(output().elements(), weight.shape[1]), 0,
                       product_work(rows, 1, weight.shape[0], weight.shape[1], is_wide(weight)));
    }
    template <typename Affine>
    Cost convolution(const Affine& op) const {
        const Weight& weight = graph.weights[op.weight];
        const Shape& out = output();
        const std::uint64_t taps = std::uint64_t{op.window.size[0]} * op.window.size[1];
        const std::uint64_t own = weight.shape[1];
        const std::uint64_t products = op.groups == 1 && op.window.dilation[1] == 1
                                           ? op.window.size[0] * round_up(op.window.size[1] * own, 2)
                                           : taps * round_up(own, 2);
        const Wide pixels = Wide{out[0]} * out[2] * out[3];
        const Wide staged = staged_elements(staged_image(op, input(0), out), input(0));
        return counted(multiply(out.elements(), row_of(op.weight)), 0,
                       product_work(pixels, op.groups, out[1] / op.groups, products, is_wide(weight)) +
                           staged * kStaged);
    }
    static bool is_wide(const Weight& weight) { return weight.type != WeightType::int8; }

    Cost operator()(const Convolution& op) const { return convolution(op); }
    /// As the convolution over the spread input that it is run as.
    Cost operator()(const TransposedConvolution& op) const { return convolution(op); }
    Cost operator()(const MatrixProduct&) const {
        const std::uint64_t inner = input(0).back();
        const std::uint64_t columns = output().back();
        const std::uint64_t rows = output().elements() / columns;
        const Wide panels = Wide{input(1).elements() / (inner * columns)} * (round_up(columns, 8) / 8);
        return counted(multiply(output().elements(), inner), 0,
                       product_work(rows, 1, columns, inner, true) + panels * kColumns +
                           Wide{input(1).elements()} * kPack);
    }
    Cost operator()(const Combination& op) const {
        return per_output(op.coefficients.size() + (op.bias ? 1 : 0));
    }
    Cost pool(const Window& window) const {
        const std::uint64_t taps = std::uint64_t{window.size[0]} * window.size[1];
        const Shape& out = output();
        const Wide pixels = Wide{out[0]} * out[2] * out[3];
        return counted(multiply(out.elements(), taps), 0,
                       pixels * taps * (kTap + std::uint64_t{out[1]} * kTapChannel) +
                           input(0).elements() * Wide{kStaged});
    }
    Cost operator()(const AveragePool& op) const { return pool(op.window); }
    Cost operator()(const MaxPool& op) const { return pool(op.window); }
    Cost operator()(const Sum&) const { return per_input(1); }
    Cost operator()(const ReduceExtremum&) const { return per_input(1); }
    Cost operator()(const ArgExtremum&) const { return per_input(1); }
    Cost operator()(const TopK& op) const {
        return per_input(1 + static_cast<std::uint64_t>(std::bit_width(input(0)[op.axis])));
    }
    Cost operator()(const Softmax&) const {
        const std::uint64_t elements = input(0).elements();
        return counted(multiply(elements, 3), elements, rows_work(input(0)));
    }
    Cost operator()(const Normalise&) const {
        return counted(multiply(input(0).elements(), 4), 0, rows_work(input(0)));
    }
    static Wide rows_work(const Shape& shape) {
        return Wide{shape.elements()} * kRowElement + Wide{shape.elements() / shape.back()} * kRow;
    }
    Cost operator()(const Lookup&) const {
        return counted(0, output().elements(), Wide{output().elements()} * kLookup);
    }
    Cost operator()(const Division&) const { return per_output(1, kDivision); }
    Cost operator()(const IndexMap& op) const {
        const std::uint32_t keys = graph.weights[op.keys].shape[0];
        const std::uint64_t steps =
            multiply(output().elements(), static_cast<std::uint64_t>(std::bit_width(keys)));
        return counted(0, steps, Wide{steps} * kBranch);
    }
    Cost operator()(const Selection& op) const {
        return slices(input(0).product(op.axis + 1, input(0).rank()));
    }
    Cost operator()(const Gather& op) const {
        const Shape& source = op.table ? graph.weights[*op.table].shape : input(0);
        return slices(source.product(op.axis + std::size_t{1}, source.rank()));
    }
    /// The output, from slices of so many elements.
    Cost slices(std::uint64_t size) const {
        const std::uint64_t elements = output().elements();
        return counted(elements, 0, Wide{elements} * kElement + Wide{elements / size} * kSlice);
    }
    Cost operator()(const TreeEnsemble& op) const {
        const std::uint64_t rows = output()[0];
        const std::uint64_t walks = round_up(output()[1], kTargetsOfWalk) / kTargetsOfWalk;
        const std::uint64_t sums = multiply(output().elements(), graph.weights[op.roots].shape[0]);
        return counted(sums, multiply(rows, op.steps),
                       Wide{rows} * walks * op.steps * kBranch + Wide{sums} * kPack);
    }
    Cost operator()(const Scan& op) const {
        const std::uint64_t steps = input(op.states)[0];
        Cost cost = bodies[op.body].times(steps);
        // A step copies the states in and out.
        Wide copied = Wide{kNode} * (node.inputs.size() + node.outputs.size());
        for (std::size_t i = 0; i < op.states; ++i)
            copied += Wide{input(i).elements()} * kElement;
        const Wide work = copied * steps + cost.work;
        cost.work = work > kMost ? kMost : static_cast<std::uint64_t>(work);
        return cost;
    }
    /// Whatever does one step for each element it writes, or only moves it.
    template <typename T>
    Cost operator()(const T&) const {
        return per_output(1);
    }
};

Cost cost_of_node(const Graph& graph, const Subgraph& part, const Node& node, std::span<const Cost> bodies) {
    Cost cost = std::visit(NodeCost{graph, part, node, bodies}, node.operation);
    for (const TensorId id : node.inputs)
        cost.bytes = add(cost.bytes, bytes_of(part.tensors[id]));
    for (const TensorId id : node.outputs)
        cost.bytes = add(cost.bytes, bytes_of(part.tensors[id]));
    for (const WeightId id : weights_of(node.operation))
        cost.bytes = add(cost.bytes, bytes_of(graph.weights[id]));
    // A scan's body reads its own; what the scan names is what its steps copied.
    const std::uint64_t arguments = 1 + node.inputs.size() + node.outputs.size();
    cost.work = add(cost.work, add(multiply(arguments, kNode), multiply(cost.bytes, kByte)));
    return cost;
}

}  // namespace

Cost& Cost::operator+=(const Cost& other) {
    multiply_accumulates = add(multiply_accumulates, other.multiply_accumulates);
    lookups = add(lookups, other.lookups);
    bytes = add(bytes, other.bytes);
    work = add(work, other.work);
    return *this;
}

Cost Cost::times(std::uint64_t count) const {
    return {multiply(multiply_accumulates, count), multiply(lookups, count), multiply(bytes, count),
            multiply(work, count)};
}

GraphCost cost_of(const Graph& graph) {
    std::vector<Cost> bodies;
    for (const Subgraph& body : graph.bodies) {
        Cost sum;
        for (const Node& node : body.nodes)
            sum += cost_of_node(graph, body, node, {});
        bodies.push_back(sum);
    }
    GraphCost result;
    for (const Node& node : graph.main.nodes) {
        result.nodes.push_back(cost_of_node(graph, graph.main, node, bodies));
        result.total += result.nodes.back();
    }
    for (const Weight& weight : graph.weights) {
        result.parameters += weight.shape.elements();
        result.weight_bytes += bytes_of(weight);
    }
    for (const Tensor& tensor : graph.main.tensors)
        result.activation_bytes += bytes_of(tensor);
    return result;
}

}  // namespace valence::ml
