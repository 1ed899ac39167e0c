"""Training and measuring of the picture classifiers."""

import io

import numpy as np
import onnx
import torch
from torch import nn

import onnx_file
from data import fashion_mnist

SEED = 1
SAMPLES = 200  # held-back pictures stored beside a model, the same number of each class


def prepare(part, margin):
    """Pictures with `margin` black pixels added on every side, and labels, as tensors."""
    pictures, labels = fashion_mnist.load(part)
    pictures = np.pad(pictures, ((0, 0), (0, 0), (margin, margin), (margin, margin)))
    return torch.tensor(pictures), torch.tensor(labels)


def logits(model, pictures):
    model.eval()
    with torch.no_grad():
        return torch.cat([model(rows) for rows in pictures.split(1000)])


def train(model, epochs, rate, margin=0, batch=128):
    """Adam with a one-cycle schedule, pictures shifted by a pixel and mirrored at random. The last epoch's weights are
    kept: nothing is chosen by the held-back pictures."""
    torch.set_num_threads(1)
    pictures, labels = prepare("train", margin)
    steps = epochs * -(-len(pictures) // batch)
    optimiser = torch.optim.AdamW(model.parameters(), lr=rate, weight_decay=1e-2)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, rate, total_steps=steps)
    for epoch in range(epochs):
        model.train()
        total = 0.0
        for rows in torch.randperm(len(pictures)).split(batch):
            x = pictures[rows]
            x = torch.roll(x, shifts=torch.randint(-1, 2, (2,)).tolist(), dims=(2, 3))
            x = torch.where(torch.rand(len(rows), 1, 1, 1) < 0.5, x.flip(3), x)
            optimiser.zero_grad()
            loss = nn.functional.cross_entropy(model(x), labels[rows])
            loss.backward()
            optimiser.step()
            schedule.step()
            total += loss.item() * len(rows)
        print(f"epoch {epoch}: training loss {total / len(pictures):.4f}", flush=True)


def report(model, margin=0):
    """Accuracy on the 10,000 held-back pictures, over all and per class, beside that of the nearest class mean."""
    pictures, labels = prepare("t10k", margin)
    train_pictures, train_labels = prepare("train", margin)
    hit = logits(model, pictures).argmax(1) == labels
    means = torch.stack([train_pictures[train_labels == c].mean(0).flatten() for c in range(10)])
    nearest = torch.cdist(pictures.flatten(1), means).argmin(1) == labels
    print(f"held-back accuracy {hit.float().mean():.4f}; nearest class mean {nearest.float().mean():.4f}; chance 0.1")
    for c, name in enumerate(fashion_mnist.CLASSES):
        print(f"  {name:12} {hit[labels == c].float().mean():.3f}")


def export(model, opset, margin, docs):
    """Writes model.onnx and its samples into the current folder."""
    pictures, labels = prepare("t10k", margin)
    chosen = torch.cat([torch.nonzero(labels == c)[:SAMPLES // 10, 0] for c in range(10)]).sort().values
    pictures = pictures[chosen]
    model.eval()
    buffer = io.BytesIO()
    # "PRESERVE" keeps batch normalisation a node of its own instead of folding it into the convolution before it.
    torch.onnx.export(model, pictures[:2], buffer, opset_version=opset, training=torch.onnx.TrainingMode.PRESERVE,
                      do_constant_folding=False, input_names=["image"], output_names=["logits"],
                      dynamic_axes={"image": {0: "batch"}, "logits": {0: "batch"}})
    onnx_file.save(".", onnx_file.describe(onnx.load_from_string(buffer.getvalue()), docs),
                   {"image": pictures.numpy()}, {"logits": logits(model, pictures).numpy()})
