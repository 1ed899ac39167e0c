"""Checks a model and writes it as models/NAME/model.onnx, with held-back samples in the layout of ONNX's own tests.

    model.onnx
    test_data_set_0/input_0.pb    TensorProto, one per graph input: a batch of samples the model was not trained on
    test_data_set_0/output_0.pb   TensorProto, one per graph output: what the training framework computed for them
"""

import math
import os

import onnx
from onnx import TensorProto, helper, numpy_helper

# Operators the example models may use: a subset of what every security mode supports, and GRU.
OPERATORS = {
    "": {"Add", "BatchNormalization", "Cast", "Clip", "Concat", "Constant", "Conv", "Div", "Erf", "Flatten", "GRU",
         "Gather", "Gemm", "Identity", "LayerNormalization", "MatMul", "MaxPool", "Mul", "Relu", "Reshape", "Sigmoid",
         "Slice", "Softmax", "Softplus", "Split", "Squeeze", "Sub", "Transpose", "Unsqueeze", "Where"},
    "ai.onnx.ml": {"LinearClassifier", "Scaler", "TreeEnsembleRegressor"},
}

SIZE_LIMIT = 2 << 20  # bytes of a model kept in the repository


def tensor(name, array):
    """A TensorProto of this name and numpy array, stored as raw little-endian data."""
    return numpy_helper.from_array(array, name)


def value(name, element_type, shape, doc):
    """A graph input or output; a string in shape is a free dimension (only the batch may be one)."""
    return helper.make_tensor_value_info(name, element_type, shape, doc_string=doc)


def floats(name, shape, doc):
    return value(name, TensorProto.FLOAT, shape, doc)


def model_of(graph, opset, ml_opset=None):
    """A ModelProto for a graph built by hand, in an intermediate representation that libonnx 1.12 and later read."""
    imports = [helper.make_opsetid("", opset)]
    if ml_opset is not None:
        imports.append(helper.make_opsetid("ai.onnx.ml", ml_opset))
    return helper.make_model(graph, opset_imports=imports, ir_version=8, producer_name="valence-models")


def check(model):
    """Raises if the model is not valid ONNX or uses an operator outside OPERATORS; returns the operators used."""
    onnx.checker.check_model(model, full_check=True)
    used = {(node.domain, node.op_type) for node in model.graph.node}
    foreign = sorted(op for domain, op in used if op not in OPERATORS.get(domain, ()))
    if foreign:
        raise ValueError(f"{model.graph.name}: operators not for example models: {', '.join(foreign)}")
    return sorted(op for _, op in used)


def parameters(model):
    """Number of trained values: elements of the float tensors (a scalar is a constant), and of the float attributes of
    ai.onnx.ml nodes."""
    count = sum(math.prod(t.dims) for t in model.graph.initializer if t.data_type == TensorProto.FLOAT and t.dims)
    for node in model.graph.node:
        if node.domain == "ai.onnx.ml":
            count += sum(len(a.floats) for a in node.attribute)
    return count


def describe(model, docs):
    """Puts what each graph input and output means (docs: name → text) where tools show it."""
    for entry in list(model.graph.input) + list(model.graph.output):
        entry.doc_string = docs[entry.name]
    return model


def save(folder, model, inputs, outputs):
    """Writes the checked model and its samples; inputs and outputs are name → array, in the graph's order.

    Prints the figures that the model's card quotes."""
    operators = check(model)
    data = model.SerializeToString(deterministic=True)
    if len(data) > SIZE_LIMIT:
        raise ValueError(f"{folder}: {len(data)} bytes are too many to keep in the repository")
    with open(os.path.join(folder, "model.onnx"), "wb") as file:
        file.write(data)
    samples = os.path.join(folder, "test_data_set_0")
    os.makedirs(samples, exist_ok=True)
    for kind, entries, arrays in (("input", model.graph.input, inputs), ("output", model.graph.output, outputs)):
        if [entry.name for entry in entries] != list(arrays):
            raise ValueError(f"{folder}: {kind}s are {[entry.name for entry in entries]}, samples {list(arrays)}")
        for index, (name, array) in enumerate(arrays.items()):
            with open(os.path.join(samples, f"{kind}_{index}.pb"), "wb") as file:
                file.write(tensor(name, array).SerializeToString(deterministic=True))
    print(f"model.onnx: {len(data)} bytes, {parameters(model)} parameters, operators: {', '.join(operators)}")
