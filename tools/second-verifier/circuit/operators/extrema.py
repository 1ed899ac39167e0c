"""Least and greatest elements, and where they are."""

from circuit import quantities as q
from circuit.compiler import by_axis
from circuit.gadgets import chosen, complement, greatest_along, is_negative, positions, ramp, range_check, shifted
from circuit.tables import ComputedTable
from key import elements_of


def _oriented(to, x, maximum):
    """-x for the least, so that all else looks for the greatest."""
    return x if maximum else to.affine([(-1, x)])


def _keys(to, x, axis):
    """n*x + n - 1 - place: all different, and in the order that ties ask for. With the bits of their differences."""
    shape = to.shape(x)
    n = shape[axis]
    keys = to.affine([(n, x), (1, ramp(to, shape, axis, list(reversed(range(n)))))])
    return keys, 16 + (n - 1).bit_length()


def elementwise_extremum(to, op, node):
    out = to.part.tensors[node.outputs[0]].shape
    both = [_oriented(to, to.broadcast(to.tensors[tensor], out), op.maximum) for tensor in node.inputs]
    return [_oriented(to, to.greatest(both, 16, by_axis(out)), op.maximum)]


def reduce_extremum(to, op, node):
    """The reduced axes go last, as one."""
    x = to.tensors[node.inputs[0]]
    shape = to.shape(x)
    kept = [axis for axis in range(len(shape)) if axis not in op.axes]
    permutation = kept + op.axes
    lines = (*(shape[axis] for axis in kept), elements_of([shape[axis] for axis in op.axes]))
    x = _oriented(to, x, op.maximum)
    if permutation != sorted(permutation):
        x = to.define([shape[axis] for axis in permutation], q.Transposed(x, permutation))
    x = to.reshaped(x, lines)
    y = greatest_along(to, x, len(lines) - 1, 16, by_axis(lines))
    return [_oriented(to, to.reshaped(y, to.part.tensors[node.outputs[0]].shape), op.maximum)]


def arg_extremum(to, op, node):
    x = _oriented(to, to.tensors[node.inputs[0]], op.maximum)
    shape = to.shape(x)
    keys, bits = _keys(to, x, op.axis)
    lines = (*shape[: op.axis], 1, *shape[op.axis + 1 :])
    greatest = to.column(lines)
    places = chosen(to, keys, greatest, op.axis, bits, by_axis(shape))
    numbered = to.define(shape, q.Multiplied(places, op.axis, list(range(shape[op.axis]))))
    return [to.define(lines, q.Summed(numbered))]


def top_k(to, op, node):
    x = _oriented(to, to.tensors[node.inputs[0]], op.maximum)
    shape = to.shape(x)
    out = to.part.tensors[node.outputs[0]].shape
    axis = op.axis
    n, count = shape[axis], out[axis]
    groups, out_groups = by_axis(shape), by_axis(out)
    keys, bits = _keys(to, x, axis)
    y = to.column(out)
    back = to.column(out)  # n - 1 - place
    place = complement(to, back, n - 1)
    range_check(to, place, 0, n - 1, out_groups)

    lines = (*shape[:axis], 1, *shape[axis + 1 :])
    first = to.broadcast(to.placed(positions(to, shape), axis, [0]), out)
    position = to.affine([(1, first), (elements_of(shape[axis + 1 :]), place)])
    table = to.table(ComputedTable([positions(to, shape), x], shape))
    to.look_up(table, [position, y], out_groups)

    key = to.affine([(n, y), (1, back)])
    if count > 1:
        earlier = to.placed(key, axis, list(range(count - 1)))
        later = to.placed(key, axis, list(range(1, count)))
        step = to.difference(earlier, later)
        to.range_check(shifted(to, step, -1), bits, by_axis(to.shape(step)))
    last = to.broadcast(to.placed(key, axis, [count - 1]), shape)
    below = is_negative(to, to.difference(keys, last), bits, groups)
    total = to.define(lines, q.Summed(below.value))
    to.vanish(shifted(to, to.broadcast(total, shape), count - n), below.weighed_as)
    return [_oriented(to, y, op.maximum), place]


COMPILERS = {
    "ElementwiseExtremum": elementwise_extremum,
    "ReduceExtremum": reduce_extremum,
    "ArgExtremum": arg_extremum,
    "TopK": top_k,
}
