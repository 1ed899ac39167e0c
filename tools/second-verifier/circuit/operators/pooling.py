"""Windows over images: averages, which are linear, and maxima."""

from circuit import quantities as q
from circuit.compiler import by_axis


def _tap(to, image, window, axis, tap, outputs, padding):
    """The image as the taps at offset `tap` along one axis see it."""
    inputs = to.shape(image)[2 + axis]
    places = [y * window.stride[axis] + tap * window.dilation[axis] - window.before[axis] for y in range(outputs)]
    return to.placed(image, 2 + axis, [place if 0 <= place < inputs else -1 for place in places], padding)


def average_pool(to, op, node):
    out = to.part.tensors[node.outputs[0]].shape
    total = to.tensors[node.inputs[0]]
    for axis in range(2):
        total = to.affine([(1, _tap(to, total, op.window, axis, tap, out[2 + axis], 0)) for tap in range(op.window.size[axis])])
    if op.multiplier_table is not None:
        places = (out[0], out[1], out[2] * out[3])
        multipliers = to.graph.weights[op.multiplier_table].elements
        total = to.reshaped(to.define(places, q.Multiplied(to.reshaped(total, places), 2, multipliers)), out)
    else:
        total = to.affine([(op.multiplier, total)])
    return [to.requantise(total, op.out, by_axis(out))]


def max_pool(to, op, node):
    out = to.part.tensors[node.outputs[0]].shape
    low, high = to.bounds.get(to.tensors[node.inputs[0]], (-32768, 32767))
    if any(op.window.before) or any(op.window.after):
        low = -32768
    taps = []
    for row in range(op.window.size[0]):
        line = _tap(to, to.tensors[node.inputs[0]], op.window, 0, row, out[2], -32768)
        for column in range(op.window.size[1]):
            taps.append(_tap(to, line, op.window, 1, column, out[3], -32768))
    return [to.greatest(taps, (high - low).bit_length(), by_axis(out))]


COMPILERS = {"AveragePool": average_pool, "MaxPool": max_pool}
