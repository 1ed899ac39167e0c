#!/usr/bin/python3
"""Builds the models that speed and proofs are measured on, with seeded weights, under build/models.

    models/benchmark/build.py [NAME…] [--list] [--output FOLDER]      (Debian's python3-onnx; without names, all of them)

For each: NAME/model.onnx and NAME/test_data_set_0/input_0.pb, inputs to calibrate with and to run. A rerun writes the
same bytes. Models that exist are left alone."""

import argparse
import os
import sys
from dataclasses import dataclass
from typing import Callable

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))

import onnx_file  # noqa: E402  (found through the line above)
from benchmark import networks, transformer, trees  # noqa: E402


def pixels(random, shape):
    return random.random_sample(shape).astype(np.float32)


def normals(random, shape):
    return random.standard_normal(shape).astype(np.float32)


def words(vocabulary):
    return lambda random, shape: random.randint(0, vocabulary, shape).astype(np.int64)


@dataclass(frozen=True)
class Shape:
    build: Callable  # (name, seed) → ModelProto
    parameters: int  # what build must make
    sample: Callable  # (random, shape) → inputs
    shape: tuple  # of one input
    samples: int  # inputs written


SHAPES = {
    "mlp-784-56-10": Shape(networks.mlp, 44_530, pixels, (784,), 64),
    "lenet5": Shape(networks.lenet5, 61_706, pixels, (1, 32, 32), 64),
    "cnn-264k": Shape(networks.cnn_264k, 264_031, pixels, (3, 32, 32), 64),
    "dense-4m": Shape(networks.dense_4m, 4_012_003, normals, (4,), 64),
    "vgg16-cifar": Shape(networks.vgg16, 15_245_130, pixels, (3, 32, 32), 8),
    "trees-100x6": Shape(lambda name, seed: trees.trees(name, seed, count=100, depth=6, features=64),
                         19_100, normals, (64,), 64),
    "small-gpt": Shape(lambda name, seed: transformer.gpt(name, seed, layers=4, width=64, heads=4, forward=256,
                                                          vocabulary=256, context=64, tied=False),
                       236_928, words(256), (64,), 16),
    "gpt2-small-64": Shape(lambda name, seed: transformer.gpt(name, seed, layers=12, width=768, heads=12, forward=3072,
                                                              vocabulary=50257, context=64, tied=True),
                           123_702_528, words(50257), (64,), 2),
}


def build(name, folder):
    """Writes one model, checked, and its inputs."""
    shape, seed = SHAPES[name], 1 + list(SHAPES).index(name)
    model = shape.build(name, seed)
    onnx_file.check(model)
    found = onnx_file.parameters(model)
    if found != shape.parameters:
        raise ValueError(f"{name} has {found} parameters, not {shape.parameters}")
    samples = os.path.join(folder, name, "test_data_set_0")
    os.makedirs(samples, exist_ok=True)
    inputs = shape.sample(np.random.RandomState(1000 + seed), (shape.samples, *shape.shape))
    with open(os.path.join(samples, "input_0.pb"), "wb") as file:
        file.write(onnx_file.tensor(model.graph.input[0].name, inputs).SerializeToString(deterministic=True))
    path = os.path.join(folder, name, "model.onnx")
    with open(path + ".part", "wb") as file:
        file.write(model.SerializeToString(deterministic=True))
    os.replace(path + ".part", path)  # a build that was cut off leaves no model behind
    print(f"{name}: {found:,} parameters, {os.path.getsize(path):,} bytes")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(SHAPES))
    parser.add_argument("--list", action="store_true", help="print the names and parameters, and build nothing")
    parser.add_argument("--output", default=os.path.join(HERE, "..", "..", "build", "models"), help="default: build/models")
    arguments = parser.parse_args()
    unknown = sorted(set(arguments.names) - set(SHAPES))
    if unknown:
        parser.error(f"no such model: {', '.join(unknown)}")
    for name in arguments.names or SHAPES:
        if arguments.list:
            print(f"{name} {SHAPES[name].parameters}")
        elif not os.path.exists(os.path.join(arguments.output, name, "model.onnx")):
            build(name, os.path.normpath(arguments.output))


if __name__ == "__main__":
    main()
