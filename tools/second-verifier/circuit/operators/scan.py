"""Scans: the body once, over tensors of all steps, the step being axis 0."""

from types import SimpleNamespace

from circuit.compiler import by_axis, unsupported
from circuit.gadgets import constant
from errors import Refused
from key import elements_of

MAX_ELEMENTS = 1 << 31

SAME = {
    "Linear", "MatrixProduct", "Scaling", "Lookup", "Softmax", "Normalise", "Reshape", "IndexToActivation",
    "ActivationToIndex", "IndexMap",
}
BROADCASTING = {"Combination", "Product", "ElementwiseExtremum", "Division", "Comparison", "Choice", "Broadcast"}
BY_ITEM = {"Convolution", "TransposedConvolution", "AveragePool", "MaxPool", "TreeEnsemble"}
ALONG_AXIS = {"Concatenation", "Selection", "ArgExtremum", "TopK"}
ALONG_AXES = {"Sum", "ReduceExtremum"}


class _Lift:
    def __init__(self, body, steps):
        self.body = body
        self.steps = steps
        self.tensors = [self._tensor(tensor.type, (steps, *tensor.shape)) for tensor in body.tensors]
        self.nodes = []

    def run(self):
        if any(len(tensor.shape) == 8 for tensor in self.body.tensors):
            raise unsupported("a Scan of tensors of rank 8")
        if any(elements_of(tensor.shape) * self.steps > MAX_ELEMENTS for tensor in self.body.tensors):
            raise Refused("too_large", "a Scan of more elements in all steps than a tensor has")
        for node in self.body.nodes:
            self._lift(node)
        return SimpleNamespace(
            tensors=self.tensors, nodes=self.nodes, inputs=self.body.inputs, outputs=self.body.outputs
        )

    @staticmethod
    def _tensor(kind, shape):
        return SimpleNamespace(type=kind, shape=tuple(shape))

    def _fresh(self, like, shape):
        self.tensors.append(self._tensor(self.tensors[like].type, shape))
        return len(self.tensors) - 1

    def _emit(self, operation, inputs, outputs):
        self.nodes.append(SimpleNamespace(operation=operation, inputs=inputs, outputs=outputs))

    def _reshaped(self, tensor, shape):
        if self.tensors[tensor].shape == tuple(shape):
            return tensor
        view = self._fresh(tensor, shape)
        self._emit(SimpleNamespace(kind="Reshape"), [tensor], [view])
        return view

    def _lift(self, node):
        op = SimpleNamespace(**vars(node.operation))
        body = self.body.tensors
        out = node.outputs[0]
        if op.kind in SAME:
            self._emit(op, node.inputs, node.outputs)
        elif op.kind in BROADCASTING:
            # All of the output's rank, so that the step is nobody's last axis.
            rank = len(body[out].shape)
            aligned = []
            for tensor in node.inputs:
                shape = body[tensor].shape
                aligned.append(self._reshaped(tensor, (self.steps, *[1] * (rank - len(shape)), *shape)))
            self._emit(op, aligned, node.outputs)
        elif op.kind in BY_ITEM:
            items = lambda tensor: (body[tensor].shape[0] * self.steps, *body[tensor].shape[1:])
            result = self._fresh(out, items(out))
            self._emit(op, [self._reshaped(node.inputs[0], items(node.inputs[0]))], [result])
            self._emit(SimpleNamespace(kind="Reshape"), [result], node.outputs)
        elif op.kind in ALONG_AXES:
            op.axes = [axis + 1 for axis in op.axes]
            self._emit(op, node.inputs, node.outputs)
        elif op.kind in ALONG_AXIS or (op.kind == "Gather" and op.table is None):
            op.axis += 1
            self._emit(op, node.inputs, node.outputs)
        elif op.kind == "Transpose":
            op.permutation = [0] + [axis + 1 for axis in op.permutation]
            self._emit(op, node.inputs, node.outputs)
        elif op.kind == "Slice":
            op.start, op.step = [0, *op.start], [1, *op.step]
            self._emit(op, node.inputs, node.outputs)
        elif op.kind == "Padding":
            op.before = [0, *op.before]
            self._emit(op, node.inputs, node.outputs)
        elif op.kind == "Constant":
            one = self._fresh(out, body[out].shape)
            self._emit(op, [], [one])
            self._emit(SimpleNamespace(kind="Broadcast"), [one], node.outputs)
        elif op.kind == "Gather":
            self._gather_from_table(op, node)
        else:
            raise unsupported(f"{op.kind} in a Scan")

    def _gather_from_table(self, op, node):
        """The step stands where the indices' first axis is; it goes to the front."""
        if op.axis == 0:
            self._emit(op, node.inputs, node.outputs)
            return
        shape = self.tensors[node.outputs[0]].shape
        found = (*shape[1 : op.axis + 1], self.steps, *shape[op.axis + 1 :])
        permutation = [op.axis] + [axis for axis in range(len(shape)) if axis != op.axis]
        gathered = self._fresh(node.outputs[0], found)
        self._emit(op, node.inputs, [gathered])
        self._emit(SimpleNamespace(kind="Transpose", permutation=permutation), [gathered], node.outputs)


def scan(to, op, node):
    steps = to.part.tensors[node.inputs[op.states]].shape[0]
    body = _Lift(to.graph.bodies[op.body], steps).run()
    backwards = list(reversed(range(steps)))

    def in_order(quantity):
        return to.placed(quantity, 0, backwards) if op.reversed else quantity

    given = [to.tensors[tensor] for tensor in node.inputs]
    initial = given[: op.states]
    elements = [in_order(quantity) for quantity in given[op.states :]]
    states = [to.column((steps, *to.shape(quantity))) for quantity in initial]
    results = to.subgraph(body, states + elements)

    outputs = []
    for k, start in enumerate(initial):
        shape = to.shape(states[k])
        first = to.reshaped(start, (1, *to.shape(start)))
        at_first = to.placed(first, 0, [0] + [-1] * (steps - 1))
        later = to.placed(results[k], 0, list(range(-1, steps - 1)))
        expected = to.affine([(1, at_first), (1, later)])
        weighed_as = to.range_check(constant(to, shape, 0), 0, by_axis(shape))
        to.vanish(to.difference(states[k], expected), weighed_as)
        last = to.placed(results[k], 0, [steps - 1])
        outputs.append(to.reshaped(last, to.part.tensors[node.outputs[k]].shape))
    return outputs + [in_order(quantity) for quantity in results[op.states :]]


COMPILERS = {"Scan": scan}
