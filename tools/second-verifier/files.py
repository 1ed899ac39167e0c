"""The two files: a model's key, and a proof with what it shows."""

from circuit.compiler import SOFTMAX_TABLE
from errors import Refused
from functions import digest
from keccak import keccak256
from key import ACTIVATION, INDEX, WEIGHT_TYPES, decode_elements, decode_graph, elements_of, public_weights
from transcript import Reader

PROOF_MAGIC, PROOF_VERSION = b"vproof\0", 1
VERIFYING_KEY_VERSION, COMMITMENT_VERSION = 2, 2
MOST_VARIABLES = 28


class Tensor:
    def __init__(self, kind, shape, elements):
        self.type = kind
        self.shape = shape
        self.elements = elements

    def encode(self):
        size = 2 if self.type == ACTIVATION else 4
        head = bytes([self.type, len(self.shape)]) + b"".join(extent.to_bytes(4, "little") for extent in self.shape)
        return head + b"".join((x & (1 << 8 * size) - 1).to_bytes(size, "little") for x in self.elements)


class Model:
    """What proofs of a model are verified with."""

    def __init__(self, graph, tables, id):
        self.graph = graph
        self.tables = tables  # of narrow and wide weights: number of variables and root, or None
        self.id = id


class ProofFile:
    def __init__(self, model, inputs, outputs, context, proof):
        self.model = model
        self.inputs = inputs
        self.outputs = outputs
        self.context = context
        self.proof = proof


def _tables_of(graph):
    tables = set()
    for part in [graph.main, *graph.bodies]:
        for node in part.nodes:
            if node.operation.kind == "Lookup":
                tables.add(node.operation.table)
            if node.operation.kind == "Softmax":
                tables.add(SOFTMAX_TABLE)
    return sorted(tables)


def decode_verifying_key(data):
    """A model that has proofs. Computes every table that it uses, and compares its digest."""
    reader = Reader(data)
    version = reader.number(1)
    if version != VERIFYING_KEY_VERSION:
        raise Refused("unknown_format", f"verifying key of version {version}; 1 has no proofs")
    graph = decode_graph(reader.take(reader.number(4)))
    reader.take(32)  # the root of the weights' chunk tree, which proofs do not use
    commitment = reader.take(reader.number(4))
    tables = _tables_of(graph)
    if reader.number(4) != len(tables):
        raise Refused("malformed_key", "number of tables")
    for table in tables:
        if reader.take(32) != digest(table):
            raise Refused("malformed_key", "another digest than that of a table")
    reader.finish()
    return Model(graph, decode_commitment(commitment, graph), keccak256(data))


def decode_commitment(data, graph):
    """The committed tables; gives the graph its public weights."""
    reader = Reader(data)
    version = reader.number(1)
    if version != COMMITMENT_VERSION:
        raise Refused("unknown_format", f"commitment of version {version}")
    for number, public in enumerate(public_weights(graph)):
        if public:
            weight = graph.weights[number]
            width, signed = WEIGHT_TYPES[weight.type]
            weight.elements = decode_elements(reader.take(elements_of(weight.shape) * width), width, signed)
    check_public_weights(graph)
    tables = []
    for _ in range(2):
        size = reader.number(1)
        if size > 1 + MOST_VARIABLES:
            raise Refused("not_canonical", f"a table of 2^{size - 1} weights")
        tables.append((size - 1, reader.take(32)) if size else None)
    reader.finish()
    return tables


def check_public_weights(graph):
    """What circuits rely on of the weights that they are made of."""

    def check(weight, low, high):
        if weight is not None and not all(low <= element <= high for element in graph.weights[weight].elements):
            raise Refused("malformed_key", f"weight {weight} holds an element outside {low} ... {high}")

    for part in [graph.main, *graph.bodies]:
        for node in part.nodes:
            op = node.operation
            check(getattr(op, "channel", None), 0, 15)
            check(getattr(op, "multiplier_table", None), -(1 << 24), 1 << 24)
            if op.kind == "Selection":
                check(op.indices, 0, part.tensors[node.inputs[0]].shape[op.axis] - 1)
            if op.kind == "IndexMap":
                keys = graph.weights[op.keys].elements
                if any(a >= b for a, b in zip(keys, keys[1:])):
                    raise Refused("malformed_key", "keys that do not ascend")


def _take_tensor(reader):
    kind, rank = reader.number(1), reader.number(1)
    if kind > INDEX or rank > 8:
        raise Refused("not_canonical", "a tensor's type or rank")
    shape = tuple(reader.number(4) for _ in range(rank))
    size = 2 if kind == ACTIVATION else 4
    return Tensor(kind, shape, decode_elements(reader.take(elements_of(shape) * size), size, True))


def decode_proof_file(data):
    if data[: len(PROOF_MAGIC)] != PROOF_MAGIC:
        raise Refused("unknown_format", "not a proof's file")
    reader = Reader(data)
    reader.take(len(PROOF_MAGIC))
    version = reader.number(1)
    if version != PROOF_VERSION:
        raise Refused("unknown_format", f"a proof's file of version {version}")
    model = reader.take(32)
    inputs = [_take_tensor(reader) for _ in range(reader.number(2))]
    outputs = [_take_tensor(reader) for _ in range(reader.number(2))]
    context = reader.take(reader.number())
    proof = reader.take(reader.number())
    reader.finish()
    return ProofFile(model, inputs, outputs, context, proof)
