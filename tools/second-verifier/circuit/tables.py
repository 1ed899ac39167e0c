"""What lookup tables hold. A row's tuple is (selector, entries...); the selector is 0 but in range tables."""

from dataclasses import dataclass

from functions import KNOT_SPACING, exact_radius, knots, tabulate
from key import elements_of

_LEAST, _END = -32768, 32768
LONG, BLOCK = 4096, 256


@dataclass
class RangeTable:
    """(b, v) for v < 2^b, b <= bits."""

    bits: int

    def lists(self):
        pairs = [(b, v) for b in range(self.bits + 1) for v in range(1 << b)]
        return [list(column) for column in zip(*pairs)]


@dataclass
class SpanTable:
    """(v) for v < 2^bits."""

    bits: int

    def lists(self):
        return [[0] * (1 << self.bits), list(range(1 << self.bits))]


@dataclass
class SegmentTable:
    """(first x, value there, rise over 64[, 1]) for each segment, (x, value, 0, 0) for each exact entry."""

    function: tuple

    def lists(self):
        radius = exact_radius(self.function[0])
        at_knots = knots(self.function)
        exact = tabulate(self.function) if radius else None
        rows = []
        for j, x in enumerate(range(_LEAST, _END, KNOT_SPACING)):
            if -radius <= x < radius:
                rows += [(0, inside, exact[inside - _LEAST], 0, 0) for inside in range(x, x + KNOT_SPACING)]
            else:
                row = (0, x, at_knots[j], at_knots[j + 1] - at_knots[j])
                rows.append(row + (1,) if radius else row)
        return [list(column) for column in zip(*rows)]


@dataclass
class EntryTable:
    """(x, value) for each x."""

    function: tuple

    def lists(self):
        return [[0] * (_END - _LEAST), list(range(_LEAST, _END)), tabulate(self.function)]


@dataclass
class ListedTable:
    """Rows that the circuit states, entry by entry."""

    entries: list

    def lists(self):
        return [[0] * len(self.entries[0]), *self.entries]


@dataclass
class ComputedTable:
    """Rows that are elements of quantities, all of one shape."""

    entries: list
    shape: tuple


def width(table):
    """Elements of a row, the selector among them."""
    if isinstance(table, RangeTable):
        return 2
    if isinstance(table, SegmentTable):
        return 5 if exact_radius(table.function[0]) else 4
    if isinstance(table, EntryTable):
        return 3
    if isinstance(table, SpanTable):
        return 2
    return 1 + len(table.entries)


def rows(table):
    if isinstance(table, RangeTable):
        return (2 << table.bits) - 1
    if isinstance(table, SpanTable):
        return 1 << table.bits
    if isinstance(table, SegmentTable):
        radius = exact_radius(table.function[0])
        return (_END - _LEAST - 2 * radius) // KNOT_SPACING + 2 * radius
    if isinstance(table, EntryTable):
        return _END - _LEAST
    if isinstance(table, ListedTable):
        return len(table.entries[0])
    return elements_of(table.shape)


def shape_of(table):
    """Of its rows: long tables have two axes."""
    if isinstance(table, ComputedTable):
        return table.shape
    count = rows(table)
    return (count // BLOCK, BLOCK) if count >= LONG and count % BLOCK == 0 else (count,)
