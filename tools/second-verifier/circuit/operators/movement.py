"""Operations that only move elements."""

from circuit import quantities as q


def _first(to, node):
    return to.tensors[node.inputs[0]], to.part.tensors[node.outputs[0]].shape


def reshape(to, op, node):
    x, out = _first(to, node)
    return [to.reshaped(x, out)]


def transpose(to, op, node):
    x, out = _first(to, node)
    return [to.define(out, q.Transposed(x, op.permutation))]


def slice_of(to, op, node):
    x, out = _first(to, node)
    for axis, own in enumerate(out):
        if op.start[axis] == 0 and op.step[axis] == 1 and to.shape(x)[axis] == own:
            continue
        x = to.placed(x, axis, [op.start[axis] + j * op.step[axis] for j in range(own)])
    return [x]


def concatenation(to, op, node):
    whole = to.part.tensors[node.outputs[0]].shape[op.axis]
    parts, begin = [], 0
    for tensor in node.inputs:
        part = to.tensors[tensor]
        own = to.shape(part)[op.axis]
        sources = [-1] * begin + list(range(own)) + [-1] * (whole - begin - own)
        begin += own
        parts.append((1, to.placed(part, op.axis, sources)))
    return [to.affine(parts)]


def padding(to, op, node):
    x, out = _first(to, node)
    for axis, whole in enumerate(out):
        own = to.shape(x)[axis]
        if own == whole:
            continue
        sources = [-1] * whole
        sources[op.before[axis] : op.before[axis] + own] = range(own)
        x = to.placed(x, axis, sources, op.value)
    return [x]


def broadcast(to, op, node):
    x, out = _first(to, node)
    return [to.broadcast(x, out)]


def selection(to, op, node):
    x, _ = _first(to, node)
    return [to.placed(x, op.axis, to.graph.weights[op.indices].elements)]


def constant(to, op, node):
    return [to.weight(op.value)]


COMPILERS = {
    "Reshape": reshape,
    "Transpose": transpose,
    "Slice": slice_of,
    "Concatenation": concatenation,
    "Padding": padding,
    "Broadcast": broadcast,
    "Selection": selection,
    "Constant": constant,
}
