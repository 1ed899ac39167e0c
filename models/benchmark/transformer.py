"""The GPT shapes of the benchmark."""

from math import sqrt

import numpy as np

from benchmark.graph import Graph, scores, tokens


def gpt(name, seed, layers, width, heads, forward, vocabulary, context, tied):
    """A pre-normalised GPT with learned positions: int64 tokens [batch, context] → logits after the last token.

    `tied` uses the token table as output matrix too (GPT-2). Deviations are GPT-2's, 0.02 at width 768, scaled to the
    width; what is added to the residual is divided by √(2·layers)."""
    g = Graph(name, seed, tokens(context), scores(vocabulary), opset=17)
    deviation = 0.02 * sqrt(768 / width)
    residual = deviation / sqrt(2 * layers)
    head = width // heads
    table = g.normal("token.weight", (vocabulary, width), deviation)
    x = g.node("Add", g.node("Gather", table, "tokens", axis=0), g.normal("position.weight", (context, width), deviation))
    future = g.constant("future", np.triu(np.ones((context, context), np.bool_), 1))
    hidden = g.scalar(-np.inf)
    to_heads, to_rows, thirds = g.shape(-1, context, heads, head), g.shape(-1, context, width), g.shape(*[width] * 3)
    for _ in range(layers):
        parts = g.node("Split", g.linear(g.layer_norm(x, width), width, 3 * width, deviation), thirds, outputs=3, axis=2)
        q, k, v = (g.node("Reshape", part, to_heads) for part in parts)
        q, v = (g.node("Transpose", part, perm=[0, 2, 1, 3]) for part in (q, v))
        k = g.node("Transpose", k, perm=[0, 2, 3, 1])
        attention = g.node("Mul", g.node("MatMul", q, k), g.scalar(1 / sqrt(head)))
        weights = g.node("Softmax", g.node("Where", future, hidden, attention), axis=3)
        mixed = g.node("Reshape", g.node("Transpose", g.node("MatMul", weights, v), perm=[0, 2, 1, 3]), to_rows)
        x = g.node("Add", x, g.linear(mixed, width, width, residual))
        wide = g.gelu(g.linear(g.layer_norm(x, width), width, forward, deviation))
        x = g.node("Add", x, g.linear(wide, forward, width, residual))
    last = g.layer_norm(g.node("Gather", x, g.constant("last", np.array(-1, np.int64)), axis=1), width)
    if tied:
        g.node("MatMul", last, g.node("Transpose", table, perm=[1, 0]), output="logits")
    else:
        g.node("MatMul", last, g.normal("head.weight", (width, vocabulary), deviation), output="logits")
    return g.model()
