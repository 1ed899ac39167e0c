"""Trains LeNet-5 on pictures of clothing and writes its ONNX file."""

import torch
from torch import nn

import classifier

MARGIN = 2  # 28×28 pictures become the 32×32 that LeNet-5 was drawn for

torch.manual_seed(classifier.SEED)
model = nn.Sequential(nn.Conv2d(1, 6, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2),
                      nn.Flatten(), nn.Linear(16 * 5 * 5, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(),
                      nn.Linear(84, 10))
classifier.train(model, epochs=8, rate=4e-3, margin=MARGIN)
classifier.report(model, MARGIN)
classifier.export(model, opset=13, margin=MARGIN, docs={
    "image": "28×28 grey picture in a margin of two zeros, 0 is background and 1 the brightest",
    "logits": "one score for each of the ten kinds of clothing; the largest names the kind",
})
