// One random node of each kind.
#include <algorithm>
#include <numeric>

#include "valence/ml/graph/tree_steps.hpp"
#include "valence/ml/testing/graph_builder.hpp"

namespace valence::ml::testing {
namespace {

Shape with_axis(Shape shape, std::size_t axis, std::uint32_t extent) {
    shape[axis] = extent;
    return shape;
}

/// `outer`, then `inner`.
Shape joined(std::span<const std::uint32_t> outer, std::span<const std::uint32_t> inner) {
    std::vector<std::uint32_t> extents(outer.begin(), outer.end());
    extents.insert(extents.end(), inner.begin(), inner.end());
    return Shape{std::span<const std::uint32_t>(extents)};
}

Shape broadcast_of(const Shape& a, const Shape& b) {
    const Shape& longer = a.rank() >= b.rank() ? a : b;
    const Shape& shorter = a.rank() >= b.rank() ? b : a;
    Shape result = longer;
    for (std::size_t axis = 0; axis < shorter.rank(); ++axis) {
        std::uint32_t& extent = result[longer.rank() - shorter.rank() + axis];
        extent = std::max(extent, shorter[axis]);
    }
    return result;
}

}  // namespace

void GraphBuilder::add_linear() {
    const TensorId x = any(ElementType::activation, 1);
    const Shape shape = part_.tensors[x].shape;
    const std::uint32_t inner = shape.back();
    const auto count = random_.pick<std::uint32_t>({1, 2, 3, 7, 16, 19});
    const Channels c = channels({count, inner}, {count}, inner);
    emit(Linear{c.weight, c.bias, c.channel, c.out}, {x}, result(with_axis(shape, shape.rank() - 1, count)));
}

Window GraphBuilder::window(const Shape& over, bool transposed) {
    Window w;
    for (std::size_t axis = 0; axis < 2; ++axis) {
        do {
            w.size[axis] = random_.pick<std::uint32_t>({1, 2, 3, 3, 5});
            w.stride[axis] = random_.pick<std::uint32_t>({1, 1, 2, 3});
            w.dilation[axis] = random_.pick<std::uint32_t>({1, 1, 2});
            w.before[axis] = random_.below(3);
            w.after[axis] = random_.below(3);
        } while (transposed ? (over[2 + axis] - 1) * w.stride[axis] + (w.size[axis] - 1) * w.dilation[axis] <
                                  w.before[axis] + w.after[axis]
                            : over[2 + axis] + w.before[axis] + w.after[axis] <=
                                  (w.size[axis] - 1) * w.dilation[axis]);
    }
    return w;
}

void GraphBuilder::add_convolution(bool transposed) {
    const auto groups = random_.pick<std::uint32_t>({1, 1, 2, 3});
    const auto inner = random_.pick<std::uint32_t>({1, 2, 5});
    const std::uint32_t outputs = groups * random_.pick<std::uint32_t>({1, 2, 3});
    const Shape in{random_.pick<std::uint32_t>({1, 1, 2}), groups * inner,
                   random_.pick<std::uint32_t>({1, 3, 6}), random_.pick<std::uint32_t>({1, 4, 7})};
    const TensorId x = activation(in);
    const Window w = window(in, transposed);
    const Channels c = channels({outputs, inner, w.size[0], w.size[1]}, {outputs},
                                std::uint64_t{inner} * w.size[0] * w.size[1]);
    Shape out{in[0], outputs, 0, 0};
    std::array<std::uint32_t, 2> extra{};
    for (std::size_t axis = 0; axis < 2; ++axis) {
        const std::uint32_t reach = (w.size[axis] - 1) * w.dilation[axis] + 1;
        extra[axis] = w.stride[axis] > 1 ? random_.below(w.stride[axis]) : 0;
        out[2 + axis] =
            transposed
                ? (in[2 + axis] - 1) * w.stride[axis] + reach + extra[axis] - w.before[axis] - w.after[axis]
                : (in[2 + axis] + w.before[axis] + w.after[axis] - reach) / w.stride[axis] + 1;
    }
    if (transposed)
        emit(TransposedConvolution{c.weight, c.bias, c.channel, w, extra, groups, c.out}, {x}, result(out));
    else
        emit(Convolution{c.weight, c.bias, c.channel, w, groups, c.out}, {x}, result(out));
}

void GraphBuilder::add_matrix_product() {
    const Shape batch = random_.chance(1, 2) ? Shape{} : Shape{random_.pick<std::uint32_t>({1, 2, 3})};
    const std::uint32_t m = random_.pick<std::uint32_t>({1, 2, 5});
    const std::uint32_t k = random_.pick<std::uint32_t>({1, 3, 16, 17});
    const std::uint32_t n = random_.pick<std::uint32_t>({1, 2, 9});
    const TensorId x = activation(joined(batch.extents(), Shape{m, k}.extents()));
    const TensorId z = activation(joined(batch.extents(), Shape{k, n}.extents()));
    emit(MatrixProduct{requantisation(Magnitude{k} << 30)}, {x, z},
         result(joined(batch.extents(), Shape{m, n}.extents())));
}

TensorId GraphBuilder::combine(TensorId a, TensorId b) {
    const auto c = static_cast<std::int32_t>(random_.between(-(1 << 24), 1 << 24));
    const auto d = static_cast<std::int32_t>(random_.between(-1000, 1000));
    return emit(Combination{{c, d}, {}, requantisation(Magnitude{1} << 40)}, {a, b}, part_.tensors[a]);
}

void GraphBuilder::add_elementwise(std::size_t kind) {
    const TensorId a = any(ElementType::activation);
    const TensorId b = broadcastable_to(a);
    std::vector<TensorId> inputs{a, b};
    if (random_.chance(1, 2)) std::swap(inputs[0], inputs[1]);
    const Tensor out = result(part_.tensors[a].shape);
    if (kind == kind_of<Combination>()) {
        if (random_.chance(1, 3)) inputs.pop_back();
        if (random_.chance(1, 3)) inputs.push_back(broadcastable_to(a));
        Shape shape = part_.tensors[inputs[0]].shape;
        for (const TensorId id : inputs)
            shape = broadcast_of(shape, part_.tensors[id].shape);
        Combination op;
        Magnitude bound = 0;
        for (std::size_t i = 0; i < inputs.size(); ++i) {
            const std::int32_t limit = random_.pick({1, 3, 1000, 1 << 24});
            op.coefficients.push_back(static_cast<std::int32_t>(random_.between(-limit, limit)));
            bound += Magnitude{static_cast<std::uint32_t>(limit)} << 15;
        }
        if (random_.chance(1, 2)) {
            const std::int64_t size = random_.pick<std::int64_t>({1, 1 << 20, std::int64_t{1} << 40});
            const Shape part = broadcast_part(shape);
            op.bias = weight(WeightType::int64, part, elements(part.elements(), -size, size));
            bound += static_cast<std::uint64_t>(size);
        }
        op.out = requantisation(bound);
        emit(op, inputs, result(shape));
    } else if (kind == kind_of<Product>()) {
        emit(Product{requantisation(Magnitude{1} << 30)}, inputs, out);
    } else if (kind == kind_of<ElementwiseExtremum>()) {
        emit(ElementwiseExtremum{random_.pick({Extremum::minimum, Extremum::maximum})}, inputs, out);
    } else if (kind == kind_of<Division>()) {
        emit(Division{static_cast<std::uint8_t>(random_.below(41))}, inputs, out);
    } else if (kind == kind_of<Comparison>()) {
        emit(Comparison{random_.pick({Relation::equal, Relation::less, Relation::less_or_equal})}, inputs,
             out);
    } else if (kind == kind_of<Choice>()) {
        const TensorId condition = broadcastable_to(a);
        emit(Choice{}, {condition, inputs[0], inputs[1]}, out);
    } else {
        emit(Lookup{table()}, {a}, out);
    }
}

void GraphBuilder::add_scaling() {
    const TensorId x = any(ElementType::activation);
    const Shape shape = part_.tensors[x].shape;
    const Channels c = channels(broadcast_part(shape), broadcast_part(shape), 1);
    emit(Scaling{c.weight, c.bias, c.channel, c.out}, {x}, result(shape));
}

void GraphBuilder::add_reduction(std::size_t kind) {
    const TensorId x = any(ElementType::activation, 1);
    Shape shape = part_.tensors[x].shape;
    const std::uint8_t axis = axis_of(shape);
    const Extremum which = random_.pick({Extremum::minimum, Extremum::maximum});
    if (kind == kind_of<ArgExtremum>()) {
        emit(ArgExtremum{which, axis}, {x}, {ElementType::index, with_axis(shape, axis, 1), 0});
        return;
    }
    const auto axes = axes_of(shape);
    std::uint64_t count = 1;
    for (const std::uint8_t reduced : axes) {
        count *= shape[reduced];
        shape[reduced] = 1;
    }
    if (kind == kind_of<ReduceExtremum>()) {
        emit(ReduceExtremum{which, axes}, {x}, result(shape));
        return;
    }
    const std::int32_t limit = random_.pick({1, 1000, 1 << 24});
    const auto multiplier = static_cast<std::int32_t>(random_.between(-limit, limit));
    emit(Sum{axes, multiplier, requantisation(Magnitude{count} * static_cast<std::uint32_t>(limit) << 15)},
         {x}, result(shape));
}

void GraphBuilder::add_pool(bool average) {
    const Shape in{random_.pick<std::uint32_t>({1, 2}), random_.pick<std::uint32_t>({1, 3}),
                   random_.pick<std::uint32_t>({1, 4, 7}), random_.pick<std::uint32_t>({1, 5, 8})};
    const TensorId x = activation(in);
    const Window w = window(in, false);
    Shape out = in;
    for (std::size_t axis = 0; axis < 2; ++axis)
        out[2 + axis] =
            (in[2 + axis] + w.before[axis] + w.after[axis] - (w.size[axis] - 1) * w.dilation[axis] - 1) /
                w.stride[axis] +
            1;
    if (!average) {
        emit(MaxPool{w}, {x}, result(out));
        return;
    }
    const std::int32_t limit = random_.pick({1, 1000, 1 << 24});
    AveragePool op{.window = w, .multiplier = 1, .multiplier_table = {}, .out = {}};
    if (random_.chance(1, 2))
        op.multiplier_table = weight(WeightType::int64, {out[2], out[3]},
                                     elements(std::uint64_t{out[2]} * out[3], -limit, limit));
    else
        op.multiplier = static_cast<std::int32_t>(random_.between(-limit, limit));
    op.out = requantisation(Magnitude{w.size[0]} * w.size[1] * static_cast<std::uint32_t>(limit) << 15);
    emit(op, {x}, result(out));
}

void GraphBuilder::add_row_operation(std::size_t kind) {
    const TensorId x = any(ElementType::activation, 1);
    const Shape shape = part_.tensors[x].shape;
    if (kind == kind_of<Softmax>()) {
        emit(Softmax{static_cast<std::int8_t>(random_.between(2, 18))}, {x},
             {ElementType::activation, shape, 15});
        return;
    }
    const std::uint64_t epsilon = random_.chance(1, 3) ? 0 : random_.next() >> random_.between(5, 63);
    const auto out = static_cast<std::uint8_t>(random_.below(16));
    emit(Normalise{random_.pick({Norm::layer, Norm::rms, Norm::l2}), epsilon, out}, {x},
         {ElementType::activation, shape, static_cast<std::int8_t>(out)});
}

void GraphBuilder::add_movement(std::size_t kind) {
    const TensorId x = any(any_type(), 1);
    const Tensor from = part_.tensors[x];
    Tensor to = from;
    if (kind == kind_of<Reshape>()) {
        const auto elements = static_cast<std::uint32_t>(from.shape.elements());
        std::uint32_t divisor = elements;
        while (elements % divisor != 0 || random_.chance(1, 2))
            divisor = 1 + random_.below(elements);
        while (elements % divisor != 0)
            --divisor;
        to.shape =
            random_.chance(1, 2) ? Shape{divisor, elements / divisor} : Shape{divisor, 1, elements / divisor};
        emit(Reshape{}, {x}, to);
    } else if (kind == kind_of<Transpose>()) {
        Transpose op;
        op.permutation.resize(from.shape.rank());
        std::iota(op.permutation.begin(), op.permutation.end(), std::uint8_t{0});
        for (std::size_t k = op.permutation.size(); k > 1; --k)
            std::swap(op.permutation[k - 1], op.permutation[random_.below(k)]);
        for (std::size_t axis = 0; axis < from.shape.rank(); ++axis)
            to.shape[axis] = from.shape[op.permutation[axis]];
        emit(op, {x}, to);
    } else if (kind == kind_of<Slice>()) {
        Slice op;
        for (std::size_t axis = 0; axis < from.shape.rank(); ++axis) {
            const std::uint32_t extent = from.shape[axis];
            const std::int32_t step = random_.pick({1, 1, 2, -1, -3});
            const std::uint32_t start = random_.below(extent);
            const std::uint32_t reach = step > 0 ? extent - 1 - start : start;
            op.start.push_back(start);
            op.step.push_back(step);
            to.shape[axis] = 1 + random_.below(reach / static_cast<std::uint32_t>(std::abs(step)) + 1);
        }
        emit(op, {x}, to);
    } else if (kind == kind_of<Concatenation>()) {
        const std::uint8_t axis = axis_of(from.shape);
        std::vector<TensorId> parts{x};
        for (std::uint32_t more = random_.below(3); more > 0; --more) {
            parts.push_back(
                tensor({from.type, with_axis(from.shape, axis, random_.pick<std::uint32_t>({1, 2, 5})),
                        from.exponent}));
            to.shape[axis] += part_.tensors[parts.back()].shape[axis];
        }
        emit(Concatenation{axis}, parts, to);
    } else if (kind == kind_of<Padding>()) {
        Padding op;
        op.value = static_cast<std::int32_t>(random_.pick<std::int64_t>({0, -32768, 32767}));
        for (std::size_t axis = 0; axis < from.shape.rank(); ++axis) {
            op.before.push_back(random_.below(3));
            to.shape[axis] += op.before.back() + random_.below(2);
        }
        emit(op, {x}, to);
    } else {
        for (std::size_t axis = 0; axis < from.shape.rank(); ++axis)
            if (from.shape[axis] == 1) to.shape[axis] = random_.pick<std::uint32_t>({1, 2, 3});
        if (random_.chance(1, 2) && to.shape.rank() < kMaxRank)
            to.shape = joined(Shape{2}.extents(), to.shape.extents());
        emit(Broadcast{}, {x}, to);
    }
}

void GraphBuilder::add_gather() {
    // At most 60 elements of indices, so that the result stays small.
    const TensorId index = tensor({ElementType::index, Shape{random_.pick<std::uint32_t>({1, 3, 7})}, 0});
    const Shape indices = part_.tensors[index].shape;
    Gather op;
    Shape source;
    std::vector<TensorId> inputs;
    Tensor to = result({});
    if (random_.chance(1, 2)) {
        source = shape(2);
        const WeightType type = small_type();
        const std::int64_t top = type == WeightType::int8 ? 127 : 32767;
        op.table = weight(type, source, elements(source.elements(), -top - 1, top));
    } else {
        inputs.push_back(any(any_type(), 1));
        source = part_.tensors[inputs[0]].shape;
        to.type = part_.tensors[inputs[0]].type;
    }
    inputs.push_back(index);
    op.axis = axis_of(source);
    const auto extents = source.extents();
    to.shape = joined(joined(extents.subspan(0, op.axis), indices.extents()).extents(),
                      extents.subspan(op.axis + std::size_t{1}));
    emit(op, inputs, to);
}

void GraphBuilder::add_selection() {
    const TensorId x = any(any_type(), 1);
    Tensor to = part_.tensors[x];
    const std::uint8_t axis = axis_of(to.shape);
    const auto count = random_.pick<std::uint32_t>({1, 2, 6});
    const WeightId indices =
        weight(WeightType::int32, {count}, elements(count, 0, std::int64_t{to.shape[axis]} - 1));
    to.shape[axis] = count;
    emit(Selection{axis, indices}, {x}, to);
}

void GraphBuilder::add_top_k() {
    const TensorId x = any(ElementType::activation, 1);
    Tensor to = part_.tensors[x];
    const std::uint8_t axis = axis_of(to.shape);
    to.shape[axis] = 1 + random_.below(to.shape[axis]);
    const auto first = static_cast<TensorId>(part_.tensors.size());
    part_.tensors.push_back(to);
    part_.tensors.push_back({ElementType::index, to.shape, 0});
    part_.nodes.push_back(
        {TopK{random_.pick({Extremum::minimum, Extremum::maximum}), axis}, {x}, {first, first + 1}, "top_k"});
}

void GraphBuilder::add_index_operation(std::size_t kind) {
    if (kind == kind_of<ActivationToIndex>()) {
        const TensorId x = any(ElementType::activation);
        emit(ActivationToIndex{static_cast<std::uint8_t>(random_.below(32))}, {x},
             {ElementType::index, part_.tensors[x].shape, 0});
        return;
    }
    const TensorId index = any(ElementType::index);
    const Shape shape = part_.tensors[index].shape;
    if (kind == kind_of<IndexToActivation>()) {
        emit(IndexToActivation{static_cast<std::uint8_t>(random_.below(16))}, {index}, result(shape));
        return;
    }
    const auto count = random_.pick<std::uint32_t>({1, 4, 9});
    std::vector<std::int64_t> keys;
    for (std::int64_t key = random_.between(-5, 2); keys.size() < count; key += random_.between(1, 3))
        keys.push_back(key);
    IndexMap op;
    op.keys = weight(WeightType::int32, {count}, keys);
    op.values = weight(WeightType::int32, {count}, elements(count, -50, 50));
    op.otherwise = static_cast<std::int32_t>(random_.between(-3, 3));
    emit(op, {index}, {ElementType::index, shape, 0});
}

void GraphBuilder::add_trees() {
    const Shape shape{random_.pick<std::uint32_t>({1, 2, 5}), random_.pick<std::uint32_t>({1, 3, 8})};
    const TensorId x = activation(shape);
    const auto targets = random_.pick<std::uint32_t>({1, 2, 3});
    const auto trees = random_.pick<std::uint32_t>({1, 2, 5});
    std::vector<std::int64_t> nodes;
    std::vector<std::int64_t> roots;
    std::int64_t leaves = 0;
    for (std::uint32_t tree = 0; tree < trees; ++tree) {
        // Breadth first: each inner node appends two children to those still to be written.
        const auto root = static_cast<std::int64_t>(nodes.size() / 4);
        roots.push_back(root);
        std::int64_t known = root + 1;
        for (std::int64_t row = root; row < known; ++row) {
            if (row < root + 20 && random_.chance(2, 3)) {
                nodes.insert(nodes.end(), {random_.between(0, std::int64_t{shape[1]} - 1),
                                           random_.between(-32768, 32767), known, known + 1});
                known += 2;
            } else {
                nodes.insert(nodes.end(), {-1, 0, leaves++, 0});
            }
        }
    }
    TreeEnsemble op;
    op.nodes = weight(WeightType::int32, {static_cast<std::uint32_t>(nodes.size() / 4), 4}, nodes);
    op.roots = weight(WeightType::int32, {trees}, roots);
    const std::int64_t size = random_.pick<std::int64_t>({100, 1 << 20, std::int64_t{1} << 40});
    const Shape values{static_cast<std::uint32_t>(leaves), targets};
    op.leaves = weight(WeightType::int64, values, elements(values.elements(), -size, size));
    if (random_.chance(1, 2)) op.bias = weight(WeightType::int64, {targets}, elements(targets, -size, size));
    op.out = requantisation(Magnitude{trees + 1} * static_cast<std::uint64_t>(size));
    op.steps = tree_steps(graph_.weights[op.nodes], graph_.weights[op.roots]);
    emit(op, {x}, result({shape[0], targets}));
}

void GraphBuilder::add_scan() {
    const std::uint32_t states = 1 + random_.below(2);
    const auto length = random_.pick<std::uint32_t>({1, 2, 5});
    Subgraph body;
    GraphBuilder inner{graph_, body, random_, options_, true};
    std::vector<TensorId> inputs;
    for (std::uint32_t i = 0; i < states; ++i) {
        const Tensor state{ElementType::activation, shape(1 + random_.below(2)), exponent()};
        inner.input(state);
        inputs.push_back(activation(state.shape));
    }
    for (std::uint32_t i = 1 + random_.below(2); i > 0; --i) {
        const Tensor element{any_type(), shape(random_.below(3)), exponent()};
        inner.input(element);
        inputs.push_back(tensor(
            {element.type, joined(Shape{length}.extents(), element.shape.extents()), element.exponent}));
    }
    for (std::uint32_t i = 0; i < 4; ++i) {
        const std::size_t kind = random_.below(std::variant_size_v<Operation>);
        if (kind != kind_of<Scan>()) inner.add(kind);
    }
    for (TensorId state = 0; state < states; ++state)
        body.outputs.push_back(inner.combine(state, inner.broadcastable_to(state)));
    for (std::uint32_t i = random_.below(3); i > 0; --i)
        body.outputs.push_back(random_.below(body.tensors.size()));

    Node node{Scan{static_cast<std::uint32_t>(graph_.bodies.size()), states, random_.chance(1, 2)},
              inputs,
              {},
              "scan"};
    for (std::size_t i = 0; i < body.outputs.size(); ++i) {
        Tensor out = body.tensors[body.outputs[i]];
        if (i >= states) out.shape = joined(Shape{length}.extents(), out.shape.extents());
        node.outputs.push_back(static_cast<TensorId>(part_.tensors.size()));
        part_.tensors.push_back(out);
    }
    part_.nodes.push_back(std::move(node));
    graph_.bodies.push_back(std::move(body));
}

void GraphBuilder::add(std::size_t kind) {
    if (kind == kind_of<Linear>()) return add_linear();
    if (kind == kind_of<Convolution>()) return add_convolution(false);
    if (kind == kind_of<TransposedConvolution>()) return add_convolution(true);
    if (kind == kind_of<MatrixProduct>()) return add_matrix_product();
    if (kind == kind_of<Scaling>()) return add_scaling();
    if (kind == kind_of<Sum>() || kind == kind_of<ReduceExtremum>() || kind == kind_of<ArgExtremum>())
        return add_reduction(kind);
    if (kind == kind_of<AveragePool>()) return add_pool(true);
    if (kind == kind_of<MaxPool>()) return add_pool(false);
    if (kind == kind_of<Softmax>() || kind == kind_of<Normalise>()) return add_row_operation(kind);
    if (kind >= kind_of<Reshape>() && kind <= kind_of<Broadcast>()) return add_movement(kind);
    if (kind == kind_of<Selection>()) return add_selection();
    if (kind == kind_of<Gather>()) return add_gather();
    if (kind == kind_of<Constant>()) {
        constant({any_type(), shape(), exponent()});
        return;
    }
    if (kind == kind_of<TopK>()) return add_top_k();
    if (kind >= kind_of<IndexToActivation>() && kind <= kind_of<IndexMap>()) return add_index_operation(kind);
    if (kind == kind_of<TreeEnsemble>()) return add_trees();
    if (kind == kind_of<Scan>()) return add_scan();
    add_elementwise(kind);
}

}  // namespace valence::ml::testing
