"""Trains the volatility forecaster and writes its ONNX file."""

import io

import numpy as np
import onnx
import torch
from torch import nn

import onnx_file
import volatility


class Forecaster(nn.Module):
    """Without biases, so that returns twice as large give exactly twice the forecast, whatever the asset."""

    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(volatility.WINDOW, 64, bias=False), nn.ReLU(),
                                    nn.Linear(64, 32, bias=False), nn.ReLU(), nn.Linear(32, 1, bias=False))
        with torch.no_grad():  # starts near the mean absolute return, away from the floor where no gradient flows
            self.layers[4].weight.abs_()

    def forward(self, returns):
        return torch.clamp(self.layers(returns), volatility.FLOOR, 1.0)


torch.manual_seed(volatility.SEED)
model = Forecaster()
parts = volatility.train(model, epochs=60, batch=256, rate=1e-3, augment=(0.5, 4.0))


def forecast(x):
    with torch.no_grad():
        return model(torch.tensor(x, dtype=torch.float32)).numpy()[:, 0]


volatility.report(forecast)

buffer = io.BytesIO()
torch.onnx.export(model, torch.zeros(2, volatility.WINDOW), buffer, opset_version=13, input_names=["returns"],
                  output_names=["volatility"], dynamic_axes={"returns": {0: "batch"}, "volatility": {0: "batch"}})
x = volatility.samples(parts, 256)
onnx_file.save(".", onnx_file.describe(onnx.load_from_string(buffer.getvalue()), volatility.DOCS),
               {"returns": x}, {"volatility": forecast(x)[:, None].astype(np.float32)})
