"""Statements about elements, each a few columns that only exist if the statement is true."""

from dataclasses import dataclass

from circuit import quantities as q
from circuit.compiler import NONE
from circuit.tables import EntryTable
from field import P
from functions import KNOT_SPACING
from key import elements_of

SEGMENT_BITS = 6


def product(to, left, right):
    return to.define(to.shape(left), q.Multiplication(left, right))


def shifted(to, of, constant):
    return to.affine([(1, of)], constant)


def complement(to, of, constant):
    return to.affine([(-1, of)], constant)


def constant(to, shape, value):
    return to.define(shape, q.Affine([], value % P))


def ramp(to, shape, axis, values):
    """values[j] at place j of the axis."""
    return to.define(shape, q.Multiplied(constant(to, shape, 1), axis, values))


def positions(to, shape):
    """0, 1, 2 ... in row-major order."""
    terms = [(1, constant(to, shape, 0))]
    for axis, own in enumerate(shape):
        if own != 1:
            stride = elements_of(shape[axis + 1 :])
            terms.append((1, ramp(to, shape, axis, [j * stride for j in range(own)])))
    return to.affine(terms)


def range_check(to, value, low, high, groups):
    """low <= value <= high."""
    span = high - low
    bits = span.bit_length()
    lookup = to.range_check(shifted(to, value, -low), bits, groups)
    if span & span + 1:
        to.range_check(complement(to, value, high), bits, groups)
    return lookup


@dataclass
class Bit:
    value: int
    weighed_as: int


def bit(to, shape, groups):
    value = to.column(shape)
    return Bit(value, to.range_check(value, 1, groups))


def commit(to, quantity, weighed_as):
    column = to.column(to.shape(quantity))
    to.vanish(to.difference(quantity, column), weighed_as)
    return column


def is_negative(to, x, bits, groups):
    """For -2^bits <= x < 2^bits."""
    sign = bit(to, to.shape(x), groups)
    to.range_check(to.affine([(1, x), (1 << bits, sign.value)]), bits, groups)
    return sign


def is_zero(to, x, groups):
    zero = bit(to, to.shape(x), groups)
    inverse = to.column(to.shape(x))
    to.vanish(product(to, x, zero.value), zero.weighed_as)
    to.vanish(to.affine([(1, product(to, x, inverse)), (1, zero.value)], -1), zero.weighed_as)
    return zero


def apply(to, function, x, groups):
    """function(x)."""
    shape = to.shape(x)
    table = to.function_table(function)
    if isinstance(to.rows_of(table), EntryTable):
        y = to.column(shape)
        to.look_up(table, [x, y], groups)
        return y
    start, value, rise = to.column(shape), to.column(shape), to.column(shape)
    offset = to.difference(x, start)
    if to.entries(table) == 3:
        to.look_up(table, [start, value, rise], groups)
        to.range_check(offset, SEGMENT_BITS, groups)
    else:
        inside = to.column(shape)
        to.look_up(table, [start, value, rise, inside], groups)
        offsets = to.segment_offsets()
        to.look_up(offsets, [to.affine([(KNOT_SPACING, inside), (1, offset)]), inside], groups)
    rounded = to.affine([(KNOT_SPACING, value), (1, product(to, rise, offset))], KNOT_SPACING // 2)
    y = to.column(shape)
    range_check(to, y, -32768, 32767, groups)
    to.range_check(to.affine([(1, rounded), (-KNOT_SPACING, y)]), SEGMENT_BITS, groups)
    return y


def _remainder(to, rest, y, low, high, excess_bits, above, below, weighed_as, groups):
    """rest less multiples of the divisor that are only there where y is at a bound."""
    terms = [(1, rest)]
    for there, sign in ((above, -1), (below, 1)):
        if there == NONE:
            continue
        distance = complement(to, y, high) if sign < 0 else shifted(to, y, -low)
        amount = to.number(to.shape(y), excess_bits, groups)
        to.vanish(product(to, amount, distance), weighed_as)
        terms.append((sign, amount))
    return to.affine(terms)


def quotient(to, numerator, divisor, low, high, divisor_bits, excess_bits, groups):
    """clamp(floor(numerator / divisor), low, high)."""
    above, below = to.flags()
    y = to.column(to.shape(divisor))
    weighed_as = range_check(to, y, low, high, groups)
    rest = to.difference(numerator, product(to, divisor, y))
    r = _remainder(to, rest, y, low, high, excess_bits, above, below, weighed_as, groups)
    to.range_check(r, divisor_bits, groups)
    to.range_check(to.affine([(1, divisor), (-1, r)], -1), divisor_bits, groups)
    return y


def clamped(to, x, low, high, excess_bits, groups):
    """clamp(x, low, high), for x less than 2^excess_bits outside."""
    y = to.column(to.shape(x))
    weighed_as = range_check(to, y, low, high, groups)
    rest = to.difference(x, y)
    to.vanish(_remainder(to, rest, y, low, high, excess_bits, True, True, weighed_as, groups), weighed_as)
    return y


def chosen(to, x, extremum, axis, difference_bits, groups):
    """Which element of each line along the axis is `extremum`, which is at least each of them."""
    shape = to.shape(x)
    distance = to.difference(to.broadcast(extremum, shape), x)
    weighed_as = to.range_check(distance, difference_bits, groups)
    s = to.column(shape)
    to.vanish(product(to, s, distance), weighed_as)
    total = to.define(to.shape(extremum), q.Summed(s))
    to.vanish(shifted(to, to.broadcast(total, shape), -1), weighed_as)
    return s


def greatest_along(to, x, axis, difference_bits, groups):
    lines = list(to.shape(x))
    if lines[axis] == 1:
        return x
    lines[axis] = 1
    y = to.column(lines)
    chosen(to, x, y, axis, difference_bits, groups)
    return y
