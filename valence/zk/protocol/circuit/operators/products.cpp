// Sums of products: what neural networks spend their time on, and proofs next to none.
#include <numeric>

#include "valence/ml/reference/values.hpp"
#include "valence/zk/protocol/circuit/compiler.hpp"

namespace valence::zk {
namespace {

std::vector<Axis> axes_between(std::size_t first, std::size_t last) {
    std::vector<Axis> axes(last - first);
    std::iota(axes.begin(), axes.end(), static_cast<Axis>(first));
    return axes;
}

/// 2^e·sum for exponents e broadcast to it.
QuantityId scaled(Compiler& to, QuantityId sum, const ml::Weight& exponents) {
    const ml::Shape out = to.shape(sum);
    const std::size_t missing = out.rank() - exponents.shape.rank();
    std::vector<Axis> axes;  // on which e is not constant
    for (std::size_t k = 0; k < exponents.shape.rank(); ++k) {
        if (exponents.shape[k] != 1) axes.push_back(static_cast<Axis>(missing + k));
    }
    std::vector<std::int64_t> scales;
    if (axes.size() <= 1) {
        for (std::uint64_t k = 0; k < exponents.shape.elements(); ++k)
            scales.push_back(std::int64_t{1} << exponents[k]);
        if (axes.empty()) return to.affine({{Goldilocks::of(scales[0]), sum}});
        return to.define(out, Multiplied{sum, axes[0], std::move(scales)});
    }
    ml::reference::for_each_place(out, [&](const ml::reference::Place& place) {
        scales.push_back(std::int64_t{1} << ml::reference::broadcast(exponents, out, place));
    });
    const ml::Shape flat{static_cast<std::uint32_t>(out.elements())};
    return to.reshaped(to.define(flat, Multiplied{to.reshaped(sum, flat), 0, std::move(scales)}), out);
}

}  // namespace

Result<void> compile_node(Compiler& to, const ml::Linear& linear, const ml::Node& node) {
    const ml::Shape& in = to.tensor_shape(node.inputs[0]);
    const ml::Shape& out = to.tensor_shape(node.outputs[0]);
    const auto items = static_cast<std::uint32_t>(in.product(0, in.rank() - 1));
    const ml::Shape result{items, out.back()};
    const QuantityId x = to.reshaped(to.tensor(node.inputs[0]), {items, in.back()});
    const QuantityId products = to.define(result, InnerProducts{x, to.weight(linear.weight)});
    const QuantityId sum = to.scale_and_bias(products, 1, linear.channel, linear.bias);
    BOOST_OUTCOME_TRY(const QuantityId y, to.requantise(sum, linear.out, least_padding(result, {{0}, {1}})));
    to.set_tensor(node.outputs[0], to.reshaped(y, out));
    return success();
}

Result<void> compile_node(Compiler& to, const ml::Convolution& convolution, const ml::Node& node) {
    const ml::Shape& out = to.tensor_shape(node.outputs[0]);
    const QuantityId products =
        to.define(out, Convolved{to.weight(convolution.weight), to.tensor(node.inputs[0]), convolution.window,
                                 convolution.groups});
    const QuantityId sum = to.scale_and_bias(products, 1, convolution.channel, convolution.bias);
    BOOST_OUTCOME_TRY(const QuantityId y, to.requantise(sum, convolution.out, image_groups(out)));
    to.set_tensor(node.outputs[0], y);
    return success();
}

Result<void> compile_node(Compiler& to, const ml::MatrixProduct& product, const ml::Node& node) {
    const ml::Shape& out = to.tensor_shape(node.outputs[0]);
    const std::size_t batch = out.rank() - 2;
    const QuantityId right = to.tensor(node.inputs[1]);
    std::vector<std::uint8_t> permutation = axes_between(0, out.rank());
    std::swap(permutation[batch], permutation[batch + 1]);
    ml::Shape transposed = to.shape(right);
    std::swap(transposed[batch], transposed[batch + 1]);
    const QuantityId columns = to.define(transposed, Transposed{right, permutation});
    const QuantityId products = to.define(out, InnerProducts{to.tensor(node.inputs[0]), columns});
    const auto groups = least_padding(
        out, {axes_between(0, batch), axes_between(batch, batch + 1), axes_between(batch + 1, batch + 2)});
    BOOST_OUTCOME_TRY(const QuantityId y, to.requantise(products, product.out, groups));
    to.set_tensor(node.outputs[0], y);
    return success();
}

Result<void> compile_node(Compiler& to, const ml::Product& product, const ml::Node& node) {
    const ml::Shape& out = to.tensor_shape(node.outputs[0]);
    const QuantityId products = to.define(out, Multiplication{to.broadcast(to.tensor(node.inputs[0]), out),
                                                              to.broadcast(to.tensor(node.inputs[1]), out)});
    BOOST_OUTCOME_TRY(const QuantityId y, to.requantise(products, product.out, by_axis(out)));
    to.set_tensor(node.outputs[0], y);
    return success();
}

Result<void> compile_node(Compiler& to, const ml::Scaling& scaling, const ml::Node& node) {
    const ml::Shape& out = to.tensor_shape(node.outputs[0]);
    QuantityId sum = to.define(
        out, Multiplication{to.tensor(node.inputs[0]), to.broadcast(to.weight(scaling.weight), out)});
    if (scaling.bias)
        sum = to.affine({{Goldilocks(1), sum}, {Goldilocks(1), to.broadcast(to.weight(*scaling.bias), out)}});
    if (scaling.channel) sum = scaled(to, sum, to.graph().weights[*scaling.channel]);
    BOOST_OUTCOME_TRY(const QuantityId y, to.requantise(sum, scaling.out, by_axis(out)));
    to.set_tensor(node.outputs[0], y);
    return success();
}

Result<void> compile_node(Compiler& to, const ml::Combination& combination, const ml::Node& node) {
    const ml::Shape& out = to.tensor_shape(node.outputs[0]);
    std::vector<std::pair<Goldilocks, QuantityId>> terms;
    for (std::size_t k = 0; k < node.inputs.size(); ++k)
        terms.emplace_back(Goldilocks::of(combination.coefficients[k]),
                           to.broadcast(to.tensor(node.inputs[k]), out));
    if (combination.bias) terms.emplace_back(Goldilocks(1), to.broadcast(to.weight(*combination.bias), out));
    BOOST_OUTCOME_TRY(const QuantityId y,
                      to.requantise(to.affine(std::move(terms)), combination.out, by_axis(out)));
    to.set_tensor(node.outputs[0], y);
    return success();
}

Result<void> compile_node(Compiler& to, const ml::Sum& sum, const ml::Node& node) {
    const ml::Shape& out = to.tensor_shape(node.outputs[0]);
    const QuantityId total = to.define(out, Summed{to.tensor(node.inputs[0])});
    BOOST_OUTCOME_TRY(const QuantityId y, to.requantise(to.affine({{Goldilocks::of(sum.multiplier), total}}),
                                                        sum.out, by_axis(out)));
    to.set_tensor(node.outputs[0], y);
    return success();
}

}  // namespace valence::zk
