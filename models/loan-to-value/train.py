"""Trains the liquidation-risk model on real price paths and writes its ONNX file."""

import json
from math import sqrt

import numpy as np
import xgboost
from onnx import helper
from scipy.special import ndtr
from sklearn.metrics import brier_score_loss, log_loss, roc_auc_score

import onnx_file
from data import prices

SEED = 1
PAST = 250  # days of history the features look back
LONGEST = 60  # days ahead at most
LIVELINESS = (1, 2, 4)  # factors on all returns: indices and currencies move less than what is usually pledged
DRAWS = 3  # loans drawn per day and factor
FEATURES = ["loan_to_value", "days", "volatility", "long_volatility", "drawdown", "momentum", "worst_day"]


def histories(returns):
    """Per day t: what is known at its close [n, 5], in the order of FEATURES from `volatility` on."""
    n = len(returns)
    table = np.full((n, 5), np.nan)
    path = np.concatenate([[0.0], np.cumsum(returns)])  # log price; path[t + 1] is the close of day t
    fast = slow = np.mean(returns[:20] ** 2)
    for t in range(n):
        square = returns[t] ** 2
        fast, slow = 0.94 * fast + 0.06 * square, 0.99 * slow + 0.01 * square
        if t >= PAST:
            now = path[t + 1]
            table[t] = (sqrt(fast), sqrt(slow), 1 - np.exp(now - path[t + 1 - PAST:t + 2].max()),
                        now - path[t + 1 - 20], max(0.0, -returns[t - 59:t + 1].min()))
    return table, path


def loans(random, returns, first, last):
    """Random loans taken on days in [first, last) and over before `last`: (features [n, 7], liquidated [n])."""
    rows, hits = [], []
    for factor in LIVELINESS:
        table, path = histories(returns * factor)
        for t in range(max(first, PAST), last - 1):
            for _ in range(DRAWS):
                days = random.randint(1, min(LONGEST, last - 1 - t) + 1)
                # Half the loans anywhere, half within four standard deviations of the price, where it is decided.
                if random.random_sample() < 0.5:
                    value = random.uniform(0.3, 0.98)
                else:
                    value = np.exp(-random.uniform(0.05, 4) * table[t, 0] * sqrt(days))
                value = min(max(value, 0.2), 0.99)
                lowest = np.exp(path[t + 2:t + 2 + days].min() - path[t + 1])
                rows.append((value, days, *table[t]))
                hits.append(lowest < value)
    return np.array(rows, np.float32), np.array(hits)


def first_passage(x, volatility, factor=1.0):
    """Probability that a random walk without drift touches the loan's value in time: 2 Φ(ln(ltv) / (s √days))."""
    return np.clip(2 * ndtr(np.log(x[:, 0]) / (factor * volatility * np.sqrt(x[:, 1]))), 1e-6, 1 - 1e-6)


def tree_nodes(booster):
    """The attributes of a TreeEnsembleRegressor for a trained XGBoost model, its sum of leaves being the log odds."""
    attributes = {name: [] for name in (
        "nodes_treeids", "nodes_nodeids", "nodes_featureids", "nodes_modes", "nodes_values", "nodes_truenodeids",
        "nodes_falsenodeids", "target_treeids", "target_nodeids", "target_ids", "target_weights")}
    trees = json.loads(bytes(booster.save_raw("json")))["learner"]["gradient_booster"]["model"]["trees"]
    for tree_id, tree in enumerate(trees):
        for node, (left, right, feature, condition) in enumerate(zip(
                tree["left_children"], tree["right_children"], tree["split_indices"], tree["split_conditions"])):
            leaf = left == -1
            for name, entry in (("treeids", tree_id), ("nodeids", node), ("featureids", 0 if leaf else feature),
                                ("modes", "LEAF" if leaf else "BRANCH_LT"), ("values", 0.0 if leaf else condition),
                                ("truenodeids", 0 if leaf else left), ("falsenodeids", 0 if leaf else right)):
                attributes["nodes_" + name].append(entry)
            if leaf:
                for name, entry in (("treeids", tree_id), ("nodeids", node), ("ids", 0), ("weights", condition)):
                    attributes["target_" + name].append(entry)
    return attributes


random = np.random.RandomState(SEED)
parts = ([], [])
for name, returns in prices.log_returns().items():
    _, test = prices.split(len(returns))
    parts[0].append(loans(random, returns, 0, test))
    parts[1].append(loans(random, returns, test, len(returns)))
(x, y), (x_test, y_test) = ((np.concatenate([p[0] for p in part]), np.concatenate([p[1] for p in part]))
                            for part in parts)
print(f"{len(x)} loans to train on, {len(x_test)} held back; liquidated: {y.mean():.3f}, {y_test.mean():.3f}")

# A larger loan, a longer time, a livelier price never make a loan safer.
booster = xgboost.train(
    {"objective": "binary:logistic", "max_depth": 5, "eta": 0.1, "min_child_weight": 20, "subsample": 0.7,
     "lambda": 5.0, "tree_method": "hist", "max_bin": 512, "base_score": 0.5, "seed": SEED, "nthread": 1,
     "monotone_constraints": "(1,1,1,1,0,0,0)"},
    xgboost.DMatrix(x, y), num_boost_round=100)


def predict(rows):
    return booster.predict(xgboost.DMatrix(rows))


# The formula's volatility is scaled by what suits the training loans best.
scale = min(np.linspace(0.6, 1.4, 41), key=lambda k: log_loss(y, first_passage(x, x[:, 2], k)))
for title, p in (("model", predict(x_test)), ("first passage", first_passage(x_test, x_test[:, 2])),
                 (f"first passage, volatility × {scale:.2f}", first_passage(x_test, x_test[:, 2], scale)),
                 ("first passage, long volatility", first_passage(x_test, x_test[:, 3])),
                 ("constant rate", np.full(len(y_test), y.mean()))):
    print(f"{title}: log loss {log_loss(y_test, p):.4f}, Brier score {brier_score_loss(y_test, p):.4f}, "
          f"area under the curve {roc_auc_score(y_test, p):.4f}")
p = predict(x_test)
for low, high in zip((0, 0.01, 0.05, 0.2, 0.5, 0.8), (0.01, 0.05, 0.2, 0.5, 0.8, 1)):
    rows = (p >= low) & (p < high)
    print(f"forecast {low}-{high}: {rows.sum()} loans, forecast {p[rows].mean():.3f}, liquidated {y_test[rows].mean():.3f}")
for i, name in enumerate(FEATURES):
    print(f"{name}: {x[:, i].min():.4g} to {x[:, i].max():.4g}")

nodes = [helper.make_node("TreeEnsembleRegressor", ["loan"], ["log_odds"], domain="ai.onnx.ml", name="trees", n_targets=1,
                          aggregate_function="SUM", post_transform="NONE", **tree_nodes(booster)),
         helper.make_node("Sigmoid", ["log_odds"], ["probability"], name="odds")]
graph = helper.make_graph(
    nodes, "loan-to-value",
    [onnx_file.floats("loan", ["batch", len(FEATURES)], ", ".join(FEATURES) + ": see the model card")],
    [onnx_file.floats("probability", ["batch", 1], "probability that the collateral falls below the loan in that time")],
    value_info=[onnx_file.floats("log_odds", ["batch", 1], "sum of the trees' leaves")])
chosen = np.linspace(0, len(x_test) - 1, 300).astype(int)
onnx_file.save(".", onnx_file.model_of(graph, opset=13, ml_opset=1), {"loan": x_test[chosen]},
               {"probability": predict(x_test[chosen])[:, None].astype(np.float32)})
