"""Sums of products, and functions of one variable."""

from types import SimpleNamespace

from circuit import quantities as q
from circuit.compiler import by_axis, image_groups, least_padding
from circuit.gadgets import apply
from key import elements_of


def _input(to, node, k=0):
    return to.tensors[node.inputs[k]]


def _out_shape(to, node, k=0):
    return to.part.tensors[node.outputs[k]].shape


def linear(to, op, node):
    x = _input(to, node)
    shape = to.shape(x)
    out = _out_shape(to, node)
    items = elements_of(shape[:-1])
    x = to.reshaped(x, (items, shape[-1]))
    products = to.define((items, out[-1]), q.InnerProducts(x, to.weight(op.weight)))
    total = to.scale_and_bias(products, 1, op.channel, op.bias)
    y = to.requantise(total, op.out, least_padding((items, out[-1]), [(0,), (1,)]))
    return [to.reshaped(y, out)]


def convolution(to, op, node):
    out = _out_shape(to, node)
    image = _input(to, node)
    products = to.define(out, q.Convolved(to.weight(op.weight), image, op.window, op.groups))
    total = to.scale_and_bias(products, 1, op.channel, op.bias)
    return [to.requantise(total, op.out, image_groups(out))]


def transposed_convolution(to, op, node):
    """The image with zeros between its pixels, by the kernel turned around."""
    out = _out_shape(to, node)
    image, kernel = _input(to, node), to.weight(op.weight)
    window = op.window
    for axis in range(2):
        reach = (window.size[axis] - 1) * window.dilation[axis]
        sources = [-1] * (out[2 + axis] + reach)
        for place in range(to.shape(image)[2 + axis]):
            at = place * window.stride[axis] + reach - window.before[axis]
            if 0 <= at < len(sources):
                sources[at] = place
        image = to.placed(image, 2 + axis, sources)
        kernel = to.placed(kernel, 2 + axis, list(reversed(range(to.shape(kernel)[2 + axis]))))
    plain = SimpleNamespace(size=window.size, stride=(1, 1), dilation=window.dilation, before=(0, 0), after=(0, 0))
    products = to.define(out, q.Convolved(kernel, image, plain, op.groups))
    total = to.scale_and_bias(products, 1, op.channel, op.bias)
    return [to.requantise(total, op.out, image_groups(out))]


def matrix_product(to, op, node):
    out = _out_shape(to, node)
    rank = len(out)
    right = _input(to, node, 1)
    permutation = [*range(rank - 2), rank - 1, rank - 2]
    shape = to.shape(right)
    columns = to.define([shape[axis] for axis in permutation], q.Transposed(right, permutation))
    products = to.define(out, q.InnerProducts(_input(to, node), columns))
    groups = least_padding(out, [tuple(range(rank - 2)), (rank - 2,), (rank - 1,)])
    return [to.requantise(products, op.out, groups)]


def product(to, op, node):
    out = _out_shape(to, node)
    left = to.broadcast(_input(to, node, 0), out)
    right = to.broadcast(_input(to, node, 1), out)
    return [to.requantise(to.define(out, q.Multiplication(left, right)), op.out, by_axis(out))]


def scaling(to, op, node):
    out = _out_shape(to, node)
    weight = to.broadcast(to.weight(op.weight), out)
    total = to.define(out, q.Multiplication(_input(to, node), weight))
    if op.bias is not None:
        total = to.affine([(1, total), (1, to.broadcast(to.weight(op.bias), out))])
    if op.channel is not None:
        total = _scaled(to, total, to.graph.weights[op.channel])
    return [to.requantise(total, op.out, by_axis(out))]


def _scaled(to, total, exponents):
    """2^e * total, for exponents that are broadcast."""
    out = to.shape(total)
    missing = len(out) - len(exponents.shape)
    axes = [missing + k for k, own in enumerate(exponents.shape) if own != 1]
    scales = [1 << e for e in exponents.elements]
    if not axes:
        return to.affine([(scales[0], total)])
    if len(axes) == 1:
        return to.define(out, q.Multiplied(total, axes[0], scales))
    everywhere = [0]
    stride = 1
    steps = {}
    for k in reversed(range(len(exponents.shape))):
        steps[missing + k] = stride if exponents.shape[k] != 1 else 0
        stride *= exponents.shape[k]
    for axis, own in enumerate(out):
        everywhere = [at + steps.get(axis, 0) * j for at in everywhere for j in range(own)]
    flat = (elements_of(out),)
    spread = q.Multiplied(to.reshaped(total, flat), 0, [scales[at] for at in everywhere])
    return to.reshaped(to.define(flat, spread), out)


def combination(to, op, node):
    out = _out_shape(to, node)
    terms = [(c, to.broadcast(_input(to, node, k), out)) for k, c in enumerate(op.coefficients)]
    if op.bias is not None:
        terms.append((1, to.broadcast(to.weight(op.bias), out)))
    return [to.requantise(to.affine(terms), op.out, by_axis(out))]


def sum_over_axes(to, op, node):
    out = _out_shape(to, node)
    total = to.define(out, q.Summed(_input(to, node)))
    return [to.requantise(to.affine([(op.multiplier, total)]), op.out, by_axis(out))]


def lookup(to, op, node):
    x = _input(to, node)
    return [apply(to, op.table, x, by_axis(to.shape(x)))]


COMPILERS = {
    "Linear": linear,
    "Convolution": convolution,
    "TransposedConvolution": transposed_convolution,
    "MatrixProduct": matrix_product,
    "Product": product,
    "Scaling": scaling,
    "Combination": combination,
    "Sum": sum_over_axes,
    "Lookup": lookup,
}
