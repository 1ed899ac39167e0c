"""The gradient-boosted trees of the benchmark."""

import numpy as np

import onnx_file
from benchmark.graph import Graph


def trees(name, seed, count, depth, features):
    """Full trees: float features [batch, features], each from -4 to 4 → a regression [batch, 1]."""
    g = Graph(name, seed, [onnx_file.floats("features", ["batch", features], "standard normal")],
              [onnx_file.floats("value", ["batch", 1], "sum of the trees' leaves")], ml_opset=1)
    inner, leaves = 2 ** depth - 1, 2 ** depth
    nodes = np.arange(inner + leaves)
    is_leaf = nodes >= inner
    columns = {
        "nodes_treeids": np.repeat(np.arange(count), len(nodes)),
        "nodes_nodeids": np.tile(nodes, count),
        "nodes_featureids": np.where(np.tile(is_leaf, count), 0, g.random.randint(0, features, count * len(nodes))),
        "nodes_truenodeids": np.tile(np.where(is_leaf, 0, 2 * nodes + 1), count),
        "nodes_falsenodeids": np.tile(np.where(is_leaf, 0, 2 * nodes + 2), count),
        "target_treeids": np.repeat(np.arange(count), leaves),
        "target_nodeids": np.tile(nodes[is_leaf], count),
        "target_ids": np.zeros(count * leaves, int),
    }
    thresholds = np.where(np.tile(is_leaf, count), 0, g.random.standard_normal(count * len(nodes)))
    weights = g.random.standard_normal(count * leaves) * 0.1
    g.node("TreeEnsembleRegressor", "features", output="value", domain="ai.onnx.ml", n_targets=1, post_transform="NONE",
           aggregate_function="SUM", nodes_modes=["LEAF" if leaf else "BRANCH_LT" for leaf in is_leaf] * count,
           nodes_values=thresholds.astype(np.float32).tolist(), target_weights=weights.astype(np.float32).tolist(),
           **{column: values.tolist() for column, values in columns.items()})
    return g.model()
