"""Writes the ONNX models of this folder. Needs the package onnx (scripts/setup test).

affine.onnx    features [N,2,2,2] -> logits [N,3] = W features + b; W and b are stored as float16
pair.onnx      left [N,2], right [N,2] -> sum [N,2], difference [N,2]
fixed.onnx     values [1,2] -> doubled [1,2]: a batch of one only
integers.onnx  values int64 [N,2] -> same int64 [N,2]
"""

from pathlib import Path

import numpy as np
from onnx import TensorProto, checker, helper, numpy_helper

FOLDER = Path(__file__).parent


def write(name, inputs, outputs, nodes, constants=()):
    def values(pairs, kind):
        return [helper.make_tensor_value_info(n, kind, s) for n, s in pairs]

    kind = TensorProto.INT64 if name == "integers" else TensorProto.FLOAT
    graph = helper.make_graph(
        nodes, name, values(inputs, kind), values(outputs, kind), initializer=list(constants)
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    checker.check_model(model)
    (FOLDER / f"{name}.onnx").write_bytes(model.SerializeToString())


# Row c of W is (c+1) * (1, 2, ..., 8) / 8, b is (0, 0.5, -1): exact in float16.
weights = np.outer(np.arange(1, 9), np.arange(1, 4)).astype(np.float16) / np.float16(8)
bias = np.array([0, 0.5, -1], np.float16)
write(
    "affine",
    [("features", ["N", 2, 2, 2])],
    [("logits", ["N", 3])],
    [
        helper.make_node("Cast", ["w16"], ["w"], to=TensorProto.FLOAT),
        helper.make_node("Cast", ["b16"], ["b"], to=TensorProto.FLOAT),
        helper.make_node("Flatten", ["features"], ["flat"]),
        helper.make_node("Gemm", ["flat", "w", "b"], ["logits"]),
    ],
    [numpy_helper.from_array(weights, "w16"), numpy_helper.from_array(bias, "b16")],
)
write(
    "pair",
    [("left", ["N", 2]), ("right", ["N", 2])],
    [("sum", ["N", 2]), ("difference", ["N", 2])],
    [
        helper.make_node("Add", ["left", "right"], ["sum"]),
        helper.make_node("Sub", ["left", "right"], ["difference"]),
    ],
)
write(
    "fixed",
    [("values", [1, 2])],
    [("doubled", [1, 2])],
    [helper.make_node("Add", ["values", "values"], ["doubled"])],
)
write(
    "integers",
    [("values", ["N", 2])],
    [("same", ["N", 2])],
    [helper.make_node("Identity", ["values"], ["same"])],
)
