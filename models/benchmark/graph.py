"""Builds ONNX graphs layer by layer, with weights drawn from a seed: the parts the benchmark models are made of."""

import numpy as np
from onnx import TensorProto, helper

import onnx_file


class Graph:
    """A graph under construction. Methods add a node or a layer and return the name of its output.

    Weights are normal with the deviation that keeps activations of one size from layer to layer (He et al., 2015), so
    that quantising them meets realistic ranges. RandomState's stream is frozen: every numpy draws the same."""

    def __init__(self, name, seed, inputs, outputs, opset=13, ml_opset=None):
        self.name, self.inputs, self.outputs, self.opset, self.ml_opset = name, inputs, outputs, opset, ml_opset
        self.random = np.random.RandomState(seed)
        self.nodes, self.weights = [], []

    def constant(self, name, array):
        self.weights.append(onnx_file.tensor(name, array))
        return name

    def normal(self, name, shape, deviation):
        return self.constant(name, (self.random.standard_normal(shape) * deviation).astype(np.float32))

    def node(self, operator, *inputs, output=None, outputs=1, **attributes):
        base = output or f"{operator.lower()}_{len(self.nodes)}"
        names = [base] if outputs == 1 else [f"{base}_{i}" for i in range(outputs)]
        self.nodes.append(helper.make_node(operator, list(inputs), names, name=base, **attributes))
        return names[0] if outputs == 1 else names

    def dense(self, x, inputs, outputs, output=None, gain=2.0):
        """x [batch, inputs] → [batch, outputs], with bias; gain 2 when a ReLU follows, 1 when none does."""
        at = len(self.nodes)
        weight = self.normal(f"dense_{at}.weight", (outputs, inputs), np.sqrt(gain / inputs))
        bias = self.normal(f"dense_{at}.bias", (outputs,), 0.05)
        return self.node("Gemm", x, weight, bias, output=output, transB=1)

    def convolution(self, x, inputs, outputs, size, padding):
        at = len(self.nodes)
        weight = self.normal(f"conv_{at}.weight", (outputs, inputs, size, size), np.sqrt(2 / (inputs * size * size)))
        bias = self.normal(f"conv_{at}.bias", (outputs,), 0.05)
        return self.node("Conv", x, weight, bias, kernel_shape=[size, size], pads=[padding] * 4)

    def relu(self, x):
        return self.node("Relu", x)

    def pool(self, x):
        return self.node("MaxPool", x, kernel_shape=[2, 2], strides=[2, 2])

    def linear(self, x, inputs, outputs, deviation, bias=True):
        """x [batch, tokens, inputs] → [batch, tokens, outputs]: MatMul and Add, as exporters write it."""
        at = len(self.nodes)
        y = self.node("MatMul", x, self.normal(f"linear_{at}.weight", (inputs, outputs), deviation))
        return self.node("Add", y, self.normal(f"linear_{at}.bias", (outputs,), 0.02)) if bias else y

    def layer_norm(self, x, width):
        at = len(self.nodes)
        scale = self.constant(f"norm_{at}.scale",
                              (1 + 0.1 * self.random.standard_normal(width)).astype(np.float32))
        return self.node("LayerNormalization", x, scale, self.normal(f"norm_{at}.bias", (width,), 0.02), axis=-1,
                         epsilon=1e-5)

    def gelu(self, x):
        """x (1 + erf(x / √2)) / 2, as PyTorch exports it."""
        erf = self.node("Erf", self.node("Div", x, self.scalar(np.sqrt(2.0))))
        return self.node("Mul", self.node("Mul", x, self.node("Add", erf, self.scalar(1.0))), self.scalar(0.5))

    def scalar(self, value):
        return self.constant(f"scalar_{len(self.weights)}", np.array(value, np.float32))

    def shape(self, *sizes):
        return self.constant(f"shape_{len(self.weights)}", np.array(sizes, np.int64))

    def model(self):
        graph = helper.make_graph(self.nodes, self.name, self.inputs, self.outputs, self.weights)
        return onnx_file.model_of(graph, self.opset, self.ml_opset)


def image(channels, size):
    return [onnx_file.floats("image", ["batch", channels, size, size], "picture, from 0 to 1")]


def scores(count):
    return [onnx_file.floats("logits", ["batch", count], "one score a class")]


def tokens(context):
    return [onnx_file.value("tokens", TensorProto.INT64, ["batch", context], "tokens, oldest first")]
