"""From a graph to its circuit: names for quantities, tables and lookups, and the two gadgets on which all else rests,
range checks and requantisation. gadgets.py has the others, operators/ what each operation is made of."""

from math import prod

from circuit import quantities as q
from circuit.functional import extent
from circuit.layout import Layout, bits_for, place
from circuit.tables import ComputedTable, EntryTable, ListedTable, RangeTable, SegmentTable, SpanTable, shape_of, width
from errors import Refused
from field import P, inverse
from functions import KNOT_SPACING, exact_radius
from key import INT8, elements_of

RANGE_BITS = 8
USES_THAT_PAY_FOR_15, USES_THAT_PAY_FOR_16 = 12_000, 24_000
ACCEPTED_PADDING = (27, 20)
ACCEPTED_FOR_ROWS = (6, 5)
MANY_WEIGHTS = 1 << 19
USES_THAT_PAY_FOR_ENTRIES = 25_000
SOFTMAX_TABLE = (14, 11, 14, 0, 0)  # the exponential

NONE, BITS_15, BITS_30 = 0, 1, 2  # of an excess
NARROW, WIDE = 0, 1


class Lookup:
    def __init__(self, table, selector, entries, layout):
        self.table = table
        self.selector = selector
        self.entries = entries
        self.layout = layout


class Table:
    def __init__(self, rows):
        self.rows = rows
        self.multiplicity = None  # a quantity
        self.layout = None


class Circuit:
    def __init__(self, graph):
        self.quantities = []
        self.columns = []  # layouts
        self.tables = []
        self.lookups = []
        self.zeros = []  # (quantity, lookup whose weights it has)
        self.outputs = []  # quantities, by port
        self.weights = [None] * len(graph.weights)  # (narrow or wide, layout)
        self.witness_cells = 0
        self.weight_cells = [None, None]
        self.lookup_leaves = 0
        self.leaves = 0


class Padding:
    """How many places elements are filled up to: a ratio, compared exactly."""

    def __init__(self, extents):
        self.elements = prod(extents)
        self.places = prod(1 << bits_for(extent) for extent in extents)

    @classmethod
    def of(cls, shape, groups):
        return cls([extent(shape, group) for group in groups[1:]])

    def exceeds(self, other, ratio=(1, 1)):
        """Whether it is more than so many times the other."""
        return self.places * other.elements * ratio[1] > other.places * self.elements * ratio[0]


NO_PADDING = Padding([])


def least_padding(shape, groups):
    """The group whose padding would waste the largest part goes first, where it is not padded."""
    groups = [tuple(group) for group in groups if group]
    if not groups:
        return [()]
    own = [Padding([extent(shape, group)]) for group in groups]
    first = 0
    for k in range(1, len(groups)):
        if own[k].exceeds(own[first]):
            first = k
    return [groups[first], *groups[:first], *groups[first + 1 :]]


def by_axis(shape):
    """A group for each axis, the last ones joined where padding would waste more than a third otherwise."""
    groups = [(axis,) for axis in range(len(shape))]
    best = least_padding(shape, groups)
    while len(groups) > 1 and Padding.of(shape, best).exceeds(NO_PADDING, ACCEPTED_PADDING):
        groups = groups[:-2] + [groups[-2] + groups[-1]]
        joint = least_padding(shape, groups)
        if Padding.of(shape, best).exceeds(Padding.of(shape, joint)):
            best = joint
    return best


def image_groups(shape):
    separate = least_padding(shape, [(0,), (1,), (2,), (3,)])
    joint = least_padding(shape, [(0,), (1,), (2, 3)])
    joins = Padding.of(shape, separate).exceeds(Padding.of(shape, joint), ACCEPTED_FOR_ROWS)
    return joint if joins else separate


def weight_groups(shape):
    if len(shape) == 4 and shape[2] * shape[3] > 1 and shape[1] > 1:
        return [(0, 2, 3), (1,)]
    return by_axis(shape)


class Compiler:
    """`flags()` gives the next (above, below) of the proof."""

    def __init__(self, graph, flags, inputs):
        from circuit.operators import COMPILERS

        self.compilers = COMPILERS
        self.graph = graph
        self.flags = flags
        self.inputs = inputs  # elements, by port
        self.circuit = Circuit(graph)
        self.table(RangeTable(RANGE_BITS))
        self.limb_bits = self._limb_bits()
        if self.limb_bits > RANGE_BITS:
            self.span_table = self.table(SpanTable(self.limb_bits))
        self.bounds = {}  # of quantities, where they are not an activation's
        self.part = None
        self.tensors = None
        self.weight_quantities = {}
        self.function_uses = {}
        self.function_tables = {}
        self.offsets_table = None
        self._count_functions(graph.main, 1)

    def run(self):
        tensors = self.graph.main.tensors
        inputs = [self.define(tensors[tensor].shape, q.Input(port)) for port, tensor in enumerate(self.graph.main.inputs)]
        self.circuit.outputs = self.subgraph(self.graph.main, inputs)
        self._lay_out()
        return self.circuit

    def subgraph(self, part, inputs):
        """The nodes of a graph whose inputs are these quantities. Gives its outputs."""
        around = self.part, self.tensors
        self.part, self.tensors = part, [None] * len(part.tensors)
        for tensor, quantity in zip(part.inputs, inputs):
            self.tensors[tensor] = quantity
        for node in part.nodes:
            results = self.compilers[node.operation.kind](self, node.operation, node)
            for tensor, quantity in zip(node.outputs, results):
                self.tensors[tensor] = quantity
        outputs = [self.tensors[tensor] for tensor in part.outputs]
        self.part, self.tensors = around
        return outputs

    # Quantities.

    def shape(self, quantity):
        return self.circuit.quantities[quantity].shape

    def define(self, shape, definition):
        self.circuit.quantities.append(q.Quantity(tuple(shape), definition))
        return len(self.circuit.quantities) - 1

    def affine(self, terms, constant=0):
        """terms: (coefficient, quantity)."""
        terms = [(coefficient % P, quantity) for coefficient, quantity in terms]
        return self.define(self.shape(terms[0][1]), q.Affine(terms, constant % P))

    def difference(self, a, b):
        return self.affine([(1, a), (-1, b)])

    def reshaped(self, of, shape):
        return of if self.shape(of) == tuple(shape) else self.define(shape, q.Reshaped(of))

    def broadcast(self, of, shape):
        return of if self.shape(of) == tuple(shape) else self.define(shape, q.Broadcasted(of))

    def placed(self, of, axis, sources, fill=0):
        shape = list(self.shape(of))
        shape[axis] = len(sources)
        return self.define(shape, q.Placed(of, axis, sources, fill))

    def weight(self, number):
        if number not in self.weight_quantities:
            shape = self.graph.weights[number].shape
            self.weight_quantities[number] = self.define(shape, q.CommittedWeight(number))
            self.circuit.weights[number] = [WIDE, Layout(shape, weight_groups(shape))]
        return self.weight_quantities[number]

    def column(self, shape):
        self.circuit.columns.append(Layout(shape, by_axis(shape)))
        return self.define(shape, q.Column(len(self.circuit.columns) - 1))

    # Tables and lookups.

    def table(self, rows):
        self.circuit.tables.append(Table(rows))
        return len(self.circuit.tables) - 1

    def rows_of(self, table):
        return self.circuit.tables[table].rows

    def entries(self, table):
        return width(self.rows_of(table)) - 1

    def function_table(self, function):
        if function not in self.function_tables:
            uses = self.function_uses.get(function, 0)
            by_entries = exact_radius(function[0]) == 32768 or uses > USES_THAT_PAY_FOR_ENTRIES
            rows = EntryTable(function) if by_entries else SegmentTable(function)
            self.function_tables[function] = self.table(rows)
        return self.function_tables[function]

    def segment_offsets(self):
        if self.offsets_table is None:
            offsets = range(KNOT_SPACING)
            rows = [[0, *(KNOT_SPACING + offset for offset in offsets)], [0, *(1 for _ in offsets)]]
            self.offsets_table = self.table(ListedTable(rows))
        return self.offsets_table

    def look_up(self, table, entries, groups, selector=0):
        """Each element's tuple is a row of the table. Gives the lookup's number."""
        layout = Layout(self.shape(entries[0]), groups)
        self.circuit.lookups.append(Lookup(table, selector, entries, layout))
        return len(self.circuit.lookups) - 1

    def last_lookup(self):
        return len(self.circuit.lookups) - 1

    def vanish(self, quantity, weighed_as):
        self.circuit.zeros.append((quantity, weighed_as))

    def _limb(self, value, bits, groups, integer=False):
        """0 <= value < 2^bits by one lookup, or two if it may be no integer."""
        if bits <= RANGE_BITS:
            return self.look_up(0, [value], groups, bits)
        if bits == self.limb_bits:
            return self.look_up(self.span_table, [value], groups)
        if not integer:
            self.look_up(self.span_table, [value], groups)
        return self.look_up(self.span_table, [self.affine([(1 << self.limb_bits - bits, value)])], groups)

    def range_check(self, value, bits, groups, integer=False):
        """0 <= value < 2^bits: all limbs but the top one are columns, and that one is what they leave."""
        top = [(1, value)]
        first = 0
        while bits - first > self.limb_bits:
            limb = self.column(self.shape(value))
            self._limb(limb, self.limb_bits, groups)
            top.append((-(1 << first), limb))
            first += self.limb_bits
        if not first:
            return self._limb(value, bits, groups, integer)
        scale = inverse(1 << first)
        value = self.affine([(coefficient * scale, quantity) for coefficient, quantity in top])
        return self._limb(value, bits - first, groups)

    def number(self, shape, bits, groups):
        """A committed number of so many bits."""
        limbs = []
        for first in range(0, bits, self.limb_bits):
            limb = self.column(shape)
            self._limb(limb, min(self.limb_bits, bits - first), groups)
            limbs.append((1 << first, limb))
        return self.affine(limbs)

    # Gadgets.

    def requantise(self, total, to, groups):
        """clamp(T >> shift, low, high) for T = total + 2^(shift - 1)."""
        shape = self.shape(total)
        total = self.affine([(1, total)], 1 << to.shift - 1 if to.shift else 0)
        above, below = self.flags()

        span = to.high - to.low
        bits = span.bit_length()
        offset = self.column(shape)  # y - low
        y = self.affine([(1, offset)], to.low)
        self.bounds[y] = to.low, to.high
        weighed_as = self.range_check(offset, bits, groups)
        headroom = self.affine([(-1, offset)], span)  # high - y
        if span & span + 1:
            self.range_check(headroom, bits, groups)

        remainder = [(1, total), (-(1 << to.shift), y)]
        for excess, distance, sign in ((above, headroom, -1), (below, offset, 1)):
            if excess == NONE:
                continue
            amount = self.column(shape)
            self.range_check(amount, 15 if excess == BITS_15 else 30, groups)
            product = self.define(shape, q.Multiplication(amount, distance))
            self.vanish(self.affine([(1, product)]), weighed_as)
            remainder.append((sign << to.shift, amount))
        rest = self.affine(remainder)
        if to.shift == 0:
            self.vanish(rest, weighed_as)
        else:
            self.range_check(rest, to.shift, groups, integer=True)
        return y

    def greatest(self, of, difference_bits, groups):
        """Of several quantities, element by element."""
        if len(of) == 1:
            return of[0]
        shape = self.shape(of[0])
        y = self.column(shape)
        product = None
        for k, each in enumerate(of):
            distance = self.difference(y, each)
            weighed_as = self.range_check(distance, difference_bits, groups)
            if k == 0:
                product = distance
                continue
            following = self.define(shape, q.Multiplication(product, distance))
            if k + 1 == len(of):
                self.vanish(self.affine([(1, following)]), weighed_as)
            else:
                product = self.column(shape)
                self.vanish(self.difference(following, product), weighed_as)
        return y

    def scale_and_bias(self, products, axis, channel, bias):
        """2^e * (products + bias), exponents and biases along one axis."""
        shape = self.shape(products)
        total = products
        if bias is not None:
            along = [own if k == axis else 1 for k, own in enumerate(shape)]
            added = self.broadcast(self.reshaped(self.weight(bias), along), shape)
            total = self.affine([(1, products), (1, added)])
        if channel is not None:
            scales = [1 << e for e in self.graph.weights[channel].elements]
            total = self.define(shape, q.Multiplied(total, axis, scales))
        return total

    def known_elements(self, quantity):
        """The elements of an input, reshaped or not."""
        definition = self.circuit.quantities[quantity].definition
        if isinstance(definition, q.Reshaped):
            return self.known_elements(definition.of)
        return self.inputs[definition.port] if isinstance(definition, q.Input) else None

    # Layout.

    def _lay_out(self):
        circuit = self.circuit
        for table in circuit.tables:
            shape = shape_of(table.rows)
            table.multiplicity = self.column(shape)
            by_two_axes = len(shape) == 2 and not isinstance(table.rows, ComputedTable)
            table.layout = Layout(shape, [(0,), (1,)] if by_two_axes else [tuple(range(len(shape)))])
        circuit.witness_cells = place(circuit.columns)

        stored = [weight for weight in circuit.weights if weight is not None]
        many = sum(layout.size() for _, layout in stored) >= MANY_WEIGHTS
        for number, weight in enumerate(circuit.weights):
            if weight is not None and many and self.graph.weights[number].type == INT8:
                weight[0] = NARROW
        for table in (NARROW, WIDE):
            own = [layout for each, layout in stored if each == table]
            if own:
                circuit.weight_cells[table] = place(own)

        # The tables begin where the longest of their blocks may.
        tables = [table.layout for table in circuit.tables]
        block = max(1 << layout.inner_bits() for layout in tables)
        circuit.lookup_leaves = -(-place([lookup.layout for lookup in circuit.lookups]) // block) * block
        circuit.leaves = circuit.lookup_leaves + place(tables)
        for layout in tables:
            layout.base += circuit.lookup_leaves

    def _limb_bits(self):
        """Wide limbs where enough activations are range checked."""
        checked = {15: 0, 16: 0}

        def count(part, times):
            for node in part.nodes:
                operation = node.operation
                elements = times * elements_of(part.tensors[node.outputs[0]].shape)
                out = getattr(operation, "out", None)
                if hasattr(out, "low"):
                    checked[15 if out.low == 0 else 16] += elements
                if operation.kind in ("Softmax", "Normalise"):
                    checked[16] += 2 * elements
                if operation.kind == "Scan":
                    steps = part.tensors[node.inputs[operation.states]].shape[0]
                    count(self.graph.bodies[operation.body], times * steps)

        count(self.graph.main, 1)
        if checked[16] >= USES_THAT_PAY_FOR_16:
            return 16
        return 15 if checked[15] + checked[16] >= USES_THAT_PAY_FOR_15 else RANGE_BITS

    def _count_functions(self, part, times):
        for node in part.nodes:
            operation = node.operation
            function = {"Lookup": getattr(operation, "table", None), "Softmax": SOFTMAX_TABLE}.get(operation.kind)
            if function is not None:
                elements = times * elements_of(part.tensors[node.outputs[0]].shape)
                self.function_uses[function] = self.function_uses.get(function, 0) + elements
            if operation.kind == "Scan":
                steps = part.tensors[node.inputs[operation.states]].shape[0]
                self._count_functions(self.graph.bodies[operation.body], times * steps)


def unsupported(what):
    return Refused("unsupported_operation", what)
