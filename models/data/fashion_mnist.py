"""Fashion-MNIST as Debian's dataset-fashion-mnist installs it: 28×28 pictures of ten kinds of clothing."""

import gzip

import numpy as np

FOLDER = "/usr/share/datasets/fashion-mnist"
CLASSES = ["T-shirt/top", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot"]


def load(part):
    """(pictures [n, 1, 28, 28] float32 from 0 to 1, labels [n] int64) of "train" (60,000) or "t10k" (10,000)."""
    with gzip.open(f"{FOLDER}/{part}-images-idx3-ubyte.gz") as file:
        pixels = np.frombuffer(file.read(), np.uint8, offset=16)
    with gzip.open(f"{FOLDER}/{part}-labels-idx1-ubyte.gz") as file:
        labels = np.frombuffer(file.read(), np.uint8, offset=8)
    return (pixels.reshape(-1, 1, 28, 28) / np.float32(255)).astype(np.float32), labels.astype(np.int64)
