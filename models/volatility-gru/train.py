"""Trains the recurrent volatility forecaster and writes its ONNX file."""

import io

import numpy as np
import onnx
import torch
from torch import nn

import onnx_file
import volatility

HIDDEN = 24


class Forecaster(nn.Module):
    """A GRU reads the returns day by day; its last state gives the forecast."""

    def __init__(self):
        super().__init__()
        self.gru = nn.GRU(1, HIDDEN)
        self.head = nn.Linear(HIDDEN, 1)
        self.unit = 100  # learns from returns in per cent, which are of the size that its weights start with
        with torch.no_grad():
            self.head.bias.fill_(np.log(np.expm1(0.01)))  # starts at 1 % a day

    def fold_unit(self):
        with torch.no_grad():
            self.gru.weight_ih_l0.mul_(self.unit)
        self.unit = 1

    def forward(self, returns):
        steps = returns.transpose(0, 1).unsqueeze(2)
        _, state = self.gru(steps * self.unit if self.unit != 1 else steps)
        return nn.functional.softplus(self.head(state.squeeze(0)))


def without_initial_state(model):
    """PyTorch computes the zero initial state from the batch; ONNX's default is that zero. Drops what computed it."""
    graph = model.graph
    for node in graph.node:
        if node.op_type == "GRU":
            del node.input[4:]  # no sequence lengths either: all are of one length
    for part, names in ((graph.node, lambda node: node.output), (graph.initializer, lambda tensor: [tensor.name])):
        for entry in reversed(list(part)):  # users come after what they use
            used = {name for node in graph.node for name in node.input} | {output.name for output in graph.output}
            if not used.intersection(names(entry)):
                part.remove(entry)
    return model


torch.manual_seed(volatility.SEED)
model = Forecaster()
parts = volatility.train(model, epochs=30, batch=256, rate=3e-3, augment=(0.5, 4.0))
model.fold_unit()


def forecast(x):
    with torch.no_grad():
        return model(torch.tensor(x, dtype=torch.float32)).numpy()[:, 0]


volatility.report(forecast)

buffer = io.BytesIO()
torch.onnx.export(model, torch.zeros(1, volatility.WINDOW), buffer, opset_version=14, input_names=["returns"],
                  output_names=["volatility"])
exported = onnx.load_from_string(buffer.getvalue())
for entry in list(exported.graph.input) + list(exported.graph.output):
    entry.type.tensor_type.shape.dim[0].dim_param = "batch"
x = volatility.samples(parts, 256)
onnx_file.save(".", onnx_file.describe(without_initial_state(exported), volatility.DOCS),
               {"returns": x}, {"volatility": forecast(x)[:, None].astype(np.float32)})
