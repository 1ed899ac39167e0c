"""Elements at places that the run decides."""

from circuit.compiler import by_axis, unsupported
from circuit.gadgets import clamped, is_negative, positions, ramp
from circuit.tables import ComputedTable, ListedTable
from key import elements_of

INDEX_BITS = 32


def _place_of(to, index, count):
    """From the end if below 0, then to the nearest end."""
    groups = by_axis(to.shape(index))
    negative = is_negative(to, index, INDEX_BITS - 1, groups)
    moved = to.affine([(1, index), (count, negative.value)])
    return clamped(to, moved, 0, count - 1, INDEX_BITS, groups)


def _positions_of(to, out, source, index_axes, axis, by_step, places):
    """Where the gathered elements lie in the source, row-major."""
    own = to.shape(places)
    extents = [own[0]] + [1] * (axis - 1) if by_step else []
    extents += own[len(own) - index_axes :]
    extents += [1] * (len(source) - 1 - axis)
    along = to.broadcast(to.reshaped(places, extents), out)
    terms = [(elements_of(source[axis + 1 :]), along)]
    for k, count in enumerate(source):
        if k == axis or count == 1:
            continue
        stride = elements_of(source[k + 1 :])
        out_axis = k if k < axis else k - 1 + index_axes
        terms.append((1, ramp(to, out, out_axis, [j * stride for j in range(count)])))
    return to.affine(terms)


def gather(to, op, node):
    out = to.part.tensors[node.outputs[0]].shape
    source = to.weight(op.table) if op.table is not None else to.tensors[node.inputs[0]]
    indices = to.tensors[node.inputs[-1]]
    shape = to.shape(source)
    count = shape[op.axis]
    index_rank = len(to.shape(indices))
    by_step = len(out) + 2 == len(shape) + index_rank
    known = to.known_elements(indices)
    if known is not None and not by_step:
        places = [min(max(index + count if index < 0 else index, 0), count - 1) for index in known]
        return [to.reshaped(to.placed(source, op.axis, places), out)]
    places = _place_of(to, indices, count)
    position = _positions_of(to, out, shape, index_rank - by_step, op.axis, by_step, places)
    table = to.table(ComputedTable([positions(to, shape), source], shape))
    y = to.column(out)
    to.look_up(table, [position, y], by_axis(out))
    return [y]


def index_map(to, op, node):
    keys, values = to.graph.weights[op.keys].elements, to.graph.weights[op.values].elements
    rows = []
    following = -(1 << 31)
    for key, value in zip(keys, values):
        if key < following:
            raise unsupported("IndexMap with keys out of order")
        if following < key:
            rows.append((following, key - 1, op.otherwise))
        rows.append((key, key, value))
        following = key + 1
    if following <= (1 << 31) - 1:
        rows.append((following, (1 << 31) - 1, op.otherwise))

    index = to.tensors[node.inputs[0]]
    shape = to.shape(index)
    groups = by_axis(shape)
    table = to.table(ListedTable([list(column) for column in zip(*rows)]))
    first, last, value = to.column(shape), to.column(shape), to.column(shape)
    to.look_up(table, [first, last, value], groups)
    to.range_check(to.difference(index, first), INDEX_BITS, groups)
    to.range_check(to.difference(last, index), INDEX_BITS, groups)
    return [value]


COMPILERS = {"Gather": gather, "IndexMap": index_map}
