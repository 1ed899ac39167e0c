"""The dense and convolutional shapes of the benchmark."""

from benchmark.graph import Graph, image, scores

import onnx_file


def mlp(name, seed):
    """784-56-10, the usual first network on small pictures."""
    g = Graph(name, seed, [onnx_file.floats("image", ["batch", 784], "picture, from 0 to 1")], scores(10))
    g.dense(g.relu(g.dense("image", 784, 56)), 56, 10, output="logits", gain=1.0)
    return g.model()


def lenet5(name, seed):
    """LeCun et al., 1998, with ReLU and max pooling, on 1×32×32."""
    g = Graph(name, seed, image(1, 32), scores(10))
    x = g.pool(g.relu(g.convolution("image", 1, 6, 5, 0)))
    x = g.pool(g.relu(g.convolution(x, 6, 16, 5, 0)))
    x = g.relu(g.dense(g.node("Flatten", x), 400, 120))
    g.dense(g.relu(g.dense(x, 120, 84)), 84, 10, output="logits", gain=1.0)
    return g.model()


def cnn_264k(name, seed):
    """The convolutional network that DeepProve and EZKL report on: 264,031 parameters, on 3×32×32."""
    g = Graph(name, seed, image(3, 32), scores(10))
    x = g.pool(g.relu(g.convolution("image", 3, 12, 5, 0)))
    x = g.pool(g.relu(g.convolution(x, 12, 33, 5, 0)))
    x = g.relu(g.dense(g.node("Flatten", x), 825, 251))
    g.dense(g.relu(g.dense(x, 251, 175)), 175, 10, output="logits", gain=1.0)
    return g.model()


def dense_4m(name, seed):
    """Five wide layers, 4,012,003 parameters, from four features to three scores."""
    g = Graph(name, seed, [onnx_file.floats("features", ["batch", 4], "standard normal")], scores(3))
    x = g.relu(g.dense("features", 4, 1000))
    for _ in range(4):
        x = g.relu(g.dense(x, 1000, 1000))
    g.dense(x, 1000, 3, output="logits", gain=1.0)
    return g.model()


def vgg16(name, seed):
    """VGG-16 for 3×32×32 with the two hidden layers of 512 that zkCNN proves: 15.2 M parameters, 313 M products."""
    g = Graph(name, seed, image(3, 32), scores(10))
    x, channels = "image", 3
    for width, repeats in ((64, 2), (128, 2), (256, 3), (512, 3), (512, 3)):
        for _ in range(repeats):
            x, channels = g.relu(g.convolution(x, channels, width, 3, 1)), width
        x = g.pool(x)
    x = g.node("Flatten", x)
    for _ in range(2):
        x = g.relu(g.dense(x, 512, 512))
    g.dense(x, 512, 10, output="logits", gain=1.0)
    return g.model()
