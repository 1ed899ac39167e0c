"""A model's graph and verifying key, from their encodings."""

from types import SimpleNamespace

from errors import Refused


class _Decoder:
    """Reads numbers, lists and records from a graph section."""

    def __init__(self, data):
        self.data = data
        self.at = 0

    def fail(self, what):
        raise Refused("malformed_key", f"graph section, offset {self.at}: {what}")

    def byte(self):
        if self.at >= len(self.data):
            self.fail("ends early")
        self.at += 1
        return self.data[self.at - 1]

    def unsigned(self):
        value = shift = 0
        while True:
            part = self.byte()
            if shift and part == 0:
                self.fail("a number in too many bytes")
            value |= (part & 0x7F) << shift
            shift += 7
            if value >> 64:
                self.fail("a number above 64 bits")
            if part < 0x80:
                return value

    def signed(self):
        zigzag = self.unsigned()
        return zigzag >> 1 ^ -(zigzag & 1)

    def signed_byte(self):
        return (self.byte() ^ 0x80) - 0x80

    def truth(self):
        value = self.byte()
        if value > 1:
            self.fail("a truth value above 1")
        return value == 1

    def optional(self):
        return self.unsigned() if self.truth() else None

    def list_of(self, element):
        count = self.unsigned()
        if count > len(self.data) - self.at:
            self.fail("ends within a list")
        return [element(self) for _ in range(count)]

    def text(self):
        return bytes(self.list_of(_Decoder.byte)).decode()

    def pair(self):
        return (self.unsigned(), self.unsigned())

    def shape(self):
        return tuple(self.list_of(_Decoder.unsigned))


def _record(*fields):
    """A reader of a record with these (name, reader) fields in order."""

    def read(decoder):
        return SimpleNamespace(**{name: reader(decoder) for name, reader in fields})

    return read


_D = _Decoder
_BYTES = lambda d: d.list_of(_D.byte)
_NUMBERS = lambda d: d.list_of(_D.unsigned)
_SIGNED_NUMBERS = lambda d: d.list_of(_D.signed)
_REQUANTISATION = _record(("shift", _D.byte), ("low", _D.signed), ("high", _D.signed))
_WINDOW = _record(("size", _D.pair), ("stride", _D.pair), ("dilation", _D.pair), ("before", _D.pair), ("after", _D.pair))
_TABLE = lambda d: (d.byte(), d.signed_byte(), d.signed_byte(), d.signed(), d.signed())
_WEIGHT, _BIAS, _CHANNEL = ("weight", _D.unsigned), ("bias", _D.optional), ("channel", _D.optional)
_OUT = ("out", _REQUANTISATION)

OPERATIONS = (
    ("Linear", _WEIGHT, _BIAS, _CHANNEL, _OUT),
    ("Convolution", _WEIGHT, _BIAS, _CHANNEL, ("window", _WINDOW), ("groups", _D.unsigned), _OUT),
    ("TransposedConvolution", _WEIGHT, _BIAS, _CHANNEL, ("window", _WINDOW), ("extra", _D.pair), ("groups", _D.unsigned), _OUT),
    ("MatrixProduct", _OUT),
    ("Combination", ("coefficients", _SIGNED_NUMBERS), _BIAS, _OUT),
    ("Product", _OUT),
    ("Scaling", _WEIGHT, _BIAS, _CHANNEL, _OUT),
    ("Sum", ("axes", _BYTES), ("multiplier", _D.signed), _OUT),
    ("AveragePool", ("window", _WINDOW), ("multiplier", _D.signed), ("multiplier_table", _D.optional), _OUT),
    ("MaxPool", ("window", _WINDOW)),
    ("ReduceExtremum", ("maximum", _D.truth), ("axes", _BYTES)),
    ("ElementwiseExtremum", ("maximum", _D.truth)),
    ("Lookup", ("table", _TABLE)),
    ("Softmax", ("exponent", _D.signed_byte)),
    ("Normalise", ("norm", _D.byte), ("epsilon", _D.unsigned), ("exponent", _D.byte)),
    ("Division", ("shift", _D.byte)),
    ("Reshape",),
    ("Transpose", ("permutation", _BYTES)),
    ("Slice", ("start", _NUMBERS), ("step", _SIGNED_NUMBERS)),
    ("Concatenation", ("axis", _D.byte)),
    ("Padding", ("before", _NUMBERS), ("value", _D.signed)),
    ("Broadcast",),
    ("Selection", ("axis", _D.byte), ("indices", _D.unsigned)),
    ("Gather", ("axis", _D.byte), ("table", _D.optional)),
    ("Constant", ("value", _D.unsigned)),
    ("ArgExtremum", ("maximum", _D.truth), ("axis", _D.byte)),
    ("TopK", ("maximum", _D.truth), ("axis", _D.byte)),
    ("Comparison", ("relation", _D.byte)),
    ("Choice",),
    ("IndexToActivation", ("shift", _D.byte)),
    ("ActivationToIndex", ("shift", _D.byte)),
    ("IndexMap", ("keys", _D.unsigned), ("values", _D.unsigned), ("otherwise", _D.signed)),
    ("TreeEnsemble", ("nodes", _D.unsigned), ("roots", _D.unsigned), ("leaves", _D.unsigned), _BIAS, _OUT, ("steps", _D.unsigned)),
    ("Scan", ("body", _D.unsigned), ("states", _D.unsigned), ("reversed", _D.truth)),
)
_OPERATION_READERS = [_record(*fields) for _, *fields in OPERATIONS]

# (bytes, signed) of an element of a weight of each type.
WEIGHT_TYPES = ((1, True), (2, True), (4, True), (8, True), (1, False))
INT8 = 0
ACTIVATION, INDEX = 0, 1


def _operation(decoder):
    kind = decoder.byte()
    if kind >= len(OPERATIONS):
        decoder.fail(f"operation {kind}")
    operation = _OPERATION_READERS[kind](decoder)
    operation.kind = OPERATIONS[kind][0]
    return operation


_TENSOR = _record(("type", _D.byte), ("exponent", _D.signed_byte), ("shape", _D.shape))
_NODE = _record(("operation", _operation), ("inputs", _NUMBERS), ("outputs", _NUMBERS))
_SUBGRAPH = _record(
    ("tensors", lambda d: d.list_of(_TENSOR)),
    ("nodes", lambda d: d.list_of(_NODE)),
    ("inputs", _NUMBERS),
    ("outputs", _NUMBERS),
)
_PORT = _record(("name", _D.text), ("unit", _D.text), ("exponents", lambda d: d.list_of(_D.signed_byte)))
_GRAPH = _record(
    ("opset", _D.unsigned),
    ("weights", lambda d: d.list_of(_record(("type", _D.byte), ("shape", _D.shape)))),
    ("main", _SUBGRAPH),
    ("bodies", lambda d: d.list_of(_SUBGRAPH)),
    ("inputs", lambda d: d.list_of(_PORT)),
    ("outputs", lambda d: d.list_of(_PORT)),
)


def decode_graph(section):
    decoder = _Decoder(section)
    graph = _GRAPH(decoder)
    if decoder.at != len(section):
        decoder.fail("goes on")
    for weight in graph.weights:
        weight.elements = None  # of public weights, their elements
    return graph


def public_weights(graph):
    """Which weights' values are part of the circuit."""
    public = [False] * len(graph.weights)
    for part in [graph.main, *graph.bodies]:
        for node in part.nodes:
            for name in ("channel", "multiplier_table", "indices", "keys", "values"):
                weight = getattr(node.operation, name, None)
                if weight is not None:
                    public[weight] = True
    return public


def elements_of(shape):
    count = 1
    for extent in shape:
        count *= extent
    return count


def decode_elements(data, width, signed):
    return [int.from_bytes(data[k : k + width], "little", signed=signed) for k in range(0, len(data), width)]
