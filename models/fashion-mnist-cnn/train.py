"""Trains the clothing classifier and writes its ONNX file."""

import torch
from torch import nn

import classifier


def block(inputs, outputs):
    return [nn.Conv2d(inputs, outputs, 3, padding=1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU(), nn.MaxPool2d(2)]


torch.manual_seed(classifier.SEED)
model = nn.Sequential(*block(1, 16), *block(16, 32), *block(32, 64), nn.Flatten(), nn.Linear(64 * 3 * 3, 64), nn.ReLU(),
                      nn.Linear(64, 10))
classifier.train(model, epochs=6, rate=5e-3)
classifier.report(model)
classifier.export(model, opset=13, margin=0, docs={
    "image": "28×28 grey picture, 0 is background and 1 the brightest",
    "logits": "one score for each of the ten kinds of clothing; the largest names the kind",
})
