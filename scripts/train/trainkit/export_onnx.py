"""The remote network as ONNX: batch norm folded, weights stored small, computed in float32.

Input `features` float32 [N,C-k,H,W], output `logits` float32 [N,classes], N dynamic. `half`: each
weight is stored as float16. `int8`: those of convolutions and dense layers as int8 with a float32
scale for each output channel, the rest as float16. Either way nodes without inputs bring them back
to float32, which sessions compute once, when they are made.
"""

import io

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper

from .body import Body
from .errors import UserError
from .fold import folded_body
from .graph_builder import quantised_weight

OPSET = 17


def stored(tensor: torch.Tensor, precision: str) -> tuple[np.ndarray, np.ndarray | None]:
    """-> the array that the file holds, and its scales [outputs,1,...] where it is int8."""
    values = tensor.detach().numpy()
    if precision == "int8" and values.ndim > 1:
        quantised, scales = quantised_weight(values, axis=0)
        return quantised, scales.reshape(-1, *[1] * (values.ndim - 1))
    halves = values.astype(np.float16)
    if not np.isfinite(halves).all():
        raise UserError("a weight of the remote network does not fit float16: lower the rates")
    return halves, None


def as_stored(body: Body, precision: str) -> Body:
    """The folded body with its weights as the file will give them back."""
    result = folded_body(body)
    with torch.no_grad():
        for parameter in result.parameters():
            values, scales = stored(parameter, precision)
            values = values.astype(np.float32)
            parameter.copy_(torch.from_numpy(values if scales is None else values * scales))
    return result


def in_float(body: Body, channels: int, side: int, name: str = "features") -> onnx.ModelProto:
    """The folded body, its weights in single precision. `name`: of its input."""
    stream = io.BytesIO()
    torch.onnx.export(
        folded_body(body).to(memory_format=torch.contiguous_format),
        (torch.zeros(1, channels, side, side),), stream, dynamo=False, opset_version=OPSET,
        input_names=[name], output_names=["logits"],
        dynamic_axes={name: {0: "N"}, "logits": {0: "N"}},
    )
    return onnx.load_from_string(stream.getvalue())


def serialise(body: Body, channels: int, side: int, precision: str) -> bytes:
    model = store(in_float(body, channels, side), precision)
    onnx.checker.check_model(model, full_check=True)
    return model.SerializeToString(deterministic=True)


def store(model: onnx.ModelProto, precision: str) -> onnx.ModelProto:
    """Each float32 initialiser becomes a small one, a Cast, and a Mul where it has scales."""
    graph, added, scale_tensors = model.graph, [], []
    for tensor in graph.initializer:
        if tensor.data_type != TensorProto.FLOAT:
            continue
        name = tensor.name
        values, scales = stored(torch.from_numpy(numpy_helper.to_array(tensor).copy()), precision)
        tensor.CopyFrom(numpy_helper.from_array(values, name + ".stored"))
        target = name if scales is None else name + ".cast"
        added.append(helper.make_node("Cast", [name + ".stored"], [target], to=TensorProto.FLOAT,
                                      name=name + ".to-float"))
        if scales is not None:
            scale_tensors.append(numpy_helper.from_array(scales, name + ".scale"))
            added.append(helper.make_node("Mul", [target, name + ".scale"], [name],
                                          name=name + ".scaled"))
    graph.initializer.extend(scale_tensors)
    nodes = [*added, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)
    return model
