#include "cost_cases.hpp"

#include <functional>

#include "valence/ml/graph/tree_steps.hpp"

namespace valence::ml::bench {
namespace {

constexpr auto kActivation = ElementType::activation;
constexpr auto kIndex = ElementType::index;

using Element = std::function<std::int64_t(std::size_t)>;

Weight weight(WeightType type, const Shape& shape, const Element& element) {
    Weight made{type, shape, {}};
    for (std::size_t k = 0; k < shape.elements(); ++k)
        for (std::size_t byte = 0; byte < width(type); ++byte)
            made.data.push_back(
                static_cast<std::uint8_t>(static_cast<std::uint64_t>(element(k)) >> (8 * byte)));
    return made;
}

std::int64_t noise(std::size_t k) {
    std::uint64_t z = k * 0x9e3779b97f4a7c15ULL;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    return static_cast<std::int64_t>(z >> 40);
}

Weight bytes(const Shape& shape) {
    return weight(WeightType::int8, shape, [](std::size_t k) { return noise(k) % 128; });
}
Weight words(const Shape& shape) {
    return weight(WeightType::int16, shape, [](std::size_t k) { return noise(k) % 32768; });
}

Tensor activations(const Shape& shape) { return {kActivation, shape, 8}; }
Tensor indices(const Shape& shape) { return {kIndex, shape, 0}; }

Graph one(Operation operation, const std::vector<Tensor>& inputs, const std::vector<Tensor>& outputs,
          std::vector<Weight> weights = {}) {
    Graph graph;
    Node node{std::move(operation), {}, {}, ""};
    for (const Tensor& tensor : inputs) {
        node.inputs.push_back(static_cast<TensorId>(graph.main.tensors.size()));
        graph.main.tensors.push_back(tensor);
    }
    for (const Tensor& tensor : outputs) {
        node.outputs.push_back(static_cast<TensorId>(graph.main.tensors.size()));
        graph.main.tensors.push_back(tensor);
    }
    graph.main.inputs = node.inputs;
    graph.main.outputs = node.outputs;
    graph.main.nodes.push_back(std::move(node));
    graph.weights = std::move(weights);
    return graph;
}

/// `count` nodes that add one number to the next.
Subgraph chain(std::size_t count) {
    Subgraph part;
    part.tensors = {activations({1}), activations({1})};
    part.inputs = {0, 1};
    for (std::size_t k = 0; k < count; ++k) {
        const auto last = static_cast<TensorId>(part.tensors.size() - 1);
        part.tensors.push_back(activations({1}));
        part.nodes.push_back({Combination{{1, 1}, {}, {}}, {last, 0}, {last + 1}, ""});
    }
    part.outputs = {static_cast<TensorId>(part.tensors.size() - 1)};
    return part;
}

Graph small_nodes() {
    Graph graph;
    graph.main = chain(4000);
    return graph;
}

Graph scan_of_little() {
    Graph graph = one(Scan{0, 1, false}, {activations({1}), activations({4000, 1})}, {activations({1})});
    graph.bodies = {chain(1)};
    std::swap(graph.bodies[0].inputs[0], graph.bodies[0].inputs[1]);
    return graph;
}

Graph scan_of_states() {
    const Tensor state = activations({1 << 14});
    Graph graph = one(Scan{0, 1, false}, {state, activations({500})}, {state});
    Subgraph body;
    body.tensors = {state, activations({})};
    body.inputs = {0, 1};
    body.outputs = {0};
    graph.bodies = {body};
    return graph;
}

/// `trees` complete trees of `depth` levels over `features`, for `rows` items and `targets`.
Graph forest(std::uint32_t trees, std::uint32_t depth, std::uint32_t rows, std::uint32_t targets) {
    constexpr std::uint32_t kFeatures = 64;
    const std::uint32_t size = (1U << depth) - 1;
    std::vector<std::int64_t> nodes;
    std::vector<std::int64_t> roots;
    for (std::uint32_t tree = 0; tree < trees; ++tree) {
        const std::int64_t root = std::int64_t{tree} * size;
        roots.push_back(root);
        for (std::uint32_t k = 0; k < size; ++k) {
            if (2 * k + 2 < size)
                nodes.insert(nodes.end(), {noise(k * 77 + tree) % kFeatures, noise(k * 31 + tree) % 32768,
                                           root + 2 * k + 1, root + 2 * k + 2});
            else
                nodes.insert(nodes.end(), {-1, 0, noise(k) % 64, 0});
        }
    }
    TreeEnsemble op{0, 1, 2, {}, {.shift = 24}, 0};
    std::vector<Weight> weights{
        weight(WeightType::int32, {trees * size, 4}, [&](std::size_t k) { return nodes[k]; }),
        weight(WeightType::int32, {trees}, [&](std::size_t k) { return roots[k]; }),
        weight(WeightType::int64, {64, targets}, [](std::size_t k) { return noise(k) % 1000; })};
    op.steps = tree_steps(weights[0], weights[1]);
    return one(op, {activations({rows, kFeatures})}, {activations({rows, targets})}, std::move(weights));
}

Window window(std::uint32_t size, std::uint32_t pad = 0) {
    return {.size = {size, size}, .before = {pad, pad}, .after = {pad, pad}};
}

/// A convolution of [1, channels, side, side] with `groups` groups of as many channels out, size by size.
Graph convolution(const Weight& kernel, std::uint32_t channels, std::uint32_t groups, std::uint32_t side,
                  std::uint32_t size, std::uint8_t shift) {
    const Shape shape{1, channels, side, side};
    return one(Convolution{0, {}, {}, window(size, size / 2), groups, {.shift = shift}}, {activations(shape)},
               {activations(shape)}, {kernel});
}

Graph matrix_product(std::uint32_t products, std::uint32_t m, std::uint32_t k, std::uint32_t n) {
    return one(MatrixProduct{{.shift = 24}}, {activations({products, m, k}), activations({products, k, n})},
               {activations({products, m, n})});
}

Graph linear(const Weight& matrix, std::uint32_t rows, std::uint8_t shift) {
    return one(Linear{0, {}, {}, {.shift = shift}}, {activations({rows, matrix.shape[1]})},
               {activations({rows, matrix.shape[0]})}, {matrix});
}

Graph lookups(Function function) {
    const Tensor x = activations({1 << 18});
    return one(Lookup{{function, 12, 12, 0, 0}}, {x}, {x});
}

Graph top_k(const Shape& shape, std::uint8_t axis, std::uint32_t count) {
    Shape out = shape;
    out[axis] = count;
    return one(TopK{Extremum::maximum, axis}, {activations(shape)}, {activations(out), indices(out)});
}

}  // namespace

std::vector<CostCase> cost_cases() {
    const Shape wide{512, 512};
    const auto binary = [&](Operation operation) {
        return one(std::move(operation), {activations(wide), activations(wide)}, {activations(wide)});
    };
    const auto unary = [&](Operation operation, const Shape& shape) {
        return one(std::move(operation), {activations(shape)}, {activations(shape)});
    };
    const auto reduced = [&](Operation operation, const Shape& from, const Shape& to, ElementType type) {
        return one(std::move(operation), {activations(from)}, {{type, to, 8}});
    };
    const Shape deep{64, 64, 64};
    return {
        {"Linear, 8 bits, 512 rows, 512 to 512", linear(bytes({512, 512}), 512, 16)},
        {"Linear, 16 bits", linear(words({512, 512}), 512, 24)},
        {"Linear, 16 bits, extreme weights",
         linear(weight(WeightType::int16, {512, 512}, [](auto) { return -32768; }), 512, 24)},
        {"Linear, 8 bits, one row", linear(bytes({2048, 2048}), 1, 16)},
        {"Linear, 8 bits, to 1", linear(bytes({1, 512}), 4096, 16)},
        {"Linear, 8 bits, 1 to 1", linear(bytes({1, 1}), 1 << 18, 8)},
        {"Linear, 16 bits, 3 to 9", linear(words({9, 3}), 1 << 15, 20)},
        {"Convolution, 3 by 3, 64 channels", convolution(bytes({64, 64, 3, 3}), 64, 1, 32, 3, 16)},
        {"Convolution, dilated, 1 channel",
         one(Convolution{0, {}, {}, {.size = {5, 5}, .dilation = {2, 2}}, 1, {.shift = 10}},
             {activations({1, 1, 128, 128})}, {activations({1, 1, 120, 120})}, {bytes({1, 1, 5, 5})})},
        {"Convolution, depthwise", convolution(bytes({64, 1, 3, 3}), 64, 64, 64, 3, 10)},
        {"Convolution, depthwise, wide sums",
         convolution(weight(WeightType::int16, {64, 1, 3, 3}, [](auto) { return 32767; }), 64, 64, 64, 3, 5)},
        {"Convolution, depthwise, 1 by 1, wide sums",
         one(Convolution{0, 1, {}, {}, 512, {.shift = 12}}, {activations({1, 512, 16, 16})},
             {activations({1, 512, 16, 16})},
             {weight(WeightType::int16, {512, 1, 1, 1}, [](auto) { return 32767; }),
              weight(WeightType::int64, {512}, [](auto) { return std::int64_t{1} << 40; })})},
        {"Convolution, 32 groups of 2", convolution(bytes({64, 2, 3, 3}), 64, 32, 64, 3, 11)},
        {"Convolution, mostly padding",
         one(Convolution{0,
                         {},
                         {},
                         {.size = {1, 1}, .stride = {511, 511}, .before = {511, 511}, .after = {511, 511}},
                         1,
                         {.shift = 8}},
             {activations({1, 1, 1, 1})}, {activations({1, 1, 3, 3})}, {bytes({1, 1, 1, 1})})},
        {"TransposedConvolution, stride 2",
         one(TransposedConvolution{0, {}, {}, {.size = {4, 4}, .stride = {2, 2}}, {}, 1, {.shift = 16}},
             {activations({1, 32, 24, 24})}, {activations({1, 32, 50, 50})}, {bytes({32, 32, 4, 4})})},
        {"TransposedConvolution, stride 100",
         one(TransposedConvolution{0, {}, {}, {.size = {1, 1}, .stride = {100, 100}}, {}, 1, {.shift = 8}},
             {activations({1, 1, 5, 5})}, {activations({1, 1, 401, 401})}, {bytes({1, 1, 1, 1})})},
        {"MatrixProduct, 256 cubed", matrix_product(1, 256, 256, 256)},
        {"MatrixProduct, one row", matrix_product(4, 1, 512, 512)},
        {"MatrixProduct, one column", matrix_product(4, 512, 512, 1)},
        {"MatrixProduct, 1 by 1", matrix_product(1 << 15, 1, 1, 1)},
        {"Combination of 2", binary(Combination{{3, 5}, {}, {.shift = 4}})},
        {"Combination of 6", one(Combination{{1, 2, 3, 4, 5, 6}, {}, {.shift = 6}},
                                 std::vector<Tensor>(6, activations(wide)), {activations(wide)})},
        {"Product", binary(Product{{.shift = 12}})},
        {"Product, column by row",
         one(Product{{.shift = 12}}, {activations({512, 1}), activations({1, 512})}, {activations(wide)})},
        {"Product, last axis 1",
         one(Product{{.shift = 12}}, {activations({1 << 17, 2}), activations({1 << 17, 1})},
             {activations({1 << 17, 2})})},
        {"Scaling", one(Scaling{0, 1, {}, {.shift = 16}}, {activations(wide)}, {activations(wide)},
                        {words({512}), weight(WeightType::int64, {512}, [](auto) { return 1000; })})},
        {"Sum of rows", reduced(Sum{{1}, 1, {.shift = 9}}, wide, {512, 1}, kActivation)},
        {"Sum of columns", reduced(Sum{{0}, 1, {.shift = 9}}, wide, {1, 512}, kActivation)},
        {"Sum of every other axis", reduced(Sum{{0, 2}, 1, {.shift = 12}}, deep, {1, 64, 1}, kActivation)},
        {"Sum of pairs", reduced(Sum{{1}, 1, {.shift = 1}}, {1 << 17, 2}, {1 << 17, 1}, kActivation)},
        {"AveragePool, 64 channels", one(AveragePool{window(3), 1, {}, {.shift = 3}},
                                         {activations({1, 64, 34, 34})}, {activations({1, 64, 32, 32})})},
        {"AveragePool, 1 channel, 7 by 7",
         one(AveragePool{window(7), 1, {}, {.shift = 5}}, {activations({1, 1, 134, 134})},
             {activations({1, 1, 128, 128})})},
        {"MaxPool, 1 channel, 3 by 3",
         one(MaxPool{window(3)}, {activations({1, 1, 258, 258})}, {activations({1, 1, 256, 256})})},
        {"MaxPool, 1 channel, 1 by 1",
         one(MaxPool{window(1)}, {activations({1, 1, 512, 512})}, {activations({1, 1, 512, 512})})},
        {"MaxPool, padding only",
         one(MaxPool{{.size = {64, 64}, .stride = {64, 64}, .before = {63, 63}, .after = {64, 64}}},
             {activations({1, 1, 1, 1})}, {activations({1, 1, 2, 2})})},
        {"ReduceExtremum of rows",
         reduced(ReduceExtremum{Extremum::maximum, {1}}, wide, {512, 1}, kActivation)},
        {"ElementwiseExtremum", binary(ElementwiseExtremum{})},
        {"Lookup, tanh", lookups(Function::tanh)},
        {"Softmax, rows of 512", unary(Softmax{10}, wide)},
        {"Softmax, rows of 1", unary(Softmax{10}, {1 << 16, 1})},
        {"Normalise, rows of 512", unary(Normalise{}, wide)},
        {"Normalise, rows of 1", unary(Normalise{}, {1 << 16, 1})},
        {"Division", binary(Division{12})},
        {"Reshape", reduced(Reshape{}, wide, {512 * 512}, kActivation)},
        {"Transpose", one(Transpose{{1, 0}}, {activations({1024, 1024})}, {activations({1024, 1024})})},
        {"Transpose, last axes of 2",
         one(Transpose{{2, 1, 0}}, {activations({1 << 16, 2, 2})}, {activations({2, 2, 1 << 16})})},
        {"Transpose of 128 MiB",
         one(Transpose{{1, 0}}, {activations({8192, 8192})}, {activations({8192, 8192})})},
        {"Transpose, first axes of 2",
         one(Transpose{{2, 1, 0}}, {activations({2, 2, 1 << 16})}, {activations({1 << 16, 2, 2})})},
        {"Slice, every 32nd, backwards",
         one(Slice{{(1 << 20) - 1}, {-32}}, {activations({1 << 20})}, {activations({1 << 15})})},
        {"Concatenation of 64",
         one(Concatenation{1}, std::vector<Tensor>(64, activations({1024, 1})), {activations({1024, 64})})},
        {"Padding", one(Padding{{1, 1}, 5}, {activations(wide)}, {activations({514, 514})})},
        {"Broadcast of a column", one(Broadcast{}, {activations({1 << 17, 1})}, {activations({1 << 17, 2})})},
        {"Selection", one(Selection{1, 0}, {activations({1024, 64})}, {activations({1024, 64})},
                          {weight(WeightType::int32, {64}, [](std::size_t k) { return (k * 37) % 64; })})},
        {"Gather, 4 MiB table, single elements",
         one(Gather{0, 0}, {indices({1 << 18})}, {activations({1 << 18})}, {words({1 << 21})})},
        {"Gather, 32 MiB table, single elements",
         one(Gather{0, 0}, {indices({1 << 20})}, {activations({1 << 20})}, {words({1 << 24})})},
        {"Gather, rows of 64",
         one(Gather{0, {}}, {activations({4096, 64}), indices({4096})}, {activations({4096, 64})})},
        {"Constant", one(Constant{0}, {}, {activations(wide)}, {words(wide)})},
        {"ArgExtremum of rows", reduced(ArgExtremum{Extremum::maximum, 1}, wide, {512, 1}, kIndex)},
        {"ArgExtremum of columns",
         reduced(ArgExtremum{Extremum::maximum, 0}, {1024, 1024}, {1, 1024}, kIndex)},
        {"TopK, all of 65536", top_k({1 << 16}, 0, 1 << 16)},
        {"TopK, 1000 of 2^22", top_k({1 << 22}, 0, 1000)},
        {"TopK, all of 2^22", top_k({1 << 22}, 0, 1 << 22)},
        {"TopK, all of 2", top_k({1 << 15, 2}, 1, 2)},
        {"ArgExtremum of columns of 8192",
         reduced(ArgExtremum{Extremum::maximum, 0}, {8192, 4096}, {1, 4096}, kIndex)},
        {"TopK, 8 of columns of 1024", top_k({1024, 256}, 0, 8)},
        {"TopK, all of columns of 1024", top_k({1024, 256}, 0, 1024)},
        {"Comparison", binary(Comparison{})},
        {"Choice", one(Choice{}, std::vector<Tensor>(3, activations(wide)), {activations(wide)})},
        {"IndexToActivation", one(IndexToActivation{2}, {indices(wide)}, {activations(wide)})},
        {"ActivationToIndex", one(ActivationToIndex{2}, {activations(wide)}, {indices(wide)})},
        {"IndexMap of 65536 keys",
         one(IndexMap{0, 1, 0}, {indices(wide)}, {indices(wide)},
             {weight(WeightType::int32, {1 << 16},
                     [](std::size_t k) { return 64 * static_cast<std::int64_t>(k); }),
              weight(WeightType::int32, {1 << 16}, noise)})},
        {"TreeEnsemble, 100 trees of 8 levels", forest(100, 8, 256, 1)},
        {"TreeEnsemble, 8 trees of 16 levels", forest(8, 16, 1024, 1)},
        {"TreeEnsemble, 1 tree of 20 levels", forest(1, 20, 8192, 1)},
        {"TreeEnsemble, 64 targets", forest(50, 6, 256, 64)},
        {"TreeEnsemble, a leaf", forest(1, 1, 1 << 15, 1)},
        {"4000 nodes of one element", small_nodes()},
        {"Scan, 4000 steps of one node", scan_of_little()},
        {"Scan, 500 steps of a state of 2^14", scan_of_states()},
    };
}

}  // namespace valence::ml::bench
