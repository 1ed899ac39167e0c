"""Trains the credit score and writes its ONNX file."""

import numpy as np
from onnx import TensorProto, helper
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss, roc_auc_score
from sklearn.model_selection import cross_val_score, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import onnx_file
from data import credit

SEED = 1

names, x, bad = credit.load()
x_train, x_test, bad_train, bad_test = train_test_split(x, bad.astype(int), test_size=0.3, random_state=SEED,
                                                        stratify=bad)
pipeline = make_pipeline(StandardScaler(), LogisticRegression(C=0.03, max_iter=1000))
folds = cross_val_score(pipeline, x_train, bad_train, cv=5, scoring="roc_auc")
pipeline.fit(x_train, bad_train)
scaler, regression = pipeline[0], pipeline[1]

probability = pipeline.predict_proba(x_test)[:, 1]
rate = bad_train.mean()
amount = StandardScaler().fit(x_train[:, :2])  # duration and amount: what a loan officer sees first
simple = LogisticRegression().fit(amount.transform(x_train[:, :2]), bad_train)
simple_probability = simple.predict_proba(amount.transform(x_test[:, :2]))[:, 1]
print(f"training: area under the curve in five folds {folds.mean():.3f}")
for title, p in (("model", probability), (f"{names[0]} and {names[1]} only", simple_probability),
                 ("bad rate", np.full(len(bad_test), rate))):
    print(f"{title}: area under the curve {roc_auc_score(bad_test, p):.3f}, log loss {log_loss(bad_test, p):.3f}, "
          f"accuracy {np.mean((p > 0.5) == bad_test):.3f}")
print("attributes:")
for i, name in enumerate(names):
    print(f"| {i} | {name} | {x[:, i].min():g} | {x[:, i].max():g} | {regression.coef_[0, i]:+.2f} |")

# Both classes get a row of coefficients, the first being the other's negative: LinearClassifier's form for two classes.
weights, bias = regression.coef_[0], regression.intercept_[0]
nodes = [
    helper.make_node("Scaler", ["attributes"], ["scaled"], domain="ai.onnx.ml", name="scale",
                     offset=scaler.mean_.astype(np.float32).tolist(),
                     scale=(1 / scaler.scale_).astype(np.float32).tolist()),
    helper.make_node("LinearClassifier", ["scaled"], ["bad", "probabilities"], domain="ai.onnx.ml", name="score",
                     classlabels_ints=[0, 1], coefficients=np.concatenate([-weights, weights]).astype(np.float32).tolist(),
                     intercepts=np.float32([-bias, bias]).tolist(), multi_class=0, post_transform="LOGISTIC"),
]
graph = helper.make_graph(
    nodes, "credit-logistic",
    [onnx_file.floats("attributes", ["batch", len(names)], "what is known of the loan and its taker: see the model card")],
    [onnx_file.value("bad", TensorProto.INT64, ["batch"], "1 if the loan is more likely to go bad than not"),
     onnx_file.floats("probabilities", ["batch", 2], "probability that the loan is repaid, and that it goes bad")])
onnx_file.save(".", onnx_file.model_of(graph, opset=13, ml_opset=1), {"attributes": x_test},
               {"bad": pipeline.predict(x_test).astype(np.int64),
                "probabilities": pipeline.predict_proba(x_test).astype(np.float32)})
