"""Softmax and the normalisations, each along the last axis."""

from circuit import quantities as q
from circuit.compiler import BITS_15, NONE, SOFTMAX_TABLE, by_axis, unsupported
from circuit.gadgets import apply, bit, greatest_along, product, quotient, shifted
from circuit.tables import ListedTable
from field import inverse
from key import elements_of

LEAST, LARGEST = -32768, 32767
LAYER, RMS, L2 = 0, 1, 2


def _softmax_argument(to, distance, exponent, groups):
    """max(R((x - m) * 2^max(11 - in, 0)), -2^15): no column."""
    shape = to.shape(distance)
    finer = SOFTMAX_TABLE[1] - exponent
    if finer < 0:
        total = shifted(to, distance, 1 << -finer - 1)
        rest = to.number(shape, -finer, groups)
        part = inverse(1 << -finer)
        return to.affine([(part, total), (-part, rest)])
    if finer >= 15:
        sign = to.requantise(distance, _Bounds(0, -1, 0), groups)
        return to.affine([(-LEAST - 1, sign)])
    scaled = to.affine([(1 << finer, distance)])
    _, below = to.flags()
    if below == NONE:
        return scaled
    amount = to.number(shape, 15 if below == BITS_15 else 30, groups)
    d = to.affine([(1, scaled), (1, amount)])
    to.vanish(product(to, amount, shifted(to, d, -LEAST)), to.last_lookup())
    return d


class _Bounds:
    def __init__(self, shift, low, high):
        self.shift = shift
        self.low = low
        self.high = high


def softmax(to, op, node):
    x = to.tensors[node.inputs[0]]
    shape = to.shape(x)
    axis = len(shape) - 1
    groups = by_axis(shape)
    greatest = greatest_along(to, x, axis, 16, groups)
    distance = to.difference(x, to.broadcast(greatest, shape))
    d = _softmax_argument(to, distance, op.exponent, groups)
    e = apply(to, SOFTMAX_TABLE, d, groups)
    total = to.broadcast(to.define((*shape[:-1], 1), q.Summed(e)), shape)
    numerator = to.affine([(1 << 16, e), (1, total)])
    divisor = to.affine([(2, total)])
    bits = 15 + (shape[axis] - 1).bit_length()
    return [quotient(to, numerator, divisor, 0, LARGEST, bits, bits + 1, groups)]


def _powers():
    """(B, 2^p, 2^(p/2)) with B * 2^p = 2^60."""
    halves = range(31)
    return ListedTable([[1 << 2 * h for h in halves], [1 << 60 - 2 * h for h in halves], [1 << 30 - h for h in halves]])


def normalise(to, op, node):
    out = to.part.tensors[node.outputs[0]].shape
    n = out[-1]
    if n * n >= (1 << 62) - op.epsilon >> 30:
        raise unsupported("Normalise over more elements than a proof's sums hold")
    shape = (elements_of(out) // n, n)
    rows = (shape[0], 1)
    groups, row_groups = by_axis(shape), by_axis(rows)

    x = to.reshaped(to.tensors[node.inputs[0]], shape)
    total = to.define(rows, q.Summed(x))
    squares = to.define(rows, q.Summed(product(to, x, x)))
    variance, c = squares, x
    if op.norm != L2:
        variance = to.affine([(n, squares)])
        c = to.affine([(n, x)])
    if op.norm == LAYER:
        variance = to.affine([(1, variance), (-1, product(to, total, total))])
        c = to.affine([(1, c), (-1, to.broadcast(total, shape))])

    w_terms, none = [(1, variance)], None
    if op.epsilon == 0:
        none = bit(to, rows, row_groups)
        w_terms.append((1, none.value))
    w_sum = to.affine(w_terms, op.epsilon)
    w = to.column(rows)
    table = to.table(_powers())
    base, power, half_power = to.column(rows), to.column(rows), to.column(rows)
    root = to.column(rows)
    weighed_as = to.look_up(table, [base, power, half_power], row_groups)
    to.vanish(to.difference(w_sum, w), weighed_as)
    if none is not None:
        to.vanish(product(to, none.value, shifted(to, w, -1)), weighed_as)
    to.range_check(to.difference(w, base), 62, row_groups)
    to.range_check(to.affine([(4, base), (-1, w)], -1), 62, row_groups)

    to.range_check(root, 31, row_groups)
    scaled = product(to, w, power)
    rest = to.difference(scaled, product(to, root, root))
    to.range_check(rest, 32, row_groups)
    to.range_check(to.affine([(2, root), (-1, rest)]), 32, row_groups)

    wide_root = to.broadcast(root, shape)
    numerator = to.affine([(1 << op.exponent + 1, product(to, c, to.broadcast(half_power, shape))), (1, wide_root)])
    divisor = to.affine([(2, wide_root)])
    numerator_bits = (n.bit_length() + 1) // 2 + 32 + op.exponent + 1
    excess_bits = max(numerator_bits, 48) + 1
    y = quotient(to, numerator, divisor, LEAST, LARGEST, 32, excess_bits, groups)
    return [to.reshaped(y, out)]


COMPILERS = {"Softmax": softmax, "Normalise": normalise}
