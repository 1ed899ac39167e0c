// The canonical order of the fields of everything in a graph section: the one list from which it is both
// written and read.
#pragma once

#include <type_traits>

#include "valence/ml/graph/graph.hpp"

namespace valence::ml::file {

/// Hands the fields of `value` to `archive`, first to last. A part of the format: the lists never change;
/// a new version of the format may only add kinds of operations at the end.
template <typename Archive, typename T>
void fields(Archive& archive, T& value) {
    using Type = std::remove_const_t<T>;
    const auto is = []<typename... Of>() { return (std::is_same_v<Type, Of> || ...); };
    if constexpr (is.template operator()<Requantisation>())
        archive(value.shift, value.low, value.high);
    else if constexpr (is.template operator()<Window>())
        archive(value.size, value.stride, value.dilation, value.before, value.after);
    else if constexpr (is.template operator()<Table>())
        archive(value.function, value.in, value.out, value.a, value.b);
    else if constexpr (is.template operator()<Linear, Scaling>())
        archive(value.weight, value.bias, value.channel, value.out);
    else if constexpr (is.template operator()<Convolution>())
        archive(value.weight, value.bias, value.channel, value.window, value.groups, value.out);
    else if constexpr (is.template operator()<TransposedConvolution>())
        archive(value.weight, value.bias, value.channel, value.window, value.extra, value.groups, value.out);
    else if constexpr (is.template operator()<MatrixProduct, Product>())
        archive(value.out);
    else if constexpr (is.template operator()<Combination>())
        archive(value.coefficients, value.bias, value.out);
    else if constexpr (is.template operator()<Sum>())
        archive(value.axes, value.multiplier, value.out);
    else if constexpr (is.template operator()<AveragePool>())
        archive(value.window, value.multiplier, value.multiplier_table, value.out);
    else if constexpr (is.template operator()<MaxPool>())
        archive(value.window);
    else if constexpr (is.template operator()<ReduceExtremum>())
        archive(value.which, value.axes);
    else if constexpr (is.template operator()<ElementwiseExtremum>())
        archive(value.which);
    else if constexpr (is.template operator()<Lookup>())
        archive(value.table);
    else if constexpr (is.template operator()<Softmax>())
        archive(value.in);
    else if constexpr (is.template operator()<Normalise>())
        archive(value.norm, value.epsilon, value.out);
    else if constexpr (is.template operator()<Division, IndexToActivation, ActivationToIndex>())
        archive(value.shift);
    else if constexpr (is.template operator()<Transpose>())
        archive(value.permutation);
    else if constexpr (is.template operator()<Slice>())
        archive(value.start, value.step);
    else if constexpr (is.template operator()<Concatenation>())
        archive(value.axis);
    else if constexpr (is.template operator()<Padding>())
        archive(value.before, value.value);
    else if constexpr (is.template operator()<Selection>())
        archive(value.axis, value.indices);
    else if constexpr (is.template operator()<Gather>())
        archive(value.axis, value.table);
    else if constexpr (is.template operator()<Constant>())
        archive(value.value);
    else if constexpr (is.template operator()<ArgExtremum, TopK>())
        archive(value.which, value.axis);
    else if constexpr (is.template operator()<Comparison>())
        archive(value.relation);
    else if constexpr (is.template operator()<IndexMap>())
        archive(value.keys, value.values, value.otherwise);
    else if constexpr (is.template operator()<TreeEnsemble>())
        archive(value.nodes, value.roots, value.leaves, value.bias, value.out, value.steps);
    else if constexpr (is.template operator()<Scan>())
        archive(value.body, value.states, value.reversed);
    else if constexpr (is.template operator()<Reshape, Broadcast, Choice>())
        archive();
    else if constexpr (is.template operator()<Tensor>())
        archive(value.type, value.exponent, value.shape);
    else if constexpr (is.template operator()<Node>())
        archive(value.operation, value.inputs, value.outputs);
    else if constexpr (is.template operator()<Port>())
        archive(value.name, value.unit, value.exponents);
    else if constexpr (is.template operator()<Subgraph>())
        archive(value.tensors, value.nodes, value.inputs, value.outputs);
    else if constexpr (is.template operator()<Weight>())
        archive(value.type, value.shape);
    else if constexpr (is.template operator()<Graph>())
        archive(value.opset, value.weights, value.main, value.bodies, value.inputs, value.outputs);
    else
        static_assert(!sizeof(Type), "a type without fields");
}

}  // namespace valence::ml::file
