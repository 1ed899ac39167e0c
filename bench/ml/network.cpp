#include "network.hpp"

#include <cmath>

namespace bench {

using namespace valence::ml;

Network::Network(const Shape& input, int weight_bits, bool tokens) : bits_(weight_bits) {
    graph_.main.tensors.push_back({tokens ? ElementType::index : ElementType::activation, input, 0});
    graph_.main.inputs = {0};
    graph_.inputs = {{"x", "", 0, {}}};
}

std::uint64_t Network::next() {
    std::uint64_t z = (seed_ += 0x9e3779b97f4a7c15ULL);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
}

TensorId Network::emit(Operation operation, std::vector<TensorId> inputs, const Shape& shape) {
    graph_.main.tensors.push_back({ElementType::activation, shape, 0});
    last_ = static_cast<TensorId>(graph_.main.tensors.size() - 1);
    graph_.main.nodes.push_back({std::move(operation), std::move(inputs), {last_}, ""});
    return last_;
}

/// About normal: the sum of four uniform numbers, a quarter of the largest for deviation.
WeightId Network::random_weight(const Shape& shape, int bits) {
    Weight weight{bits == 8 ? WeightType::int8 : WeightType::int16, shape, {}};
    const std::size_t count = shape.elements();
    weight.data.resize(count * static_cast<std::size_t>(bits / 8));
    for (std::size_t k = 0; k < count; ++k) {
        const std::uint64_t r = next();
        std::int64_t sum = 0;
        for (int part = 0; part < 4; ++part)
            sum += static_cast<std::int64_t>(r >> (16 * part) & 0xffff) - 32768;
        const std::int64_t value = sum / (bits == 8 ? 1024 : 4);
        for (std::size_t b = 0; b < static_cast<std::size_t>(bits / 8); ++b)
            weight.data[k * static_cast<std::size_t>(bits / 8) + b] =
                static_cast<std::uint8_t>(static_cast<std::uint64_t>(value) >> (8 * b));
    }
    weights_ += count;
    graph_.weights.push_back(std::move(weight));
    return static_cast<WeightId>(graph_.weights.size() - 1);
}

WeightId Network::listed_weight(WeightType type, const Shape& shape,
                                const std::vector<std::int64_t>& elements) {
    const std::size_t bytes = type == WeightType::int64 ? 8 : 4;
    Weight weight{type, shape, {}};
    for (const std::int64_t element : elements) {
        for (std::size_t b = 0; b < bytes; ++b)
            weight.data.push_back(static_cast<std::uint8_t>(static_cast<std::uint64_t>(element) >> (8 * b)));
    }
    weights_ += elements.size();
    graph_.weights.push_back(std::move(weight));
    return static_cast<WeightId>(graph_.weights.size() - 1);
}

/// Keeps activations of one size from layer to layer.
Requantisation Network::requantisation(std::uint64_t length, Activation activation) const {
    const double deviation = (bits_ == 8 ? 37.0 : 9459.0) * std::sqrt(static_cast<double>(length));
    const int shift = std::min(static_cast<int>(std::lround(std::log2(deviation))), bits_ == 8 ? 16 : 24);
    Requantisation out;
    out.shift = static_cast<std::uint8_t>(shift);
    if (activation == Activation::relu) out.low = 0;
    return out;
}

void Network::linear(std::uint32_t outputs, Activation activation) {
    linear_with(random_weight({outputs, shape().back()}, bits_), activation);
}

void Network::linear_with(WeightId weight, Activation activation) {
    Shape out = shape();
    const std::uint32_t inputs = out.back();
    out[out.rank() - 1] = graph_.weights[weight].shape[0];
    Linear operation;
    operation.weight = weight;
    operation.out = requantisation(inputs, activation);
    products_ += out.elements() * inputs;
    emit(operation, {last_}, out);
}

void Network::convolution(std::uint32_t outputs, std::uint32_t size, std::uint32_t padding,
                          Activation activation, std::uint32_t groups) {
    const Shape in = shape();
    const Shape out{in[0], outputs, in[2] + 2 * padding - size + 1, in[3] + 2 * padding - size + 1};
    Convolution operation;
    operation.weight = random_weight({outputs, in[1] / groups, size, size}, bits_);
    operation.window.size = {size, size};
    operation.window.before = operation.window.after = {padding, padding};
    operation.groups = groups;
    operation.out = requantisation(std::uint64_t{in[1] / groups} * size * size, activation);
    products_ += out.elements() * (in[1] / groups) * size * size;
    emit(operation, {last_}, out);
}

void Network::max_pool() {
    const Shape in = shape();
    MaxPool operation;
    operation.window.size = operation.window.stride = {2, 2};
    emit(operation, {last_}, {in[0], in[1], in[2] / 2, in[3] / 2});
}

void Network::reshape(const Shape& to) { emit(Reshape{}, {last_}, to); }

void Network::transpose(const std::vector<std::uint8_t>& permutation) {
    const Shape in = shape();
    Shape out = in;
    for (std::size_t axis = 0; axis < permutation.size(); ++axis)
        out[axis] = in[permutation[axis]];
    emit(Transpose{permutation}, {last_}, out);
}

void Network::slice_last(std::uint32_t start, std::uint32_t count) {
    Shape out = shape();
    Slice operation;
    operation.start.assign(out.rank(), 0);
    operation.step.assign(out.rank(), 1);
    operation.start.back() = start;
    out[out.rank() - 1] = count;
    emit(operation, {last_}, out);
}

void Network::add(TensorId other) {
    const Shape out = shape();
    emit(Combination{{1, 1}, {}, {}}, {other, last_}, out);
}

void Network::layer_norm() {
    const Shape out = shape();
    emit(Normalise{}, {last_}, out);
    Scaling scaling;
    scaling.weight = random_weight({out.back()}, 16);
    scaling.out.shift = 14;
    emit(scaling, {last_}, out);
}

void Network::gelu() {
    const Shape out = shape();
    emit(Lookup{Table{.function = Function::gelu, .in = 12, .out = 12}}, {last_}, out);
}

void Network::softmax() {
    const Shape out = shape();
    emit(Softmax{12}, {last_}, out);
}

void Network::matrix_product(TensorId z, std::uint8_t shift) {
    Shape out = shape();
    const std::uint32_t inner = out.back();
    out[out.rank() - 1] = graph_.main.tensors[z].shape.back();
    products_ += out.elements() * inner;
    MatrixProduct operation;
    operation.out.shift = shift;
    emit(operation, {last_, z}, out);
}

WeightId Network::embed(std::uint32_t vocabulary, std::uint32_t width) {
    const Shape tokens = shape();
    Gather operation;
    const WeightId table = random_weight({vocabulary, width}, bits_);
    operation.table = table;
    emit(operation, {last_}, {tokens[0], tokens[1], width});
    return table;
}

void Network::add_positions() {
    const Shape out = shape();
    const Shape rows{out[out.rank() - 2], out.back()};
    std::vector<std::int64_t> elements;
    for (std::uint64_t k = 0; k < rows.elements(); ++k)
        elements.push_back(static_cast<std::int64_t>(next() >> 56) - 128);
    emit(Combination{{1}, listed_weight(WeightType::int64, rows, elements), {}}, {last_}, out);
}

void Network::full_trees(std::uint32_t count, int depth) {
    const std::uint32_t features = shape().back();
    const std::int64_t inner = (std::int64_t{1} << depth) - 1;
    std::vector<std::int64_t> nodes, roots, leaves;
    for (std::int64_t tree = 0; tree < count; ++tree) {
        const std::int64_t root = tree * (2 * inner + 1);
        roots.push_back(root);
        for (std::int64_t node = 0; node < inner; ++node) {
            const auto feature = static_cast<std::int64_t>(next() % features);
            const std::int64_t threshold = static_cast<std::int64_t>(next() >> 49) - 16384;
            const std::int64_t left = root + 2 * node + 1;
            nodes.insert(nodes.end(), {feature, threshold, left, left + 1});
        }
        for (std::int64_t leaf = 0; leaf <= inner; ++leaf) {
            nodes.insert(nodes.end(), {-1, 0, static_cast<std::int64_t>(leaves.size()), 0});
            leaves.push_back(static_cast<std::int64_t>(next() >> 51) - 4096);
        }
    }
    const auto rows = static_cast<std::uint32_t>(nodes.size() / 4);
    TreeEnsemble operation;
    operation.nodes = listed_weight(WeightType::int32, {rows, 4}, nodes);
    operation.roots = listed_weight(WeightType::int32, {count}, roots);
    operation.leaves =
        listed_weight(WeightType::int64, {static_cast<std::uint32_t>(leaves.size()), 1}, leaves);
    operation.out.shift = 4;
    operation.steps = std::uint64_t{count} * (static_cast<std::uint64_t>(depth) + 1);
    emit(operation, {last_}, {shape()[0], 1});
}

Graph Network::finish() {
    graph_.main.outputs = {last_};
    graph_.outputs = {{"y", "", last_, {}}};
    return graph_;
}

}  // namespace bench
