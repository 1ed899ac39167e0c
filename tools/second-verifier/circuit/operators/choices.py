"""Comparing, choosing, dividing, and changing between indices and activations."""

from circuit.compiler import by_axis
from circuit.gadgets import (
    bit,
    clamped,
    commit,
    complement,
    constant,
    is_negative,
    is_zero,
    product,
    quotient,
    range_check,
)
from field import inverse
from key import INDEX

EQUAL, LESS, LESS_OR_EQUAL = 0, 1, 2
LEAST, LARGEST = -32768, 32767


def comparison(to, op, node):
    out = to.part.tensors[node.outputs[0]].shape
    groups = by_axis(out)
    x = to.broadcast(to.tensors[node.inputs[0]], out)
    z = to.broadcast(to.tensors[node.inputs[1]], out)
    if op.relation == EQUAL:
        return [is_zero(to, to.difference(x, z), groups).value]
    if op.relation == LESS_OR_EQUAL:
        x, z = z, x
    ahead = to.difference(x, z)
    less = bit(to, out, groups)
    turned = to.affine([(-2, ahead)], -1)
    bits = 32 if to.part.tensors[node.inputs[0]].type == INDEX else 16
    to.range_check(to.affine([(1, product(to, turned, less.value)), (1, ahead)]), bits, groups)
    return [complement(to, less.value, 1) if op.relation == LESS_OR_EQUAL else less.value]


def choice(to, op, node):
    out = to.part.tensors[node.outputs[0]].shape
    condition = to.tensors[node.inputs[0]]
    zero = is_zero(to, condition, by_axis(to.shape(condition)))
    x = to.broadcast(to.tensors[node.inputs[1]], out)
    z = to.broadcast(to.tensors[node.inputs[2]], out)
    otherwise = to.broadcast(zero.value, out)
    y = to.affine([(1, x), (1, product(to, otherwise, to.difference(z, x)))])
    if to.shape(condition) == tuple(out):
        weighed_as = zero.weighed_as
    else:
        weighed_as = to.range_check(constant(to, out, 0), 0, by_axis(out))
    return [commit(to, y, weighed_as)]


def index_to_activation(to, op, node):
    index = to.tensors[node.inputs[0]]
    scaled = to.affine([(1 << op.shift, index)])
    return [clamped(to, scaled, LEAST, LARGEST, 32 + op.shift, by_axis(to.shape(index)))]


def activation_to_index(to, op, node):
    x = to.tensors[node.inputs[0]]
    shape = to.shape(x)
    if op.shift == 0:
        return [x]
    if op.shift >= 16:
        return [constant(to, shape, 0)]
    groups = by_axis(shape)
    negative = is_negative(to, x, 15, groups)
    scale = 1 << op.shift
    total = to.affine([(1, x), (scale - 1, negative.value)])
    rest = to.number(shape, op.shift, groups)
    part = inverse(scale)
    y = to.affine([(part, total), (-part, rest)])
    reach = 1 << 15 - op.shift
    range_check(to, y, -reach, reach - 1, groups)
    return [y]


def division(to, op, node):
    out = to.part.tensors[node.outputs[0]].shape
    groups = by_axis(out)
    x = to.broadcast(to.tensors[node.inputs[0]], out)
    z = to.broadcast(to.tensors[node.inputs[1]], out)
    negative = bit(to, out, groups)
    none = bit(to, out, groups)
    to.vanish(product(to, none.value, z), none.weighed_as)
    size = to.affine([(1, z), (-2, product(to, negative.value, z)), (1, none.value)])
    a = commit(to, size, none.weighed_as)
    to.range_check(to.affine([(1, a), (-1, negative.value), (-1, none.value)]), 15, groups)
    scale = 1 << op.shift + 1
    numerator = to.affine(
        [
            (scale, x),
            (-2 * scale, product(to, negative.value, x)),
            (1 << 17, product(to, none.value, x)),
            (1, a),
        ]
    )
    divisor = to.affine([(2, a)])
    return [quotient(to, numerator, divisor, LEAST, LARGEST, 16, max(op.shift + 16, 33) + 1, groups)]


COMPILERS = {
    "Comparison": comparison,
    "Choice": choice,
    "IndexToActivation": index_to_activation,
    "ActivationToIndex": activation_to_index,
    "Division": division,
}
